import { lookup } from 'node:dns/promises';
import { type Command, Option } from 'commander';
import { checkEndpoints } from '../../endpoints.js';
import { buildToken } from '../../server/token.js';
import { CliError, usageError } from '../terminal/failure.js';
import { appCertificateOption, appIdOption, checkHex32, warnOfCertificate } from '../terminal/options.js';
import type { Terminal } from '../terminal/terminal.js';
import { takeApart } from './endpoint.js';
import { type Identity, type Probe, probe } from './probe.js';
import { report } from './report.js';

interface DoctorOptions {
  readonly appId?: string;
  readonly appCertificate?: string;
  readonly token?: string;
  readonly user: string;
}

/** `rtm doctor`: tells what works on the way to each server, and what to do about what does not. */
export function addDoctorCommand(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .summary('find out why a login does not work')
    .description(
      'Goes the way of a login step by step and says in plain words what is wrong: the name of each server, every address over IPv6 ' +
        'and IPv4, TLS, area, round trip and clock. With an App ID it logs in too, and shows the limits.',
    )
    .argument('[endpoints...]', 'servers to look at (env: RTM_ENDPOINTS)')
    .addOption(appIdOption())
    .addOption(new Option('--token <token>', 'login token').env('RTM_TOKEN'))
    .addOption(appCertificateOption())
    .option('-u, --user <id>', 'the user that logs in, which ends a login that this user has elsewhere', 'rtm-doctor')
    .addHelpText(
      'after',
      `
Exit code 0 when every endpoint can be used, 1 when one cannot.

Examples:
  $ rtm doctor rtms://chat.example.com
  $ rtm doctor rtms://127.0.0.1:9136#sha256=<pin> --app-id <id>`,
    )
    .action((endpoints: string[], options: DoctorOptions, command: Command) => {
      warnOfCertificate(command, terminal);
      return runDoctor(endpoints, options, terminal);
    });
}

async function runDoctor(given: readonly string[], options: DoctorOptions, terminal: Terminal): Promise<void> {
  const endpoints = checkEndpoints(given.length === 0 ? terminal.env['RTM_ENDPOINTS'] : given).map(takeApart);
  const identity = identityOf(options);
  let unusable = 0;
  for (const endpoint of endpoints) {
    const since = performance.now();
    const found = await lookup(endpoint.host, { all: true, order: 'verbatim' }).catch((error: NodeJS.ErrnoException) =>
      String(error.code ?? error.message),
    );
    const resolved = { ms: performance.now() - since, ...(typeof found === 'string' ? { failure: found } : {}) };
    const addresses = typeof found === 'string' ? [] : [...new Set(found.map(({ address }) => address))];
    const probes: Probe[] = await Promise.all(addresses.map((address) => probe(endpoint, address)));
    // One login is enough: two at once would end each other.
    const working = probes.findIndex(({ reached }) => reached === 'done');
    if (identity !== undefined && working >= 0) {
      probes[working] = await probe(endpoint, addresses[working] as string, identity);
    }
    if (!report(terminal, endpoint, resolved, probes)) unusable++;
  }
  if (unusable > 0) {
    const which = endpoints.length === 1 ? 'the endpoint' : `${unusable} of ${endpoints.length} endpoints`;
    throw new CliError(`${which} cannot be used`);
  }
}

function identityOf({ appId, appCertificate, token, user }: DoctorOptions): Identity | undefined {
  checkHex32('--app-id', appId);
  checkHex32('--app-certificate', appCertificate);
  if (appId === undefined) {
    if (token !== undefined) throw usageError('a token needs its App ID: give --app-id or set RTM_APP_ID');
    return undefined;
  }
  if (token !== undefined) return { appId, userId: user, token };
  if (appCertificate === undefined) return { appId, userId: user, token: '' };
  return { appId, userId: user, token: buildToken({ appId, appCertificate, userId: user, expireSeconds: 60 }) };
}
