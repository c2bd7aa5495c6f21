import { RtmServer } from '../server/rtm-server.js';
import type { RtmServerOptions, RtmServerTls, ServerLog } from '../server/server-options.js';
import { checkServerOptions } from '../server/server-options.js';
import { createAppCredentials } from '../server/token.js';
import type { Layer } from './config/layers.js';
import {
  appsOf,
  printedConfig,
  readServerConfig,
  type ServerConfig,
  type ServerSettings,
  startOptions,
  tlsOf,
} from './config/server-config.js';
import { LOG_LEVELS, type LogLevel } from './config/server-settings.js';
import { usageError } from './failure.js';
import { type AppArgument, checkHex32 } from './options.js';
import { clock } from './printable.js';
import { banner } from './server-banner.js';
import type { Terminal } from './terminal.js';

/** What `rtm server` is asked for besides settings. */
export interface ServerOrders {
  readonly config?: string;
  readonly checkConfig?: boolean;
  readonly printConfig?: boolean;
  /** Also from `RTM_APP_ID` and `RTM_APP_CERTIFICATE`. */
  readonly appId?: string;
  readonly appCertificate?: string;
}

/** Over how long the clients of a server that stops are sent away. */
const DRAIN_MS = 1000;

export async function runServer(flags: Layer, orders: ServerOrders, terminal: Terminal): Promise<void> {
  const config = await readServerConfig(flags, terminal.env, orders.config);
  const { settings } = config;
  for (const warning of config.warnings) terminal.warn(`rtm: ${warning}`);
  const given = givenApps(settings, orders);
  const credentials = given.length === 0 ? createAppCredentials() : undefined;
  const apps = credentials ? [{ appId: credentials.appId, certificates: [credentials.appCertificate] }] : given;
  const tls = await tlsOf(settings);
  const options = startOptions(settings, apps, tls);
  if (settings.logFormat === 'json') throw usageError('--log-format json: not in this version');
  if (orders.checkConfig === true || orders.printConfig === true) {
    checkTogether(options, config);
    const lines = orders.printConfig === true ? printedConfig(config) : ['The settings are fine.'];
    for (const line of lines) terminal.print(line);
    return;
  }
  checkTogether(options, config);
  await serve(options, settings, { apps, credentials, tls, host: settings.host }, terminal);
}

async function serve(
  options: RtmServerOptions,
  settings: ServerSettings,
  facts: Omit<Parameters<typeof banner>[0], 'server' | 'terminal'>,
  terminal: Terminal,
): Promise<void> {
  let stopping = false;
  let running: RtmServer | undefined;
  const reload = typeof facts.tls === 'object' ? () => void reloadCertificate(running, settings, terminal) : undefined;
  const stopped = new Promise<void>((resolve) => {
    terminal.onInterrupt(resolve, reload);
  });
  const server = await RtmServer.start({ ...options, log: logTo(terminal, settings.log ?? 'warning', () => stopping) });
  running = server;
  try {
    for (const line of banner({ ...facts, server, terminal })) terminal.print(line);
    await stopped;
    stopping = true;
    const { sessions } = server.stats();
    terminal.print(
      sessions === 0 ? 'Stopping.' : `Stopping; logging ${sessions} ${sessions === 1 ? 'user' : 'users'} out.`,
    );
    const { endpoints = [], overMs = DRAIN_MS } = settings.drain ?? {};
    await server.drain({ endpoints, overMs: sessions === 0 ? 0 : overMs });
  } finally {
    await server.close();
  }
}

/** The apps of the settings; of `RTM_APP_ID` where they name none. */
function givenApps(settings: ServerSettings, { appId, appCertificate }: ServerOrders): readonly AppArgument[] {
  const apps = appsOf(settings);
  if (apps.length > 0) return apps;
  checkHex32('RTM_APP_ID', appId);
  checkHex32('RTM_APP_CERTIFICATE', appCertificate);
  if (appId !== undefined) return [{ appId, certificates: appCertificate === undefined ? [] : [appCertificate] }];
  if (appCertificate !== undefined) throw usageError('RTM_APP_CERTIFICATE is set, but RTM_APP_ID is not');
  return [];
}

/** What only shows when all settings are seen together, told with the place that the setting came from. */
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

/** A bad file is no reason to stop a server that runs. */
async function reloadCertificate(
  server: RtmServer | undefined,
  settings: ServerSettings,
  terminal: Terminal,
): Promise<void> {
  try {
    const tls: RtmServerTls | boolean = await tlsOf(settings);
    if (server?.listening !== true || typeof tls !== 'object') return;
    server.reloadCertificate(tls);
    terminal.print(`New certificate in use: ${server.connectString}`);
  } catch (error) {
    terminal.warn(`The old certificate stays in use: ${error instanceof Error ? error.message : String(error)}`);
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
