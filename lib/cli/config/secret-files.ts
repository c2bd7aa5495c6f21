// Secrets that stand in files of their own, and files with secrets that other users of the machine can read.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { looseFileLine, looseMode } from '../../open-to-others.js';
import { engineForPeople } from '../../server/cluster-node.js';
import { BEARER_TOKEN, isBearerToken } from '../../server/http/admin-access.js';
import { CliError, usageError } from '../terminal/failure.js';
import { type AppArgument, readApp } from '../terminal/options.js';
import { appsOf, type ServerConfig, type ServerSettings } from './server-config.js';

/** A file is small; what is larger is another file by mistake. */
const MOST_BYTES = 64 * 1024;

async function readSecret(option: string, path: string): Promise<string> {
  try {
    const text = await readFile(path, 'utf8');
    if (text.length <= MOST_BYTES) return text;
    throw new CliError(`${option}: ${path} has ${text.length} characters, expected at most ${MOST_BYTES}`);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(`${option}: cannot read ${path}${code === undefined ? '' : ` (${code})`}`);
  }
}

/** The projects of an app file: a line each, as `--app` takes them. Empty lines and comments (#) are ignored. */
export function appsOfFile(text: string, name: string): AppArgument[] {
  const apps: AppArgument[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const word = line.trim();
    if (word === '' || word.startsWith('#')) continue;
    apps.push(readApp(word, `${name}:${index + 1}`));
  }
  if (apps.length === 0) throw usageError(`${name}: expected a line <id>:<certificate> for each project, found none`);
  return apps;
}

/** The settings with what their secret files hold in its place. */
export async function withSecretFiles(settings: ServerSettings): Promise<ServerSettings> {
  const { appFile, adminTokenFile, apps = [], adminToken, callout } = settings;
  let read = settings;
  if (appFile !== undefined) {
    const more = appsOfFile(await readSecret('--app-file', appFile), basename(appFile));
    read = { ...read, apps: [...apps, ...more] };
  }
  if (adminTokenFile !== undefined) {
    if (adminToken !== undefined) throw usageError('adminToken and adminTokenFile exclude each other');
    const token = (await readSecret('--admin-token-file', adminTokenFile)).trim();
    if (!isBearerToken(token)) {
      throw usageError(
        `--admin-token-file: ${adminTokenFile}: expected ${BEARER_TOKEN}, got ${token.length} characters`,
      );
    }
    read = { ...read, adminToken: token };
  }
  if (callout !== undefined) {
    const { secretFile } = callout;
    if (secretFile === undefined) throw usageError('callout.secretFile: expected the path of a file, got none');
    const secret = (await readSecret('callout.secretFile', secretFile)).replace(/\r?\n$/, '');
    read = { ...read, callout: { ...callout, secret } };
  }
  return read;
}

/** A line for each file with a secret that other users of this machine can read or change. */
export function looseFileLines({ settings, sources }: ServerConfig, configFile: string | undefined): string[] {
  const { tls, appFile, adminTokenFile, callout } = settings;
  const files: [path: string | undefined, what: string][] = [
    [typeof tls === 'object' ? tls.keyFile : undefined, 'the private key'],
    [appFile, 'the App certificate'],
    [adminTokenFile, 'the admin token'],
    [callout?.secretFile, 'the secret of the callout'],
    [holdsSecret(settings, sources, configFile) ? configFile : undefined, 'the secret'],
  ];
  return files.flatMap(([path, what]) => {
    const mode = path === undefined ? undefined : looseMode(path);
    return path === undefined || mode === undefined ? [] : [looseFileLine(path, mode, what)];
  });
}

function holdsSecret(
  settings: ServerSettings,
  sources: ServerConfig['sources'],
  configFile: string | undefined,
): boolean {
  if (configFile === undefined) return false;
  const fromFile = (path: string) => sources.get(path)?.startsWith(`${basename(configFile)}:`) === true;
  const { engine } = settings;
  return (
    (fromFile('apps') && appsOf(settings).some(({ certificates }) => certificates.length > 0)) ||
    (fromFile('engine') && engine !== undefined && engineForPeople(engine) !== engine) ||
    fromFile('adminToken')
  );
}

/** A line for each secret on the command line, where `ps` shows it to every user of the machine. */
export function commandLineSecrets(given: { readonly app?: readonly string[]; readonly engine?: string }): string[] {
  const lines: string[] = [];
  if (given.app?.some((word) => word.includes(':')) === true) {
    lines.push(shownByPs('--app', 'the certificate', 'use --app-file or RTM_SERVER_APPS'));
  }
  if (given.engine !== undefined && engineForPeople(given.engine) !== given.engine) {
    lines.push(shownByPs('--engine', 'the password', 'use RTM_SERVER_ENGINE or a file for --config'));
  }
  return lines;
}

/** The warning about one secret on the command line. */
export function shownByPs(option: string, secret: string, instead: string): string {
  return `${option}: every user of this machine sees ${secret} in the list of processes; ${instead}`;
}
