// Runs rounds over all systems of a measure. Each round contains every system, so a slow minute of the machine affects all
// systems alike.
import { advantage, figure, range, spread, times } from './stats.mjs';
import { textTable, wrapped } from './table.mjs';

const keyOf = (unit, row) => JSON.stringify([unit.variant.name, row]);

/**
 * Runs a measure. Returns { rows: [{ system, variant, row, rounds: [metrics], failure? }] }. A failed round is missing in
 * `rounds`, and `failure` has the reason.
 */
export async function runMeasure(measure, options, progress) {
  const units = measure.units(options);
  const rows = new Map();
  for (const unit of units) {
    for (const row of unit.rows) {
      rows.set(keyOf(unit, row), { system: unit.system.name, variant: unit.variant, row, rounds: [] });
    }
  }
  const start = performance.now();
  for (let round = 0; round < options.rounds; round += 1) {
    for (let index = 0; index < units.length; index += 1) {
      // Each round begins with another system, so that no system always follows the same one.
      const unit = units[(index + round) % units.length];
      const seconds = Math.round((performance.now() - start) / 1000);
      const place = `${round * units.length + index + 1}/${options.rounds * units.length}`;
      progress(`${measure.name} ${place}, ${seconds} s: ${unit.variant.name} ${Object.values(unit.rows[0]).join(' ')}`);
      try {
        await measure.run(unit, options, (row, metrics) => {
          rows.get(keyOf(unit, row)).rounds[round] = metrics;
        });
      } catch (error) {
        for (const row of unit.rows) {
          const entry = rows.get(keyOf(unit, row));
          if (entry.rounds[round] === undefined) entry.failure = error.message;
        }
      }
    }
  }
  return { rows: summarised(measure, [...rows.values()]) };
}

/** Adds to each row the medians and spreads of its metrics, and in `better` how many times better ours is in the same rounds. */
export function summarised(measure, rows) {
  const values = (entry, metric) => entry.rounds.map((metrics) => metrics?.[metric]);
  return rows.map((entry) => {
    const done = entry.rounds.filter((metrics) => metrics !== undefined);
    const metrics = {};
    for (const name of Object.keys(done[0] ?? {})) metrics[name] = spread(done.map((sample) => sample[name]));
    const base = rows.find((one) => one.variant.name === 'ours' && sameRow(one.row, entry.row));
    const compared = base !== undefined && entry.system !== 'ours';
    const better = measure.compared.map(({ metric, better }) =>
      compared ? advantage(values(base, metric), values(entry, metric), better) : Number.NaN,
    );
    return { ...entry, metrics, better };
  });
}

function sameRow(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Columns and cells of the table of a measure. */
export function tableOf(measure, rows) {
  const compared = rows.some(({ better }) => better.some(Number.isFinite));
  const columns = [
    { title: 'system', align: 'left' },
    ...measure.columns.map(({ title, text }) => ({ title, align: text === undefined ? 'right' : 'left' })),
    ...(compared
      ? measure.compared.map(({ title }, index) => ({ title: `${index ? '' : 'ours is'}\n${title}`, align: 'right' }))
      : []),
  ];
  const groups = [...new Set(rows.map(({ row }) => measure.groupBy(row)))];
  const ordered = groups.flatMap((group) => rows.filter(({ row }) => measure.groupBy(row) === group));
  const cells = ordered.map((entry) => [
    entry.failure === undefined ? entry.variant.name : `${entry.variant.name} *`,
    ...measure.columns.map((column) => {
      if (column.text !== undefined) return column.text(entry);
      const value = entry.metrics[column.metric];
      if (value === undefined) return '–';
      return column.range ? range(value) : figure(value.median);
    }),
    ...(compared ? entry.better.map(times) : []),
  ]);
  return { columns, cells };
}

/** A line for each row that failed in a round. Rows with the same failure share a line. */
export function failuresOf(rows) {
  const failed = new Map();
  for (const { variant, row, rounds, failure } of rows) {
    if (failure === undefined) continue;
    const whole = rounds.filter((metrics) => metrics !== undefined).length;
    const what = [variant.name, ...Object.values(row)].join(' ');
    failed.set(failure, [...(failed.get(failure) ?? []), `${what} (${whole} rounds counted)`]);
  }
  return [...failed].map(([failure, rowsOfIt]) => `* ${rowsOfIt.join(', ')}: ${failure}`);
}

/** The whole text about one measure, for a terminal. */
export function textOf(measure, options, { rows }) {
  const { columns, cells } = tableOf(measure, rows);
  const head = wrapped(`${measure.title}: ${measure.about(options)}`);
  const notes = failuresOf(rows).map((line) => wrapped(line));
  return [head, '', textTable(columns, cells), ...notes].join('\n');
}
