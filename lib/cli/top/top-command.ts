import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { readAdminAddress } from '../../server/http/admin-listener.js';
import type { RtmServerUsage } from '../../server/stats/usage.js';
import { CliError, usageError } from '../terminal/failure.js';
import { integerArgument } from '../terminal/options.js';
import { printable } from '../terminal/printable.js';
import type { Terminal } from '../terminal/terminal.js';

interface TopOptions {
  readonly admin: string;
  readonly tokenFile?: string;
  readonly count: number;
  readonly json?: boolean;
}

/** Time for an answer, in milliseconds. A server that has no time for this is asked for its health. */
const ANSWER_MS = 10_000;

/** `rtm top`: who takes the memory of a server on this machine. */
export function addTopCommand(program: Command, terminal: Terminal): void {
  program
    .command('top')
    .summary('show who takes the memory of a server')
    .description(
      'Asks a server on this machine, started with --admin, which Apps, users and channels take most of its memory, and for what.',
    )
    .addOption(
      new Option('--admin <address>', 'admin address of the server: a port of 127.0.0.1, or host:port')
        .env('RTM_SERVER_ADMIN')
        .default('9137'),
    )
    .addOption(
      new Option('--token-file <file>', 'file with the bearer token of the admin pages').env(
        'RTM_SERVER_ADMIN_TOKEN_FILE',
      ),
    )
    .addOption(
      new Option('-n, --count <users>', 'how many users, and channels').default(10).argParser(integerArgument(1, 100)),
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ rtm top
  $ rtm top --admin 9237 --count 50 --json`,
    )
    .action((options: TopOptions) => runTop(options, terminal));
}

async function runTop({ admin, tokenFile, count, json }: TopOptions, terminal: Terminal): Promise<void> {
  const address = readAdminAddress(admin);
  if (!address) throw usageError(`--admin: expected host:port, or a port of 127.0.0.1, got ${JSON.stringify(admin)}`);
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const url = `http://${host}:${address.port}/usage?users=${count}`;
  const token = tokenFile === undefined ? terminal.env['RTM_SERVER_ADMIN_TOKEN'] : await readToken(tokenFile);
  const headers = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) }).catch((error: unknown) => {
    const { cause } = error as { cause?: { code?: string } };
    throw new CliError(
      `no server answers at ${url} (${cause?.code ?? String(error)}); is it running, with --admin ${admin}?`,
    );
  });
  const body = await response.text();
  if (!response.ok) throw new CliError(`${url}: ${response.status}, ${body.trim()}`);
  const lines = json === true ? [body.trim()] : table(JSON.parse(body) as RtmServerUsage);
  for (const line of lines) terminal.print(line);
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw usageError(`--token-file: cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}

/** The answer as lines for people. */
export function table({ used, limit, apps, users, channels }: RtmServerUsage): string[] {
  const share = limit === 0 ? '' : `, ${Math.round((used / limit) * 100)} %`;
  const lines = [`memory ${size(used)} of ${size(limit)}${share}`, ''];
  lines.push(...columns([['APP', 'BYTES'], ...apps.map(({ appId, bytes }) => [appId, size(bytes)])]), '');
  if (users.length === 0) return [...lines, 'No user takes any.'];
  const rows = users.map(({ appId, userId, bytes, memory }) => {
    const most = Object.entries(memory).filter(([, taken]) => taken > 0);
    const parts = most.sort(([, a], [, b]) => b - a).slice(0, 3);
    const what = parts.map(([name, taken]) => `${name} ${size(taken)}`).join(', ');
    return [printable(userId), appId.slice(0, 8), size(bytes), what];
  });
  lines.push(...columns([['USER', 'APP', 'BYTES', 'MOST FOR'], ...rows]));
  if (channels.length === 0) return lines;
  const rooms = channels.map(({ appId, channelId, bytes, members }) => {
    return [printable(channelId), appId.slice(0, 8), size(bytes), String(members)];
  });
  return [...lines, '', ...columns([['CHANNEL', 'APP', 'BYTES', 'MEMBERS'], ...rooms])];
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** Three digits at least, such as `31.9 MiB`. */
function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Columns of one width; that of sizes is flush right. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const right = rows[0]?.indexOf('BYTES');
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  const cell = (text: string, at: number) =>
    at === right ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
