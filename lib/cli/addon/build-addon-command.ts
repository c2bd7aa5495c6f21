import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { LOCAL_ADDON } from '../../native/addon-files.js';
import { CliError } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { missingForBuild } from './build-needs.js';
import { findNodeGyp, headersOfNode, thisMachine } from './machine.js';

interface BuildOptions {
  readonly out?: string;
}

/** What of the package the compiler reads. */
const SOURCES = ['cpp', 'cmake', 'gyp'];
/** Lines of the compiler's output that a failure shows. */
const SHOWN_LINES = 20;

/** `rtm build-addon`: compiles the addon where no prebuild fits. */
export function addBuildAddonCommand(program: Command, terminal: Terminal): void {
  program
    .command('build-addon')
    .summary('compile the native addon where no prebuild fits')
    .description(
      'Compiles the native addon of this package with node-gyp, for this system and every version of Node. ' +
        'First it checks that all that is needed is there.',
    )
    .option('--out <file>', 'where to put it, if not into the package; RTM_NATIVE_ADDON=<file> makes programs load it')
    .addHelpText(
      'after',
      `
Examples:
  $ rtm build-addon
  $ rtm build-addon --out /opt/rtm/rtm_native.node`,
    )
    .action((options: BuildOptions) => buildAddon(join(__dirname, '../../..'), options, terminal));
}

/** Not `mkdirSync` with `recursive`, which never returns where a folder cannot be made although its parent exists: /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** Refuses before the long part if the result could not be kept. */
function checkWritable(file: string): void {
  try {
    makeFolder(dirname(file));
    accessSync(dirname(file), constants.W_OK);
  } catch (cause) {
    throw new CliError(
      `cannot write to ${dirname(file)}: ${(cause as NodeJS.ErrnoException).code}; run this as the owner of the folder, ` +
        'or give --out <file> and start programs with RTM_NATIVE_ADDON=<file>',
    );
  }
}

async function buildAddon(root: string, options: BuildOptions, terminal: Terminal): Promise<void> {
  if (process.versions['bun'] !== undefined || process.versions['deno'] !== undefined) {
    throw new CliError('an addon that is compiled here works with Node only: run this with Node');
  }
  if (!existsSync(join(root, 'gyp/binding.gyp'))) {
    throw new CliError(`${root} has no sources to compile: install the whole package rtm-native`);
  }
  const out = options.out === undefined ? join(root, LOCAL_ADDON) : resolve(options.out);
  checkWritable(out);
  const work = mkdtempSync(join(tmpdir(), 'rtm-build-'));
  const stop = terminal.onInterrupt(() => {
    rmSync(work, { recursive: true, force: true });
    process.exit(130);
  });
  try {
    const missing = missingForBuild(thisMachine(terminal.env, work));
    if (missing !== undefined) throw new CliError(`the addon cannot be compiled here: ${missing}`);
    const nodeGyp = findNodeGyp(terminal.env, process.cwd());
    if (nodeGyp === undefined) {
      throw new CliError('node-gyp is missing: "npm install --no-save node-gyp" brings it; then run this again');
    }
    const made = await compile(root, work, nodeGyp, terminal);
    cpSync(made, out);
    terminal.print(`compiled ${out}`);
    if (options.out !== undefined) terminal.print(`start programs with RTM_NATIVE_ADDON=${out}`);
  } finally {
    stop();
    rmSync(work, { recursive: true, force: true });
  }
}

/** Compiles in a folder of its own, so that a failure leaves the package as it was. Returns the addon, which loads. */
async function compile(root: string, work: string, nodeGyp: string, terminal: Terminal): Promise<string> {
  for (const folder of SOURCES) cpSync(join(root, folder), join(work, folder), { recursive: true });
  const headers = dirname(createRequire(__filename).resolve('node-addon-api/package.json'));
  mkdirSync(join(work, 'node_modules'));
  symlinkSync(headers, join(work, 'node_modules/node-addon-api'));
  const nodeDir = terminal.env['npm_config_nodedir'] ?? headersOfNode();
  const args = ['rebuild', '--directory', join(work, 'gyp'), '--jobs', terminal.env['JOBS'] ?? 'max'];
  if (nodeDir !== undefined) args.push('--nodedir', nodeDir);
  terminal.print('compiling the addon; this takes some minutes …');
  const { code, output } = await run([nodeGyp, ...args], terminal.env);
  if (code !== 0) {
    for (const line of output.trimEnd().split('\n').slice(-SHOWN_LINES)) terminal.warn(line);
    const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT/.test(output);
    throw new CliError(
      offline
        ? 'the headers of Node cannot be downloaded: set HTTPS_PROXY if there is a proxy, or npm_config_nodedir to an ' +
            'installation of Node with include/node'
        : 'the addon does not compile; the last lines above say why',
    );
  }
  const made = join(work, 'gyp', LOCAL_ADDON);
  const env = { ...terminal.env, RTM_NATIVE_ADDON: made };
  const program = `require(${JSON.stringify(join(root, 'dist/native/load.js'))}).loadAddon()`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], { env, encoding: 'utf8' });
  if (status !== 0) throw new CliError(`the compiled addon does not load:\n${stderr}`);
  return made;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
}
