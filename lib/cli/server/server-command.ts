import { type Command, Option } from 'commander';
import { AREAS } from '../../common-constants.js';
import { checkField, type Problem } from '../config/check.js';
import { CONFIG_VARIABLE } from '../config/environment.js';
import type { Layer, Values } from '../config/layers.js';
import { LOG_CHOICES, type LogChoice, SERVER_SETTINGS } from '../config/server-settings.js';
import { usageError } from '../terminal/failure.js';
import {
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
  /** Always there: true unless `--no-media` is given. */
  readonly media: boolean;
  readonly data?: string;
  readonly engine?: string;
  readonly nodeId?: string;
  readonly admin?: string;
  readonly adminHost?: readonly string[];
  readonly adminTokenFile?: string;
  readonly log?: LogChoice;
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
      'Runs a server until Ctrl-C or SIGTERM. Without a project to serve it is a development server for this machine: it makes up an ' +
        'App ID and an App certificate, and prints lines to paste that let two users chat.',
    )
    .option('--host <address>', 'address to listen on (default: all of them; 127.0.0.1 for a development server)')
    .addOption(
      new Option('-p, --port <port>', 'port to listen on; 0 takes any free one (default: 9136)').argParser(
        integerArgument(0, 65535),
      ),
    )
    .addOption(
      new Option(
        '--app <id[:certificate]>',
        'project to serve: its App ID and its App certificate, or the App ID alone, with which anybody may log in as any user. ' +
          'Repeatable. "ps" shows it to all users of this machine; --app-file does not',
      ).argParser(collect),
    )
    .option('--app-file <file>', 'file of projects to serve, a line <id>:<certificate> each; mode 0600')
    .addOption(appIdOption().hideHelp())
    .addOption(appCertificateOption().hideHelp())
    .option('--cert <file>', 'TLS certificate with its chain, PEM (default: a self-signed one, made for this run)')
    .option('--key <file>', 'private key of the TLS certificate, PEM')
    .option('--no-tls', 'no encryption, for tests only')
    .addOption(
      new Option(
        '--area <names>',
        'regions that the server belongs to, such as EU,AS, of CN, NA, EU, AS, JP, IN (default: all)',
      ).argParser(areaArgument),
    )
    .addOption(
      new Option(
        '--limits <profile>',
        'sdk: the sizes and call frequencies of SDK 1.5.0; off: no call frequencies, for bot farms (default: sdk)',
      ).choices(['sdk', 'off']),
    )
    .addOption(
      new Option('--loops <n>', 'threads for the connections; more of them use more cores (default: 1)').argParser(
        integerArgument(1, 64),
      ),
    )
    .option('--no-media', 'no files and images, and no folder for them')
    .option('--data <folder>', 'folder in which offline messages, history, files and images survive a restart')
    .option('--engine <url>', 'Redis that the nodes of a cluster share (redis://…); not together with --data')
    .option('--node-id <name>', 'name of this node of the cluster (default: the host name and a random part)')
    .option(
      '--admin <[host:]port>',
      'address of the pages for health checks and metrics, over HTTP; the host is 127.0.0.1 if none is given',
    )
    .addOption(
      new Option(
        '--admin-host <name>',
        'host name that requests to --admin may use besides its address; repeatable',
      ).argParser(collect),
    )
    .option(
      '--admin-token-file <file>',
      'file with a token that requests to --admin must carry as "Authorization: Bearer <token>"; mode 0600',
    )
    .addOption(
      new Option(
        '--drain-to <endpoint>',
        'server to which this one sends its clients when it stops; repeatable',
      ).argParser(collect),
    )
    .addOption(
      new Option('--drain-over <ms>', 'milliseconds over which it sends them away (default: 1000)').argParser(
        integerArgument(0, 3_600_000),
      ),
    )
    .addOption(
      new Option('--log <level>', 'level of the log, which goes to the error output (default: warning)').choices(
        LOG_CHOICES,
      ),
    )
    .addOption(
      new Option('--log-format <format>', 'form of the lines of the log (default: text)').choices(['text', 'json']),
    )
    .addOption(new Option('-c, --config <file>', 'file of settings, YAML or JSON').env(CONFIG_VARIABLE))
    .option('--check-config', 'say what is wrong with the settings, and end')
    .option('--print-config', 'print all settings but the secrets, and where each comes from, and end')
    .addHelpText(
      'after',
      `
Environment:
  RTM_SERVER_…                      every setting of docs/configuration.md, such as RTM_SERVER_LIMITS_MESSAGE_BYTES;
                                    it overrides the file of settings; the command line overrides both
  RTM_APP_ID, RTM_APP_CERTIFICATE   the project to serve, if nothing else names one

Signals:
  SIGINT, SIGTERM   the server sends its clients away and ends; a second Ctrl-C ends it at once
  SIGHUP            the server reads --cert and --key again, for new connections, and the rules in the file of --config;
                    without any of them like SIGTERM

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
    media: flags.media ? undefined : false,
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
    media: '--no-media',
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
