// npm test: builds what is stale, runs the C++ tests, the fuzz targets and the vitest suites, and adds up the results.
// The last line is "N passed, N failed".
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAddon, buildCpp, buildFolders, buildTs } from './build.mjs';
import { buildFuzzTargets, clang, cppTargets, fuzzCpp } from './fuzz.mjs';
import { ensureFirstPackages, ensurePackages, installLine, missingPackages } from './packages.mjs';
import { sanitizerEnv, sanitizerPresets, withoutRandomAddresses } from './sanitizers.mjs';
import { elapsed, heading, inCI, inRoot, root, run } from './tools.mjs';

const require = createRequire(import.meta.url);
/** Looked up when it is needed: the C++ tests run before npm has installed anything. */
const vitest = () => join(require.resolve('vitest/package.json'), '..', 'vitest.mjs');
const fuzzSeconds = 8;
const parts = ['cpp', 'fuzz', 'ts'];

const usage = `Usage: npm test -- [options] [-- vitest arguments]
  --only <part>       cpp, fuzz or ts; may be repeated
  --project <name>    vitest files of one project (unit, integration, conformance, cluster, faults); may be repeated;
                      implies --only ts
  --sanitize <list>   the C++ tests under address,undefined or thread, in a build folder of their own; implies --only cpp
  --build             only build what the C++ tests need
  --help`;

/** The results of the parts, in the order of the run. */
const results = [];
/** The name and the duration of every test that ran. */
const durations = [];
const slowestShown = 10;
/** What each failed test said, for the summary: the end of the output is what is read first, or alone. */
const failures = [];
const failureLines = 12;

function record(part, passed, failed, note = '') {
  results.push({ part, passed, failed, note });
}

/** Runs one step under a heading. An error that the step throws counts as a failure of its part. */
async function step(title, part, work) {
  heading(title);
  const since = performance.now();
  try {
    await work();
  } catch (error) {
    console.error(error);
    record(part, 0, 1, error.message);
  }
  console.log(`--- ${title}: ${elapsed(since)}`);
}

/** Counts one failure for the part unless `ok`. Returns `ok`. */
function expectOk(ok, part, note) {
  if (!ok) record(part, 0, 1, note);
  return ok;
}

/** Runs the script again where addresses are not random, build included, because the build runs the tests to list them. */
async function againWithoutRandomAddresses() {
  if (process.env.RTM_SETARCH !== undefined) return undefined;
  const [command, ...args] = await withoutRandomAddresses();
  if (command === undefined) return undefined;
  const again = [...args, process.execPath, ...process.argv.slice(1)];
  return (await run(command, again, { env: { RTM_SETARCH: 'done' } })).ok;
}

async function testCpp(sanitize) {
  const preset = sanitizerPresets[sanitize] ?? 'release';
  const dir = buildFolders()[preset];
  const built = await buildCpp({ preset, env: sanitize === undefined ? {} : clang() });
  if (!built) record('C++', 0, 1, 'the build failed');
  if (!existsSync(inRoot(dir, 'CTestTestfile.cmake'))) return;

  const report = inRoot(dir, 'ctest.xml');
  rmSync(report, { force: true });
  const args = ['--test-dir', dir, '--output-on-failure', '-j2', '--output-junit', report];
  const ctest = await run('ctest', args, { env: sanitizerEnv(), timeout: 900 });
  const xml = existsSync(report) ? readFileSync(report, 'utf8') : '';
  for (const [, name, seconds] of xml.matchAll(/<testcase name="([^"]*)"[^>]*? time="([\d.]+)"/g)) {
    durations.push({ name: `C++ ${name}`, seconds: Number(seconds) });
  }
  for (const [, name, body] of xml.matchAll(
    /<testcase name="([^"]*)"[^>]*? status="fail"[^>]*>([\s\S]*?)<\/testcase>/g,
  )) {
    const said = /<system-out>([\s\S]*?)<\/system-out>/.exec(body)?.[1] ?? '';
    failures.push({
      name: `C++ ${name}`,
      said: said.split('\n').filter((line) => /Failure|^ {2}|==\d+==|Expected/.test(line)),
    });
  }
  const suite = /<testsuite\b[^>]*>/.exec(xml)?.[0];
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite ?? '')?.[1] ?? 0);
  const failed = count('failures');
  const passed = count('tests') - failed - count('skipped') - count('disabled');
  if (passed + failed === 0) record('C++', 0, 1, 'no test ran');
  else if (!ctest.ok && failed === 0) record('C++', passed, 1, ctest.timedOut ? 'ran out of time' : 'ctest failed');
  else record('C++', passed, failed);
}

async function testFuzz() {
  if (cppTargets().length === 0) return;
  const missing = await missingPackages('fuzz');
  if (missing.length > 0 && !(await ensureFirstPackages('fuzz'))) {
    const note = `skipped; for it: ${installLine(missing)}`;
    console.log(note);
    record('fuzz', 0, 0, note);
    return;
  }
  const built = await buildFuzzTargets(cppTargets());
  if (!built) record('fuzz', 0, 1, 'the build failed');
  for (const name of cppTargets()) {
    if (!existsSync(inRoot(buildFolders().fuzz, 'fuzz', name))) continue;
    const { ok, line, output } = await fuzzCpp(name, { seconds: fuzzSeconds });
    console.log(line);
    if (!ok) console.error(output.slice(-8000));
    record('fuzz', ok ? 1 : 0, ok ? 0 : 1, ok ? '' : `${name} failed`);
  }
}

async function testTs(vitestArgs) {
  mkdirSync(inRoot('.cache'), { recursive: true });
  const report = inRoot('.cache/vitest.json');
  rmSync(report, { force: true });
  const args = [vitest(), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...vitestArgs];
  const ran = await run(process.execPath, args, { timeout: 900 });
  if (!expectOk(existsSync(report), 'vitest', ran.timedOut ? 'ran out of time' : 'vitest gave no report')) return;
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded fails without a failed test in it.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = numFailedTests + broken.length;
  for (const { name: file, assertionResults } of testResults) {
    for (const { fullName, duration, status, failureMessages } of assertionResults) {
      const name = `${relative(root, file)}: ${fullName}`;
      durations.push({ name, seconds: (duration ?? 0) / 1000 });
      if (status === 'failed') failures.push({ name, said: failureMessages.join('\n').split('\n') });
    }
  }
  for (const { name: file, message } of broken) {
    failures.push({ name: relative(root, file), said: (message ?? '').split('\n') });
  }
  // An unhandled error, or no test at all: vitest fails although no test did.
  record('vitest', numPassedTests, failed === 0 && !ran.ok ? 1 : failed, ran.timedOut ? 'ran out of time' : '');
}

/** Without a compiler: the TypeScript tests, on the prebuild, if one is there that loads. */
async function testWithoutPackages(missing, vitestArgs) {
  const note = `skipped; for it: ${installLine(missing)}`;
  if (!(await buildTs())) return false;
  // For vitest, and all processes of tests.
  process.env.PREBUILDS_ONLY = '1';
  process.env.RTM_WITHOUT_CPP = '1';
  const load = "require('./dist/index.js').getRtmSdkVersion()";
  const loaded = await run(process.execPath, ['-e', load], { capture: true, timeout: 30 });
  if (!loaded.ok) {
    console.error('No test can run: there is neither a compiler nor a prebuild of the addon for this machine.');
    return false;
  }
  console.log('Without these packages only the TypeScript tests run, on the prebuild of the addon.');
  record('C++', 0, 0, note);
  await step('vitest', 'vitest', () => testTs(vitestArgs));
  printSlowest();
  return summary();
}

/** Shows where the time went, so that a slow test is noticed. */
function printSlowest() {
  const slowest = durations.sort((a, b) => b.seconds - a.seconds).slice(0, slowestShown);
  if (slowest.length === 0) return;
  heading(`the ${slowest.length} slowest tests`);
  for (const { name, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}`);
}

function printFailures() {
  if (failures.length === 0) return;
  heading('failed tests');
  for (const { name, said } of failures) {
    console.log(`${name}\n${said.slice(0, failureLines).join('\n').replaceAll(/^/gm, '    ')}`);
  }
}

function summary() {
  printFailures();
  heading('summary');
  for (const part of new Set(results.map((result) => result.part))) {
    const ofPart = results.filter((result) => result.part === part);
    const sum = (key) => ofPart.reduce((total, result) => total + result[key], 0);
    const notes = ofPart.map((result) => result.note).filter(Boolean);
    console.log(
      `${part}: ${sum('passed')} ok, ${sum('failed')} not${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`,
    );
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  if (total('passed') === 0 && total('failed') === 0) record('all', 0, 1);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      project: { type: 'string', multiple: true },
      sanitize: { type: 'string' },
      build: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return true;
  }
  const projects = (values.project ?? []).map((name) => `--project=${name}`);
  const wanted = values.sanitize !== undefined ? ['cpp'] : (values.only ?? (projects.length > 0 ? ['ts'] : parts));
  const unknown = wanted.find((part) => !parts.includes(part));
  if (unknown !== undefined) {
    console.error(`--only ${unknown}: expected one of ${parts.join(', ')}\n\n${usage}`);
    return false;
  }
  if (values.sanitize !== undefined && !(values.sanitize in sanitizerPresets)) {
    console.error(
      `--sanitize ${values.sanitize}: expected one of ${Object.keys(sanitizerPresets).join(' or ')}\n\n${usage}`,
    );
    return false;
  }
  if (values.sanitize === 'thread') {
    const passed = await againWithoutRandomAddresses();
    if (passed !== undefined) return passed;
  }
  if (values.build) {
    if (!(await ensurePackages('cpp'))) return false;
    return buildCpp({
      preset: sanitizerPresets[values.sanitize] ?? 'release',
      env: values.sanitize === undefined ? {} : clang(),
    });
  }
  const needed = ['cpp', ...(wanted.includes('ts') ? ['addon', 'tests'] : [])];
  if (!(await ensureFirstPackages(...needed))) {
    if (inCI || !wanted.includes('ts')) return false;
    return testWithoutPackages(await missingPackages(...needed), [...projects, ...positionals]);
  }

  if (wanted.includes('ts')) {
    await step('build: addon and TypeScript', 'build', async () => {
      expectOk(await buildAddon(), 'build', 'the addon does not build');
      expectOk(await buildTs(), 'build', 'the TypeScript does not compile');
    });
  }
  if (wanted.includes('cpp')) await step('C++ tests', 'C++', () => testCpp(values.sanitize));
  if (wanted.includes('fuzz')) await step('fuzz targets', 'fuzz', testFuzz);
  if (wanted.includes('ts') && !wanted.includes('cpp')) {
    // The tests of the wire format run the C++ codec.
    await step('build: C++ codec', 'build', async () => {
      expectOk(await buildCpp({ target: 'rtm_wire_echo' }), 'build', 'the C++ codec does not build');
    });
  }
  if (wanted.includes('ts')) await step('vitest', 'vitest', () => testTs([...projects, ...positionals]));
  printSlowest();
  return summary();
}

process.exitCode = (await main()) ? 0 : 1;
