import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { RtmServer } from '../server/rtm-server.js';
import type { RtmServerOptions, RtmServerTls, ServerLog } from '../server/server-options.js';
import { createAppCredentials } from '../server/token.js';
import { CliError, usageError } from './failure.js';
import {
  type AppArgument,
  appCertificateOption,
  appIdOption,
  areaArgument,
  checkHex32,
  collect,
  integerArgument,
  readApp,
} from './options.js';
import { clock } from './printable.js';
import { banner } from './server-banner.js';
import type { Terminal } from './terminal.js';

interface ServerCommandOptions {
  readonly host?: string;
  readonly port: number;
  readonly app?: readonly string[];
  readonly appId?: string;
  readonly appCertificate?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly tls: boolean;
  readonly area?: number;
  readonly limits: 'sdk' | 'off';
  readonly loops: number;
  readonly log: LogLevel;
}

const LOG_LEVELS = ['off', 'critical', 'error', 'warning', 'info', 'debug'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

/** Over how long the clients of a server that stops are sent away. */
const DRAIN_MS = 1000;

/** `rtm server`: runs a server until Ctrl-C. */
export function addServerCommand(program: Command, terminal: Terminal): void {
  program
    .command('server')
    .summary('run a server')
    .description(
      'Runs a server until Ctrl-C or SIGTERM, which send its clients away first. Without an app it is a development server: it makes up an App ID and a certificate ' +
        'and prints lines to paste that let two users chat.',
    )
    .option('--host <address>', 'address to listen on (default: all of them)')
    .addOption(new Option('-p, --port <port>', '0: any free port').default(9136).argParser(integerArgument(0, 65535)))
    .addOption(
      new Option(
        '--app <id[:certificate]>',
        'project to serve; without a certificate anybody may log in; repeatable',
      ).argParser(collect),
    )
    .addOption(appIdOption().hideHelp())
    .addOption(appCertificateOption().hideHelp())
    .option('--cert <file>', 'certificate chain, PEM (default: a self-signed one, made for this run)')
    .option('--key <file>', 'private key of the certificate, PEM')
    .option('--no-tls', 'no encryption, for tests only')
    .addOption(new Option('--area <names>', 'regions it belongs to: CN, NA, EU, AS, JP, IN').argParser(areaArgument))
    .addOption(new Option('--limits <profile>', 'what clients may do').choices(['sdk', 'off']).default('sdk'))
    .addOption(
      new Option('--loops <n>', 'threads that carry connections').default(1).argParser(integerArgument(1, 256)),
    )
    .addOption(new Option('--log <level>', 'log to the error output').choices(LOG_LEVELS).default('warning'))
    .addHelpText(
      'after',
      `
Environment:
  RTM_APP_ID, RTM_APP_CERTIFICATE   project to serve if there is no --app; keeps the secret out of the process list

Signals:
  SIGINT, SIGTERM   send the clients away within a second, then end; a second Ctrl-C ends at once
  SIGHUP            reads --cert and --key again, for new connections (without them: like SIGTERM)

Examples:
  $ rtm server
  $ rtm server --port 9136 --app <id>:<certificate> --cert chain.pem --key key.pem`,
    )
    .action((options: ServerCommandOptions) => runServer(options, terminal));
}

async function runServer(options: ServerCommandOptions, terminal: Terminal): Promise<void> {
  const given = appsOf(options);
  const credentials = given.length === 0 ? createAppCredentials() : undefined;
  const apps = credentials ? [{ appId: credentials.appId, certificates: [credentials.appCertificate] }] : given;
  const tls = await tlsOf(options);
  let stopping = false;
  const settings: RtmServerOptions = {
    host: options.host,
    port: options.port,
    apps,
    tls,
    area: options.area,
    limits: options.limits,
    loops: options.loops,
    log: logTo(terminal, options.log, () => stopping),
  };

  let running: RtmServer | undefined;
  const reload = typeof tls === 'object' ? () => void reloadCertificate(running, options, terminal) : undefined;
  const stopped = new Promise<void>((resolve) => {
    terminal.onInterrupt(resolve, reload);
  });
  const server = await RtmServer.start(settings);
  running = server;
  try {
    for (const line of banner({ server, apps, credentials, tls, host: options.host, terminal })) terminal.print(line);
    await stopped;
    stopping = true;
    const { sessions } = server.stats();
    terminal.print(
      sessions === 0 ? 'Stopping.' : `Stopping; logging ${sessions} ${sessions === 1 ? 'user' : 'users'} out.`,
    );
    await server.drain({ overMs: sessions === 0 ? 0 : DRAIN_MS });
  } finally {
    await server.close();
  }
}

function appsOf({ app, appId, appCertificate }: ServerCommandOptions): readonly AppArgument[] {
  if (app !== undefined) return app.map(readApp);
  checkHex32('RTM_APP_ID', appId);
  checkHex32('RTM_APP_CERTIFICATE', appCertificate);
  if (appId !== undefined) return [{ appId, certificates: appCertificate === undefined ? [] : [appCertificate] }];
  if (appCertificate !== undefined) throw usageError('RTM_APP_CERTIFICATE is set, but RTM_APP_ID is not');
  return [];
}

async function tlsOf({ tls, cert, key }: ServerCommandOptions): Promise<RtmServerTls | boolean> {
  if ((cert === undefined) !== (key === undefined)) throw usageError('--cert and --key go together');
  if (cert === undefined || key === undefined) return tls;
  if (!tls) throw usageError('--no-tls and --cert exclude each other');
  return { cert: await readPem('--cert', cert), key: await readPem('--key', key) };
}

/** A bad file is no reason to stop a server that runs. */
async function reloadCertificate(
  server: RtmServer | undefined,
  options: ServerCommandOptions,
  terminal: Terminal,
): Promise<void> {
  try {
    const tls = await tlsOf(options);
    if (server?.listening !== true || typeof tls !== 'object') return;
    server.reloadCertificate(tls);
    terminal.print(`New certificate in use: ${server.connectString}`);
  } catch (error) {
    terminal.warn(`The old certificate stays in use: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(`${option}: cannot read ${path}${code === undefined ? '' : ` (${code})`}`);
  }
}

/** At the end every connection is closed with a warning; that is not worth a line each. */
function logTo(terminal: Terminal, most: LogLevel, stopping: () => boolean): ServerLog | undefined {
  const last = LOG_LEVELS.indexOf(most);
  if (last === 0) return undefined;
  return (level, line) => {
    if (stopping() && level === 'warning') return;
    if (LOG_LEVELS.indexOf(level) <= last) terminal.warn(`${clock(Date.now())} ${level} ${line}`);
  };
}
