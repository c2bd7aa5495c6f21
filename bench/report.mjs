// Writes the results of a run: docs/benchmarks.md and a chart for each measure. Nobody edits these files by hand.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failuresOf, tableOf } from './lib/runner.mjs';
import { barChart } from './lib/svg.mjs';
import { markdownTable } from './lib/table.mjs';

/**
 * Bars of a measure's main metric, with a panel for each group of rows. A measure with `plots` ([{ metric, title }]) shows these
 * metrics instead. A measure with `labelOf` names its bars with this function instead of by the system.
 */
export function chartOf(measure, rows) {
  const groups = [...new Set(rows.map(({ row }) => measure.groupBy(row)))];
  const plots = measure.plots ?? [{ metric: measure.metric }];
  const panelOf = (group, { metric, title }) => ({
    title: title === undefined ? group : `${group}: ${title}`,
    bars: rows
      .filter(({ row }) => measure.groupBy(row) === group)
      .map(({ system, variant, row, metrics }) => {
        const { median, low, high } = metrics[metric] ?? { median: Number.NaN };
        return { label: measure.labelOf?.(row) ?? variant.name, value: median, low, high, ours: system === 'ours' };
      }),
  });
  const panels = groups.flatMap((group) => plots.map((plot) => panelOf(group, plot)));
  const unit = `${measure.unit}; ${measure.compared[0].better === 'high' ? 'more' : 'less'} is better; the line is the spread`;
  return barChart({ title: measure.title, unit, panels });
}

/** The lines of one measure. `note` marks a section that is newer than its page. */
function sectionOf({ measure, rows }, options, note) {
  const { columns, cells } = tableOf(measure, rows);
  const lines = [`## ${measure.title}`, '', measure.about(options), ''];
  if (note !== undefined) lines.push(note, '');
  lines.push(markdownTable(columns, cells), '');
  for (const failure of failuresOf(rows)) lines.push(failure.replace(/^\*/, '\\*'), '');
  lines.push(`![${measure.title}: ${measure.unit}](benchmarks/${measure.name}.svg)`);
  return lines.join('\n');
}

/** Replaces the sections of `results` in `page`. Each new section names its commit. */
export function renewedPage(page, { about, command, results, options }) {
  const note =
    `Measured again, later than the rest of this page, by \`${command}\`: commit ${about.commit}, ` +
    `${options.rounds} rounds, load when it began ${about.loadAtStart.toFixed(2)}.`;
  let text = page;
  for (const result of results) {
    const from = text.indexOf(`\n## ${result.measure.title}\n`) + 1;
    if (from === 0) throw new Error(`the page has no section "${result.measure.title}" yet; run a whole report`);
    const next = text.indexOf('\n## ', from);
    const rest = next === -1 ? '\n' : `\n${text.slice(next)}`;
    text = text.slice(0, from) + sectionOf(result, options, note) + rest;
  }
  return text;
}

/** The page as text. `results`: [{ measure, rows }]. */
export function pageOf({ about, command, minutes, results, missing, options, versions }) {
  const peers = options.systems.map((system) => `- **${system.name}** (${versions[system.name]}): ${system.how}`);
  const lines = [
    '# Benchmarks',
    '',
    `Written by \`${command}\`, which took ${minutes} minutes. Nobody edits this page by hand.`,
    '',
    '| | |',
    '|---|---|',
    `| machine | ${about.cores} cores of ${about.cpu}, ${about.memoryGiB} GiB |`,
    `| system | Linux ${about.kernel}, TCP congestion control ${about.congestionControl}, loopback |`,
    `| load when it began | ${about.loadAtStart.toFixed(2)} |`,
    `| versions | Node ${about.node} (OpenSSL ${about.openssl}), rtm-native ${about.package}, commit ${about.commit} |`,
    `| rounds | ${options.rounds}, interleaved: each round runs every system once and starts with another system |`,
    '',
    'Figures are medians of the rounds; "lowest–highest" is their spread. "Ours is faster, cheaper …" compares ours with the',
    'system of the row: the median of the ratios within each round. Compare figures of one page only, because another',
    'machine or another day changes all of them. CPU is user and system time of all threads of a process.',
    '',
    '## How each system is used',
    '',
    'Everything is encrypted and runs on one machine. Each server and each side of clients is a process of its own, set up for',
    'high throughput as its documentation says. All systems get the same load from the same code: numbered texts, a bounded',
    'number in flight, and a receiver that checks that each text comes once and in order. If a system has no acknowledgement',
    'by the receiver, the receiver sends one credit back for each quarter of the window, so that no system wins by filling',
    'buffers. Ours acknowledges, orders, validates and counts limits as in any program; nothing is built for the benchmark.',
    '',
    ...peers,
  ];
  for (const { name, reason } of missing) lines.push(`- **${name}** is left out: ${reason}`);
  for (const result of results) lines.push('', sectionOf(result, options));
  if (!results.some(({ measure }) => measure.name === 'media')) {
    lines.push('', '## Not measured', '', 'Upload and download of files: the client of this build cannot do them.');
  }
  return `${lines.join('\n')}\n`;
}

/** Writes the page and its charts below `folder`. Returns the names of the files. */
export function writeReport(folder, run) {
  const charts = join(folder, 'benchmarks');
  mkdirSync(charts, { recursive: true });
  const files = [join(folder, 'benchmarks.md')];
  const { options } = run;
  writeFileSync(files[0], options.renew ? renewedPage(readFileSync(files[0], 'utf8'), run) : pageOf(run));
  for (const { measure, rows } of run.results) {
    const file = join(charts, `${measure.name}.svg`);
    writeFileSync(file, chartOf(measure, rows));
    files.push(file);
  }
  return files;
}
