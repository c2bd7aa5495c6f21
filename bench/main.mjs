// `npm run bench -- [measure…] [options]`: one command, one table for each measure. See options.mjs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkOpenFiles, machine, machineText } from './lib/machine.mjs';
import { failuresOf, runMeasure, textOf } from './lib/runner.mjs';
import { HELP, parseOptions } from './options.mjs';
import { makeCertificate } from './peers/certificate.mjs';
import { installPeers, versionsOf } from './peers/install.mjs';
import { writeReport } from './report.mjs';
import { systemsFor } from './systems.mjs';
import { benchWeak } from './weak/main.mjs';

const docs = fileURLToPath(new URL('../docs', import.meta.url));

/** On a terminal, a line on stderr that the next line replaces; otherwise plain lines. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.slice(0, 99).padEnd(99)}`);
  else process.stderr.write(`${text}\n`);
}

/** A folder for keys and the peers' files, which is removed when this process ends. */
function workFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
  return folder;
}

async function versionsOfAll(systems, about) {
  const entries = systems.map(async (system) => {
    const list = system.name === 'ours' ? [`rtm-native ${about.package}`] : await versionsOf(system);
    return [system.name, list.join(', ')];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function asJson({ about, versions, missing, results, options }) {
  const { systems, measures, folder, tls, ...asked } = options;
  const measured = results.map(({ measure, rows }) => ({
    measure: measure.name,
    unit: measure.unit,
    rows: rows.map(({ variant, ...row }) => ({ ...row, name: variant.name, acknowledgedBy: variant.acks })),
  }));
  return `${JSON.stringify({ machine: about, versions, options: asked, missing, measures: measured })}\n`;
}

async function main() {
  const argv = process.argv.slice(2);
  if (argv[0] === 'weak') return benchWeak(argv.slice(1));
  const options = parseOptions(argv);
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const most = Math.max(options.bots, options.logins, ...options.members, ...options.users);
  checkOpenFiles(most + 200);
  const start = performance.now();
  const about = machine();
  const { ready, missing } = await installPeers(systemsFor(options.systems, options.measures), progress);
  options.systems = ready;
  options.folder = workFolder();
  if (ready.some(({ name }) => name !== 'ours')) options.tls = makeCertificate(options.folder);
  const versions = await versionsOfAll(ready, about);

  if (!options.json) process.stdout.write(`${machineText(about)}\n`);
  const results = [];
  for (const measure of options.measures) {
    const { rows } = await runMeasure(measure, options, progress);
    results.push({ measure, rows });
    if (process.stderr.isTTY) process.stderr.write(`\r${''.padEnd(99)}\r`);
    if (!options.json) process.stdout.write(`\n${textOf(measure, options, { rows })}\n`);
  }
  const run = { about, versions, missing, results, options };
  if (options.json) process.stdout.write(asJson(run));
  else for (const { name, reason } of missing) process.stdout.write(`\nleft out: ${name} (${reason})\n`);
  if (options.report) {
    const command = ['npm run bench --', ...argv].join(' ');
    const minutes = Math.ceil((performance.now() - start) / 60_000);
    const files = writeReport(options.out ?? docs, { ...run, command, minutes });
    process.stderr.write(`written: ${files.join(', ')}\n`);
  }
  const failed = results.some(({ rows }) => failuresOf(rows.filter(({ system }) => system === 'ours')).length > 0);
  return failed ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exit(1);
  },
);
