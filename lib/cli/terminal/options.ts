import { type Command, InvalidArgumentError, Option } from 'commander';
import { AREAS } from '../../common-constants.js';
import { usageError } from './failure.js';
import type { Terminal } from './terminal.js';

const HEX_32 = /^[0-9a-f]{32}$/i;

/**
 * Checks an App ID or certificate. Not an `argParser`: those quote the value in their message, and a certificate with a
 * typing mistake in it is still most of a secret.
 */
export function checkHex32(option: string, value: string | undefined): void {
  if (value !== undefined && !HEX_32.test(value)) throw usageError(`${option}: expected 32 hexadecimal characters`);
}

/** `--app-id`, also from `RTM_APP_ID`. */
export function appIdOption(): Option {
  return new Option('--app-id <id>', 'App ID of the project, 32 hexadecimal characters').env('RTM_APP_ID');
}

/** `--app-certificate`, also from `RTM_APP_CERTIFICATE`. */
export function appCertificateOption(): Option {
  return new Option('--app-certificate <certificate>', 'App certificate that signs tokens; a secret').env(
    'RTM_APP_CERTIFICATE',
  );
}

/** Warns of an App certificate on the command line, which `ps` shows. */
export function warnOfCertificate(command: Command, terminal: Pick<Terminal, 'warn'>): void {
  if (command.getOptionValueSource('appCertificate') !== 'cli') return;
  terminal.warn(
    'rtm: --app-certificate: every user of this machine sees it in the list of processes; use RTM_APP_CERTIFICATE',
  );
}

/** Reads an integer in a range. */
export function integerArgument(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

/** One project as `--app` names it. */
export interface AppArgument {
  readonly appId: string;
  readonly certificates: readonly string[];
}

/** Reads `id`, `id:certificate` or `id:certificate,previous`. `where`: for the message about another text. */
export function readApp(value: string, where = '--app'): AppArgument {
  const [appId = '', certificates, ...rest] = value.split(':');
  const list = certificates === undefined ? [] : certificates.split(',');
  if (rest.length > 0 || !HEX_32.test(appId) || !list.every((certificate) => HEX_32.test(certificate))) {
    throw usageError(`${where}: expected <id> or <id>:<certificate>, each 32 hexadecimal characters`);
  }
  return { appId, certificates: list };
}

/** Collects a repeated option. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Reads `EU`, or several as `EU,NA`. */
export function areaArgument(value: string): number {
  return value.split(/[,|]/).reduce((bits, name) => {
    const bit = AREAS[name.trim().toUpperCase()];
    if (bit === undefined) throw new InvalidArgumentError(`Expected ${Object.keys(AREAS).join(', ')}.`);
    return bits | bit;
  }, 0);
}
