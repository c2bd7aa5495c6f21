// From the settings of all sources to what a server is started with.
import { readFile } from 'node:fs/promises';
import { AREAS } from '../../common-constants.js';
import { engineForPeople } from '../../server/cluster-node.js';
import type {
  RtmServerCallout,
  RtmServerOptions,
  RtmServerRule,
  RtmServerTls,
} from '../../server/options/server-options.js';
import { CliError, usageError } from '../terminal/failure.js';
import type { AppArgument } from '../terminal/options.js';
import { readEnvironment } from './environment.js';
import { readConfigFile } from './file.js';
import { type Layer, type Merged, merge, type Values } from './layers.js';
import { type LogChoice, SERVER_SETTINGS } from './server-settings.js';

/** The checked settings that `SERVER_SETTINGS` describes. */
export interface ServerSettings
  extends Omit<
    RtmServerOptions,
    'tls' | 'area' | 'log' | 'store' | 'clusterEngine' | 'ownsProcess' | 'authorize' | 'callout'
  > {
  readonly tls?: boolean | { readonly certFile?: string; readonly keyFile?: string };
  readonly area?: readonly string[];
  readonly callout?: RtmServerCallout & { readonly secretFile?: string };
  readonly log?: LogChoice;
  readonly logFormat?: 'text' | 'json';
  readonly appFile?: string;
  readonly adminTokenFile?: string;
  readonly drain?: { readonly endpoints?: readonly string[]; readonly overMs?: number };
}

export interface ServerConfig extends Merged {
  readonly settings: ServerSettings;
  /** Warnings about settings that are odd but accepted. */
  readonly warnings: readonly string[];
}

/**
 * Reads all sources: flags over environment over file.
 *
 * @throws CliError that tells everything that is wrong, a line each
 */
export async function readServerConfig(
  flags: Layer,
  env: NodeJS.ProcessEnv,
  file: string | undefined,
): Promise<ServerConfig> {
  const fromFile = file === undefined ? undefined : await readConfigFile(SERVER_SETTINGS, file);
  const fromEnvironment = readEnvironment(SERVER_SETTINGS, env);
  const problems = [...(fromFile?.problems ?? []), ...fromEnvironment.problems];
  if (problems.length > 0) throw usageError(problems.join('\n'));
  const layers = [...(fromFile ? [fromFile.layer] : []), fromEnvironment.layer, flags];
  const merged = merge(SERVER_SETTINGS, layers);
  return { ...merged, settings: merged.values as unknown as ServerSettings, warnings: fromEnvironment.warnings };
}

/** An app of the settings; only a file has rules. */
export interface ConfiguredApp extends AppArgument {
  readonly rules?: readonly RtmServerRule[];
}

/** The apps with their certificates in one form. */
export function appsOf({ apps = [] }: Pick<ServerSettings, 'apps'>): ConfiguredApp[] {
  return apps.map(({ appId, certificate, certificates, rules }, index) => {
    if (certificate !== undefined && certificates !== undefined) {
      throw usageError(`apps[${index}]: expected either "certificate" or "certificates", got both`);
    }
    const all = certificates ?? (certificate === undefined ? [] : [certificate]);
    return { appId, certificates: all, ...(rules && { rules }) };
  });
}

/** The options for {@link RtmServer.start}, without the log. */
export function startOptions(
  settings: ServerSettings,
  apps: readonly ConfiguredApp[],
  tls: RtmServerTls | boolean,
): RtmServerOptions {
  const {
    area,
    tls: _files,
    callout,
    log: _log,
    logFormat: _form,
    drain: _drain,
    appFile: _apps,
    adminTokenFile: _token,
    ...same
  } = settings;
  const { secretFile: _secret, ...asked } = callout ?? {};
  return {
    ...same,
    apps,
    tls,
    ...(callout && { callout: asked }),
    area: (area ?? []).reduce((bits, name) => bits | (AREAS[name] ?? 0), 0),
  };
}

/** The certificate and key that the settings name, read now. */
export async function tlsOf({ tls = true }: ServerSettings): Promise<RtmServerTls | boolean> {
  if (typeof tls === 'boolean') return tls;
  const { certFile, keyFile } = tls;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw usageError('--cert and --key (in a file tls.certFile and tls.keyFile) go together');
  }
  if (certFile === undefined || keyFile === undefined) return true;
  return { cert: await readPem('--cert', certFile), key: await readPem('--key', keyFile) };
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(`${option}: cannot read ${path}${code === undefined ? '' : ` (${code})`}`);
  }
}

const MASK = '********';

/** The settings as lines: path, value without secrets, and where it came from. Defaults are not listed. */
export function printedConfig({ values, sources }: Merged): string[] {
  const lines = [...sources].map(([path, source]) => {
    const value = path.split('.').reduce<unknown>((at, name) => (at as Values)[name], values);
    return { left: `${path}: ${JSON.stringify(masked(path, value))}`, source };
  });
  const width = Math.min(60, Math.max(0, ...lines.map(({ left }) => left.length)));
  return lines.map(({ left, source }) => `${left.padEnd(width)}  # ${source}`);
}

function masked(path: string, value: unknown): unknown {
  if (path === 'adminToken') return MASK;
  if (path === 'apps') return appsOf({ apps: value as RtmServerOptions['apps'] }).map(maskApp);
  if (path !== 'engine' || typeof value !== 'string') return value;
  return engineForPeople(value, MASK);
}

function maskApp({ certificates, ...others }: ConfiguredApp) {
  return { ...others, certificates: certificates.map(() => MASK) };
}
