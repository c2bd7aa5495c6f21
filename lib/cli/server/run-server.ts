import { engineForPeople } from '../../server/cluster-node.js';
import { checkServerOptions } from '../../server/options/check-options.js';
import { checkRules } from '../../server/options/rules.js';
import type { RtmServerOptions, RtmServerTls } from '../../server/options/server-options.js';
import { RtmServer } from '../../server/rtm-server.js';
import { createAppCredentials } from '../../server/token.js';
import { packageVersion } from '../../version.js';
import type { Layer } from '../config/layers.js';
import { commandLineSecrets, looseFileLines, withSecretFiles } from '../config/secret-files.js';
import {
  appsOf,
  type ConfiguredApp,
  printedConfig,
  readServerConfig,
  type ServerConfig,
  type ServerSettings,
  startOptions,
  tlsOf,
} from '../config/server-config.js';
import { CliError, exitCodeOf, usageError } from '../terminal/failure.js';
import { type AppArgument, checkHex32 } from '../terminal/options.js';
import type { Terminal } from '../terminal/terminal.js';
import { banner } from './server-banner.js';
import { errorFields, makeServerLogger, type ServerLogger, splitEvent } from './server-log.js';

/** Options of `rtm server` besides its settings. */
export interface ServerArguments {
  readonly config?: string;
  readonly checkConfig?: boolean;
  readonly printConfig?: boolean;
  /** Also from `RTM_APP_ID` and `RTM_APP_CERTIFICATE`. */
  readonly appId?: string;
  readonly appCertificate?: string;
  /** As they stand on the command line. */
  readonly app?: readonly string[];
  readonly engine?: string;
}

/** A server that stops sends its clients away over this time, in milliseconds. */
const DRAIN_MS = 1000;

export async function runServer(flags: Layer, orders: ServerArguments, terminal: Terminal): Promise<void> {
  const config = await readServerConfig(flags, terminal.env, orders.config);
  const settings = await withSecretFiles(config.settings);
  for (const warning of config.warnings) terminal.warn(`rtm: ${warning}`);
  const open = [...commandLineSecrets(orders), ...looseFileLines(config, orders.config)];
  const given = givenApps(settings, orders);
  const credentials = given.length === 0 ? createAppCredentials() : undefined;
  const apps = credentials ? [{ appId: credentials.appId, certificates: [credentials.appCertificate] }] : given;
  const tls = await tlsOf(settings);
  // A server that generates its own project listens on loopback only, because only its owner knows the project.
  const host = settings.host ?? (credentials === undefined ? undefined : '127.0.0.1');
  const options = startOptions({ ...settings, ...(host !== undefined && { host }) }, apps, tls);
  if (orders.checkConfig === true || orders.printConfig === true) {
    checkTogether(options, config);
    const lines = orders.printConfig === true ? printedConfig(config) : ['The settings are fine.'];
    for (const line of lines) terminal.print(line);
    for (const line of open) terminal.warn(`rtm: ${splitEvent(line).message}`);
    return;
  }
  checkTogether(options, config);
  const engine = settings.engine === undefined ? undefined : engineForPeople(settings.engine);
  const facts = { apps, credentials, tls, host, data: settings.data, engine };
  const readAgain =
    orders.config === undefined ? undefined : () => readServerConfig(flags, terminal.env, orders.config);
  await serve(options, settings, readAgain, facts, open, terminal);
}

async function serve(
  options: RtmServerOptions,
  settings: ServerSettings,
  readAgain: (() => Promise<ServerConfig>) | undefined,
  facts: Omit<Parameters<typeof banner>[0], 'server' | 'terminal'>,
  warnings: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const log = await makeServerLogger(settings.logFormat ?? 'text', settings.log ?? 'warning', terminal);
  for (const line of warnings) log.sink?.('warning', line);
  let running: RtmServer | undefined;
  const parts = [
    ...(typeof facts.tls === 'object' ? [() => reloadCertificate(running, settings, log)] : []),
    ...(readAgain ? [() => reloadRules(running, facts.apps, readAgain, log)] : []),
  ];
  const reload = parts.length === 0 ? undefined : () => parts.forEach((part) => void part());
  const stopped = new Promise<void>((resolve) => {
    terminal.onInterrupt(resolve, reload);
  });
  const server = await start({ ...options, log: log.sink, ownsProcess: true }, log);
  running = server;
  try {
    // Nothing but the banner says what a development server made up.
    if (log.forPeople || facts.credentials) {
      for (const line of banner({ ...facts, server, terminal })) terminal.print(line);
    }
    const { port, fingerprint, adminUrl } = server;
    const apps = facts.apps.map(({ appId }) => appId);
    log.tell('start', 'the server is ready', {
      version: packageVersion,
      port,
      fingerprint,
      admin: adminUrl,
      apps,
      data: facts.data,
      engine: facts.engine,
      node: server.nodeId,
    });
    await stopped;
    log.stopping();
    const { sessions } = server.stats();
    const { endpoints = [], overMs = DRAIN_MS } = settings.drain ?? {};
    const what =
      sessions === 0 ? 'Stopping.' : `Stopping; logging ${sessions} ${sessions === 1 ? 'user' : 'users'} out.`;
    log.tell('drain', what, { sessions, endpoints, overMs });
    await server.drain({ endpoints, overMs: sessions === 0 ? 0 : overMs });
  } finally {
    await server.close();
    log.tell('stop', 'the server has stopped');
  }
}

async function start(options: RtmServerOptions, log: ServerLogger): Promise<RtmServer> {
  try {
    return await RtmServer.start(options);
  } catch (error) {
    if (log.forPeople) throw error;
    const { message, ...fields } = errorFields(error);
    log.tell('start-failed', message, fields);
    throw new CliError('', exitCodeOf(error)); // has been told
  }
}

/** The apps of the settings; of `RTM_APP_ID` where they name none. */
function givenApps(settings: ServerSettings, { appId, appCertificate }: ServerArguments): readonly ConfiguredApp[] {
  const apps = appsOf(settings);
  if (apps.length > 0) return apps;
  checkHex32('RTM_APP_ID', appId);
  checkHex32('RTM_APP_CERTIFICATE', appCertificate);
  if (appId !== undefined) return [{ appId, certificates: appCertificate === undefined ? [] : [appCertificate] }];
  if (appCertificate !== undefined) throw usageError('RTM_APP_CERTIFICATE is set, but RTM_APP_ID is not');
  return [];
}

/** Checks that need all settings together. An error names the source of the setting. */
function checkTogether(options: RtmServerOptions, { sources }: ServerConfig): void {
  try {
    checkServerOptions(options);
  } catch (error) {
    if (!(error instanceof TypeError) || !('argument' in error)) throw error;
    const path = String(error.argument).replace(/^options\./, '');
    const source = [...sources].find(([each]) => path.startsWith(each) || each.startsWith(path))?.[1];
    throw usageError(`${source === undefined ? '' : `${source}: `}${error.message.replace(/^options\./, '')}`);
  }
}

/** Sets the rules of the apps that are served. A bad file does not stop a running server. */
async function reloadRules(
  server: RtmServer | undefined,
  served: readonly AppArgument[],
  readAgain: () => Promise<ServerConfig>,
  log: ServerLogger,
): Promise<void> {
  try {
    const apps = appsOf((await readAgain()).settings);
    if (server?.listening !== true) return;
    for (const [index, { rules = [] }] of apps.entries()) checkRules(rules, `apps[${index}].rules`); // all or none
    let count = 0;
    for (const { appId } of served) {
      const { rules = [] } = apps.find((app) => app.appId === appId) ?? {};
      await server.setRules(appId, rules);
      count += rules.length;
    }
    log.tell('rules', `Rules read again: ${count} in use.`, { rules: count });
  } catch (error) {
    log.tell('rules-refused', `The old rules stay in use: ${errorFields(error).message}`);
  }
}

/** Replaces the certificate. A bad file does not stop a running server. */
async function reloadCertificate(
  server: RtmServer | undefined,
  settings: ServerSettings,
  log: ServerLogger,
): Promise<void> {
  try {
    const tls: RtmServerTls | boolean = await tlsOf(settings);
    if (server?.listening !== true || typeof tls !== 'object') return;
    server.reloadCertificate(tls);
    log.tell('certificate', `New certificate in use: ${server.connectString}`, { fingerprint: server.fingerprint });
  } catch (error) {
    log.tell('certificate-refused', `The old certificate stays in use: ${errorFields(error).message}`);
  }
}
