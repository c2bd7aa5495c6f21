// The result of scripts/check-release.mjs as a table.

/** @typedef {{ name: string, root: string, runtime: string, installer: string, result: string, why?: string,
 *   installSeconds?: number, minuteSeconds?: number, megabytes?: number }} Row
 *  result: ok, failed, skipped or "not tried" */

/** @type {[string, (row: Row) => string][]} */
const columns = [
  ['case', ({ name }) => name],
  ['runtime', ({ runtime }) => runtime],
  ['installer', ({ installer }) => installer],
  ['result', ({ result }) => result],
  ['install s', ({ installSeconds }) => installSeconds?.toFixed(1) ?? ''],
  ['run s', ({ minuteSeconds }) => minuteSeconds?.toFixed(1) ?? ''],
  ['MB', ({ megabytes }) => megabytes?.toFixed(1) ?? ''],
  ['', ({ why }) => why ?? ''],
];
const numbers = ['install s', 'run s', 'MB'];

/** Lines with aligned columns; numbers stand to the right. */
export function table(rows) {
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index].length)));
  const align = (text, index) =>
    numbers.includes(columns[index][0]) ? text.padStart(widths[index]) : text.padEnd(widths[index]);
  return cells.map((line) => line.map(align).join('  ').trimEnd()).join('\n');
}

/** How many rows have each result, as words. */
export function summary(rows) {
  const results = ['ok', 'failed', 'skipped', 'not tried'];
  const counts = results.map((result) => [rows.filter((row) => row.result === result).length, result]);
  return counts
    .filter(([count]) => count > 0)
    .map(([count, result]) => `${count} ${result}`)
    .join(', ');
}
