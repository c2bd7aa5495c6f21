// What the abuse suite aims at, what it judges, and how it tells it.
import { figure } from '../lib/stats.mjs';
import { textTable } from '../lib/table.mjs';

export const MIB = 1024 * 1024;
/** The aims: how much slower a message, how slow a login, how long until all is as before, how dear a refusal may be, and
 * what one user may cost. */
export const AIM = { ratio: 3, loginMs: 2000, recoveredMs: 5000, cost: 3, userBytes: 32 * MIB };

const right = (title) => ({ title, align: 'right' });
const left = (title) => ({ title, align: 'left' });
const share = ({ done, failed }) => `${done}/${done + failed}`;

export const isTooDear = (full) => full !== undefined && full.most - full.before > AIM.userBytes;

export function fullUserTable({ before, at, most, after, waiting, reached, user }) {
  const mib = (bytes) => figure(bytes / MIB);
  const rows = [
    ['RssAnon before', mib(before)],
    ['RssAnon with a user at all of its limits', mib(at)],
    ['the most meanwhile', mib(most)],
    [
      'more than before',
      `${mib(most - before)}${most - before > AIM.userBytes ? ` (above ${AIM.userBytes / MIB})` : ''}`,
    ],
    ['RssAnon 3 s after it has left', mib(after)],
    ['by the ledger', mib(user?.bytes ?? Number.NaN)],
    ...Object.entries(user?.memory ?? {}).map(([name, bytes]) => [`  ${name}`, mib(bytes)]),
    ['waiting for its link', mib(waiting)],
    [
      'reached',
      Object.entries(reached)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ],
  ];
  return textTable([left('a user at its limits'), left('MiB')], rows);
}

/** What failed that must never fail, however slow the machine is. */
function failures({ failed: ofAttacker, attacked }) {
  const found = ofAttacker ? [`the attacker failed: ${ofAttacker}`] : [];
  for (const [what, { done, failed, why }] of Object.entries(attacked)) {
    if (failed > 0) found.push(`${failed} of ${done + failed} ${what} failed (${why})`);
    else if (done === 0) found.push(`no ${what} in all that time`);
  }
  return found;
}

/** What an attack did to the users and the server that must never be. */
export function wrongs(row, { memory }) {
  if (row.ended) return [row.why ?? 'the server ended'];
  const found = failures(row);
  if (row.memoryMost > memory) found.push(`RssAnon ${figure(row.memoryMost / MIB)} MiB, above ${figure(memory / MIB)}`);
  if (row.recoveredMs === undefined) found.push('not as before after 10 s');
  return found;
}

/** Aims that were missed, for people. */
export function misses(row, options) {
  const found = wrongs(row, options);
  if (row.ended || options.short) return found;
  const ratio = row.attacked.messages.p99 / row.quiet.messages.p99;
  if (ratio > AIM.ratio) found.push(`messages ${figure(ratio)}× as slow`);
  if (row.attacked.logins.p99 > AIM.loginMs) found.push('logins too slow');
  if (row.recoveredMs > AIM.recoveredMs) found.push('slow to recover');
  return found;
}

export function attackTable(rows, options) {
  const columns = [
    left('server'),
    left('attack'),
    right('times'),
    right('message p99 ms\nquiet'),
    right('attacked'),
    right('ratio'),
  ];
  columns.push(right('logins\nok'), right('login p99\nms'), right('stored\nok'), right('/healthz\nok'));
  columns.push(
    right('RssAnon MiB\nbefore'),
    right('most'),
    right('server\nCPU'),
    right('as before\nafter s'),
    left('missed'),
  );
  const cells = rows.map((row) => {
    const missed = misses(row, options).join('; ');
    if (row.ended) return [row.backend, row.attack, ...Array(12).fill('–'), missed];
    const { quiet, attacked } = row;
    return [
      ...[row.backend, row.attack, String(row.done), figure(quiet.messages.p99), figure(attacked.messages.p99)],
      ...[figure(attacked.messages.p99 / quiet.messages.p99), share(attacked.logins), figure(attacked.logins.p99)],
      ...[share(attacked.stored), share(attacked.health), figure(row.memoryBefore / MIB), figure(row.memoryMost / MIB)],
      ...[`${Math.round((row.cpu / options.attackSeconds) * 100)} %`, figure((row.recoveredMs ?? Number.NaN) / 1000)],
      missed || 'nothing',
    ];
  });
  return textTable(columns, cells);
}

export function costTable(rows) {
  const columns = [left('what'), right('times'), right('server CPU µs'), right('of a good one')];
  const cells = rows.map(({ name, count, micros, ratio, refused }) => {
    const missed = refused && ratio > AIM.cost ? ` (above ${AIM.cost})` : '';
    return [name, String(count), figure(micros), `${figure(ratio)}×${missed}`];
  });
  return textTable(columns, cells);
}

/** What a run under a sanitizer found that must not be. */
export function sanitizedWrongs({ rows, exit, reports }) {
  const found = reports.map((text) => `the sanitizer reported:\n${text}`);
  if (exit !== 'code 0') found.push(`expected the server to end with code 0, it ended with ${exit}`);
  if (rows.length === 0) found.push('no attack was played');
  for (const row of rows) found.push(...failures(row).map((text) => `${row.attack}: ${text}`));
  return found;
}

export function sanitizedTable({ sanitizer, rows }) {
  const columns = [left(`attack, ${sanitizer} sanitizer`), right('seconds'), right('times')];
  columns.push(right('messages\nok'), right('stored\nok'), right('logins\nok'), left('missed'));
  const cells = rows.map((row) => {
    const { messages, stored, logins } = row.attacked;
    const counts = [share(messages), share(stored), share(logins)];
    return [row.attack, figure(row.seconds), String(row.done), ...counts, failures(row).join('; ') || 'nothing'];
  });
  return textTable(columns, cells);
}

/** One line: what the users did under a sanitizer, and how the server ended. */
export function sanitizedLine({ sanitizer, rows, exit, reports }) {
  const sum = (what) => rows.reduce((total, { attacked }) => total + attacked[what].done, 0);
  const seconds = rows.reduce((total, row) => total + row.seconds, 0);
  const users = `${sum('messages')} messages, ${sum('stored')} stored and ${sum('logins')} logins of the users`;
  const ended = `${reports.length === 0 ? 'no' : reports.length} report${reports.length === 1 ? '' : 's'}`;
  return `${sanitizer}: ${rows.length} attacks in ${figure(seconds)} s, ${users}; ${ended}, the server ended with ${exit}`;
}
