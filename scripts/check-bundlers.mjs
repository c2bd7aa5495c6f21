// Tries the recipes of docs/bundling.md: packs the package, installs it with each tool in an empty project, builds, moves the
// output away and runs it: a server, two clients, a message. Prints a table of tools, times and sizes.
// Usage: node scripts/check-bundlers.mjs [recipe ...]      without names: all; needs a prebuild for this machine
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packPackage } from './pack.mjs';
import { inRoot, run } from './tools.mjs';

const said = 'alice: hello';

/** Says `said` if a message comes through. */
const conversation = `
async function conversation() {
  const { appId, appCertificate } = createAppCredentials();
  const apps = [{ appId, certificate: appCertificate }];
  const server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps });
  const login = (userId) => {
    const token = buildToken({ appId, appCertificate, userId });
    return RtmClient.login({ appId, userId, token, endpoints: server.connectString });
  };
  const [alice, bob] = [await login('alice'), await login('bob')];
  const received = new Promise((resolve) => bob.on('message', resolve));
  await alice.sendToPeer('bob', 'hello');
  const { from, text } = await received;
  await Promise.all([alice.logout(), bob.logout()]);
  await server.close();
  return from + ': ' + text;
}`;
const names = '{ buildToken, createAppCredentials, RtmClient, RtmServer }';
const imports = `import ${names} from 'rtm-native';\n${conversation}\n`;
const sources = {
  'app.mjs': `${imports}conversation().then(console.log, (error) => {\n  console.error(error);\n  process.exitCode = 1;\n});\n`,
};
const nextSources = {
  'app/layout.js':
    'export default function Layout({ children }) {\n  return <html lang="en"><body>{children}</body></html>;\n}\n',
  'app/page.js': 'export default function Page() {\n  return <p>hello</p>;\n}\n',
  'app/hello/route.js':
    `${imports}export const dynamic = 'force-dynamic';\n` +
    'export const GET = async () => new Response(await conversation());\n',
};
const test = `const ${names} = require('rtm-native');\n${conversation}\ntest('a message', async () => {
  expect(await conversation()).toBe('${said}');\n});
// At rest it is no open handle.
const atRest = require('rtm-native').createRtmService();
atRest.initialize('${'0'.repeat(32)}', {});\n`;
// Two files: each has a copy of the modules, and the addon is loaded once.
const jestSources = { 'one.test.js': test, 'two.test.js': test };

/** The recipes of the page: the comment, then named files and commands up to the next recipe. */
function readRecipes() {
  const [, ...parts] = readFileSync(inRoot('docs/bundling.md'), 'utf8').split('<!-- recipe ');
  return parts.map((part) => {
    const recipe = JSON.parse(part.slice(0, part.indexOf(' -->')));
    const blocks = [...part.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, kind, file, text]) => ({
      kind,
      file,
      text,
    }));
    const files = Object.fromEntries(blocks.filter(({ file }) => file).map(({ file, text }) => [file, text]));
    const commands = blocks.filter(({ kind }) => kind === 'sh').map(({ text }) => text.trim());
    if (commands.length !== 1) throw new Error(`docs/bundling.md: ${recipe.name}: expected one command`);
    return { ...recipe, files, command: commands[0] };
  });
}

function sizeOf(path) {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts the standalone server of Next.js and asks it until it answers. */
async function askNext(folder, file) {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HOSTNAME: '127.0.0.1' };
  const child = spawn(process.execPath, [file], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ready = new Promise((resolve, reject) => {
    const collect = (text) => {
      output += text;
      if (/Ready/.test(output)) resolve(undefined);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('exit', () => reject(new Error(output)));
    setTimeout(() => reject(new Error(`no word of being ready in 60 s:\n${output}`)), 60_000).unref();
  });
  try {
    await ready;
    return await (await fetch(`http://127.0.0.1:${port}/hello`)).text();
  } finally {
    child.removeAllListeners('exit').kill('SIGKILL');
  }
}

/** Builds and runs one recipe. Throws what went wrong. */
async function tryRecipe(recipe, tarball, work) {
  const project = join(work, 'project');
  const must = async (what, command, args, options) => {
    const { ok, output } = await run(command, args, { capture: true, timeout: 600, cwd: project, ...options });
    if (!ok) throw new Error(`${what} failed:\n${output.trim().slice(-4000)}`);
    return output;
  };
  mkdirSync(project);
  const own = recipe.jest ? jestSources : recipe.next ? nextSources : sources;
  const manifest = { private: true, ...(recipe.jest ? {} : { type: 'module' }) };
  const all = { 'package.json': JSON.stringify(manifest), ...own, ...recipe.files };
  for (const [file, text] of Object.entries(all)) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text);
  }
  await must('npm install', 'npm', ['install', '--no-audit', '--no-fund', tarball, ...recipe.install]);
  const env = {
    PATH: `${join(project, 'node_modules/.bin')}:${process.env.PATH}`,
    NEXT_TELEMETRY_DISABLED: '1',
    CI: '1',
    NODE_ENV: undefined,
  };
  const begun = performance.now();
  const built = await must(recipe.command, 'sh', ['-c', recipe.command], { env });
  const seconds = (performance.now() - begun) / 1000;
  if (recipe.jest) {
    if (!/Tests: +2 passed, 2 total/.test(built)) throw new Error(`expected 2 passed tests, received\n${built}`);
    if (recipe.openHandles) {
      const command = `${recipe.command} --detectOpenHandles`;
      const handles = await must(command, 'sh', ['-c', command], { env });
      if (/open handle/.test(handles)) throw new Error(`expected no open handle, received\n${handles}`);
    }
    return { seconds };
  }
  const output = join(work, 'output');
  renameSync(join(project, recipe.output), output);
  rmSync(project, { recursive: true, force: true });
  const bytes = sizeOf(output);
  const answer = recipe.next
    ? await askNext(output, recipe.run)
    : (await must(`node ${recipe.run}`, process.execPath, [recipe.run], { cwd: output, timeout: 60 })).trim();
  if (answer !== said) throw new Error(`expected "${said}" from the output, received\n${answer}`);
  return { seconds, bytes };
}

const recipes = readRecipes();
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !recipes.some((recipe) => recipe.name === name));
if (unknown !== undefined) {
  console.error(`"${unknown}": expected one of ${recipes.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const prebuild = `prebuilds/${process.platform}-${process.arch}`;
if (!existsSync(inRoot(prebuild))) {
  console.error(`${prebuild} is missing: npm run prebuild`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'rtm-bundlers-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const { tarball } = await packPackage(folder);
const rows = [];
for (const recipe of recipes.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const work = mkdtempSync(join(folder, 'recipe-'));
  try {
    const { seconds, bytes } = await tryRecipe(recipe, tarball, work);
    const size = bytes === undefined ? '' : `${(bytes / 1e6).toFixed(1)} MB`;
    rows.push({ tool: recipe.name, result: 'ok', build: `${seconds.toFixed(1)} s`, output: size });
  } catch (error) {
    console.error(`${recipe.name}: ${error.message}`);
    rows.push({ tool: recipe.name, result: 'FAILED', build: '', output: '' });
  }
  console.log(`${recipe.name}: ${rows.at(-1).result}`);
  rmSync(work, { recursive: true, force: true });
}
console.table(rows);
process.exitCode = rows.every(({ result }) => result === 'ok') ? 0 : 1;
