import { type Command, Option } from 'commander';
import { checkField, type Problem } from '../config/check.js';
import { CONFIG_VARIABLE } from '../config/environment.js';
import type { Layer, Values } from '../config/layers.js';
import { LOG_LEVELS, type LogLevel, SERVER_SETTINGS } from '../config/server-settings.js';
import { usageError } from '../terminal/failure.js';
import {
  AREAS,
  appCertificateOption,
  appIdOption,
  areaArgument,
  collect,
  integerArgument,
  readApp,
} from '../terminal/options.js';
import type { Terminal } from '../terminal/terminal.js';
import { runServer, type ServerArguments } from './run-server.js';

/** Flags of the command line. An undefined flag leaves the choice to the environment or the file. */
export interface ServerFlags {
  readonly host?: string;
  readonly port?: number;
  readonly app?: readonly string[];
  readonly appFile?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Always there: true unless `--no-tls` is given. */
  readonly tls: boolean;
  readonly area?: number;
  readonly limits?: 'sdk' | 'off';
  readonly loops?: number;
  readonly data?: string;
  readonly engine?: string;
  readonly nodeId?: string;
  readonly admin?: string;
  readonly adminHost?: readonly string[];
  readonly adminTokenFile?: string;
  readonly log?: LogLevel;
  readonly logFormat?: 'text' | 'json';
  readonly drainTo?: readonly string[];
  readonly drainOver?: number;
}

/** `rtm server`: runs a server until Ctrl-C. */
export function addServerCommand(program: Command, terminal: Terminal): void {
  program
    .command('server')
    .summary('run a server')
    .description(
      'Runs a server until Ctrl-C or SIGTERM, which send its clients away first. Without an app it is a development server: it makes up an App ID and a certificate ' +
        'and prints lines to paste that let two users chat.',
    )
    .option('--host <address>', 'address to listen on (default: all of them; 127.0.0.1 for a development server)')
    .addOption(new Option('-p, --port <port>', '0: any free port (default: 9136)').argParser(integerArgument(0, 65535)))
    .addOption(
      new Option(
        '--app <id[:certificate]>',
        'project to serve; without a certificate anybody may log in; repeatable; "ps" shows it to all users of this machine',
      ).argParser(collect),
    )
    .option('--app-file <file>', 'projects to serve, a line <id>:<certificate> each; mode 0600')
    .addOption(appIdOption().hideHelp())
    .addOption(appCertificateOption().hideHelp())
    .option('--cert <file>', 'certificate chain, PEM (default: a self-signed one, made for this run)')
    .option('--key <file>', 'private key of the certificate, PEM')
    .option('--no-tls', 'no encryption, for tests only')
    .addOption(new Option('--area <names>', 'regions it belongs to: CN, NA, EU, AS, JP, IN').argParser(areaArgument))
    .addOption(new Option('--limits <profile>', 'what clients may do (default: sdk)').choices(['sdk', 'off']))
    .addOption(
      new Option('--loops <n>', 'threads that carry connections (default: 1)').argParser(integerArgument(1, 64)),
    )
    .option('--data <folder>', 'keep offline messages, history and media there; without it a restart forgets them')
    .option('--engine <url>', 'redis://… that the nodes of a cluster share, instead of --data')
    .option('--node-id <name>', 'name of this node of a cluster (default: the host and a random part)')
    .option('--admin <[host:]port>', 'health checks and metrics over HTTP; without a host on 127.0.0.1')
    .addOption(
      new Option('--admin-host <name>', 'name by which requests may name that address; repeatable').argParser(collect),
    )
    .option('--admin-token-file <file>', 'bearer token that it asks for; mode 0600')
    .addOption(
      new Option('--drain-to <endpoint>', 'where clients are sent when it stops; repeatable').argParser(collect),
    )
    .addOption(
      new Option('--drain-over <ms>', 'time over which they are sent away (default: 1000)').argParser(
        integerArgument(0, 3_600_000),
      ),
    )
    .addOption(new Option('--log <level>', 'log to the error output (default: warning)').choices(LOG_LEVELS))
    .addOption(new Option('--log-format <format>', 'form of its lines (default: text)').choices(['text', 'json']))
    .addOption(new Option('-c, --config <file>', 'settings in YAML or JSON').env(CONFIG_VARIABLE))
    .option('--check-config', 'check all settings, and end')
    .option('--print-config', 'print all settings without secrets and where each comes from, and end')
    .addHelpText(
      'after',
      `
Environment:
  RTM_SERVER_…                      every setting of docs/configuration.md, such as RTM_SERVER_LIMITS_MESSAGE_BYTES;
                                    stronger than the file, weaker than the command line
  RTM_APP_ID, RTM_APP_CERTIFICATE   project to serve if nothing else names one

Signals:
  SIGINT, SIGTERM   send the clients away, then end; a second Ctrl-C ends at once
  SIGHUP            reads the certificate and its key again, for new connections (without files: like SIGTERM)

Examples:
  $ rtm server
  $ rtm server --port 9136 --app-file apps --cert chain.pem --key key.pem
  $ rtm server --config rtm.yaml --admin 9137`,
    )
    .action((flags: ServerFlags & ServerArguments) => runServer(flagLayer(flags), flags, terminal));
}

/** The command line as a source of settings. */
function flagLayer(flags: ServerFlags): Layer {
  if ((flags.cert === undefined) !== (flags.key === undefined)) throw usageError('--cert and --key go together');
  if (flags.cert !== undefined && !flags.tls) throw usageError('--no-tls and --cert exclude each other');
  const values: Values = {
    host: flags.host,
    port: flags.port,
    apps: flags.app?.map((word) => readApp(word)),
    tls: flags.tls ? flags.cert && { certFile: flags.cert, keyFile: flags.key } : false,
    area: flags.area === undefined ? undefined : namesOf(flags.area),
    limits: flags.limits,
    loops: flags.loops,
    data: flags.data,
    engine: flags.engine,
    nodeId: flags.nodeId,
    admin: flags.admin,
    appFile: flags.appFile,
    adminHosts: flags.adminHost,
    adminTokenFile: flags.adminTokenFile,
    log: flags.log,
    logFormat: flags.logFormat,
    drain: present({ endpoints: flags.drainTo, overMs: flags.drainOver }),
  };
  const names: Readonly<Record<string, string>> = {
    apps: '--app',
    appFile: '--app-file',
    adminHosts: '--admin-host',
    adminTokenFile: '--admin-token-file',
    'tls.certFile': '--cert',
    'tls.keyFile': '--key',
    tls: '--no-tls',
    logFormat: '--log-format',
    nodeId: '--node-id',
    'drain.endpoints': '--drain-to',
    'drain.overMs': '--drain-over',
  };
  const sourceOf: Layer['sourceOf'] = (path) => {
    const name = path.filter((part) => typeof part === 'string').join('.');
    return names[name] ?? `--${name}`;
  };
  const problems: Problem[] = [];
  const checked = checkField(SERVER_SETTINGS, present(values) ?? {}, [], problems) as Values;
  if (problems.length > 0) {
    throw usageError(problems.map(({ path, message }) => `${sourceOf(path)}: ${message}`).join('\n'));
  }
  return { values: checked, sourceOf };
}

/** The values that are given; undefined if none is. */
function present(values: Values): Values | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function namesOf(bits: number): string[] {
  return Object.keys(AREAS).filter((name) => (bits & (AREAS[name] ?? 0)) !== 0);
}
