// The package as it lies in node_modules, whole and broken, in processes of its own.
import { type ExecFileException, execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prebuildsFor } from '../../lib/native/choose-addon.js';
import { currentSystem } from '../../lib/native/system.js';

const root = join(import.meta.dirname, '../..');
const [forNode = '', withOwn = ''] = prebuildsFor(currentSystem());
const built = [join(root, 'build/Release/rtm_native.node'), join(root, 'prebuilds', forNode)].find((file) =>
  existsSync(file),
);

const project = mkdtempSync(join(tmpdir(), 'rtm-package-'));
const installed = join(project, 'node_modules/rtm-native');
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The manifest of one prebuild, as scripts/prebuild.mjs writes it. */
function writeManifest(path: string, content: Buffer): void {
  const { platform, arch, libc } = currentSystem();
  const sha256 = createHash('sha256').update(content).digest('hex');
  const variant = path === withOwn ? 'static' : 'node';
  const file = { path, platform, arch, libc, libcFloor: null, variant, napi: 8, bytes: content.length, sha256 };
  writeFileSync(join(installed, 'prebuilds/manifest.json'), JSON.stringify({ version: '0.1.0', files: [file] }));
}

beforeAll(() => {
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(installed, 'package.json'));
});

beforeEach(() => {
  rmSync(join(installed, 'prebuilds'), { recursive: true, force: true });
  const content = readFileSync(built ?? expect.unreachable('there is no addon: npm run build:addon'));
  mkdirSync(dirname(prebuild()), { recursive: true });
  writeFileSync(prebuild(), content);
  writeManifest(forNode, content);
});

const prebuild = (path = forNode) => join(installed, 'prebuilds', path);

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly output: string;
}

/** Asks the installed package for the version of the SDK, which the addon knows. */
async function start(options: string[] = [], env: NodeJS.ProcessEnv = {}, source = ''): Promise<Outcome> {
  const program = `${source}
    const { getRtmSdkVersion, RtmError } = require('rtm-native');
    try { console.log(getRtmSdkVersion()); }
    catch (error) { console.log(RtmError.is(error, 'ERR_RTM_ADDON') ? error.message : error); process.exit(9); }`;
  const clean = { ...process.env, RTM_NATIVE_ADDON: '', PREBUILDS_ONLY: '', NODE_OPTIONS: '' };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...options, '-e', program], {
      cwd: project,
      env: { ...clean, ...env },
    });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, signal, stdout, stderr } = error as ExecFileException & { stdout: string; stderr: string };
    return { code: signal ?? code, output: `${stdout}${stderr}` };
  }
}

/** Expects the error, with one reason and one way out. */
async function expectRefusal(reason: RegExp, remedy: RegExp, ...how: Parameters<typeof start>): Promise<void> {
  const { code, output } = await start(...how);
  const lines = output.trim().split('\n');
  expect(lines[0], output).toMatch(reason);
  expect(lines.at(-1), output).toMatch(remedy);
  expect(lines.length, output).toBeLessThanOrEqual(6);
  expect(code).toBe(9);
}

const reinstall = /to do: {3}delete .*rtm-native and install rtm-native@\S+ again$/;

describe('an installed package', () => {
  it('loads its prebuild', async () => {
    expect(await start()).toEqual({ code: 0, output: '1.5.0\n' });
  });

  it('gives import and require the same objects', async () => {
    const program = `
      import { createRequire } from 'node:module';
      import * as imported from 'rtm-native';
      const required = createRequire(import.meta.url)('rtm-native');
      const names = new Set([...Object.keys(imported), ...Object.keys(required)]);
      const different = [...names].filter((name) => imported[name] !== required[name]);
      const error = new required.RtmError('ERR_RTM_CLOSED', '');
      console.log(names.size > 40, different, error instanceof imported.RtmError);`;
    const options = { cwd: project };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], options);
    expect(stdout).toBe('true [] true\n');
  });

  it('is read only for the user, and loads all the same', async () => {
    chmodSync(prebuild(), 0o444);
    chmodSync(dirname(prebuild()), 0o555);
    chmodSync(installed, 0o555);
    try {
      expect(await start()).toEqual({ code: 0, output: '1.5.0\n' });
    } finally {
      chmodSync(installed, 0o755);
      chmodSync(dirname(prebuild()), 0o755);
    }
  });

  it('says which prebuild is missing', async () => {
    rmSync(prebuild());
    await expectRefusal(/rtm-native\.\w+\.node is missing$/, reinstall);
  });

  it('says that a prebuild is damaged when it does not load', async () => {
    const content = readFileSync(prebuild());
    content.fill(0xff, 4, 64); // the ELF header behind its first word
    writeFileSync(prebuild(), content);
    await expectRefusal(/is damaged: it is not the file that was published$/, reinstall);
  });

  it('says that a prebuild is damaged when its end is missing, which the loader of the system would not survive', async () => {
    truncateSync(prebuild(), 100_000);
    await expectRefusal(/is damaged: it is not the file that was published$/, reinstall);
    truncateSync(prebuild(), 0);
    await expectRefusal(/is damaged: it is not the file that was published$/, reinstall);
  });

  it('says that its prebuilds are for other processors', async () => {
    const pretend = `Object.defineProperty(process, 'arch', { value: 'riscv64' });`;
    await expectRefusal(/there is no prebuild for the processor riscv64$/, /"npx rtm build-addon"/, [], {}, pretend);
  });

  it('says that its prebuilds are for another C library', async () => {
    const [path] = prebuildsFor({ ...currentSystem(), libc: currentSystem().libc === 'musl' ? 'glibc' : 'musl' });
    const manifest = join(installed, 'prebuilds/manifest.json');
    const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: { libc: string }[] };
    const other = { ...files[0], path, libc: files[0]?.libc === 'musl' ? 'glibc' : 'musl' };
    writeFileSync(manifest, JSON.stringify({ files: [other] }));
    rmSync(prebuild());
    await expectRefusal(/there is no prebuild for \w+ with (glibc|musl)$/, /"npx rtm build-addon"/);
  });

  it('says what the system lacks for a whole prebuild', async () => {
    const content = readFileSync(prebuild());
    content.writeUInt16LE(0x1234, 18); // a machine that does not exist
    writeFileSync(prebuild(), content);
    writeManifest(forNode, content);
    await expectRefusal(/native addon does not load: .*rtm-native/, /"npx rtm build-addon" compiles it here/);
  });

  it('takes the prebuild with its own libraries where the runtime has none for it', async () => {
    const content = readFileSync(prebuild());
    rmSync(prebuild());
    mkdirSync(dirname(prebuild(withOwn)), { recursive: true });
    writeFileSync(prebuild(withOwn), content);
    writeManifest(withOwn, content);
    const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: '40.0.0' } });`;
    expect(await start([], {}, pretend)).toEqual({ code: 0, output: '1.5.0\n' });
    rmSync(prebuild(withOwn));
    await expectRefusal(/static\/rtm-native\.\w+\.node is missing$/, reinstall, [], {}, pretend);
  });

  it('says that addons are switched off', async () => {
    await expectRefusal(/runs with a switch that forbids addons$/, /--allow-addons$/, ['--no-addons']);
  });

  it('loads the file that RTM_NATIVE_ADDON names, or says why not', async () => {
    rmSync(join(installed, 'prebuilds'), { recursive: true });
    expect(await start([], { RTM_NATIVE_ADDON: built })).toEqual({ code: 0, output: '1.5.0\n' });
    const absent = { RTM_NATIVE_ADDON: 'no/such.node' };
    await expectRefusal(
      /RTM_NATIVE_ADDON names .*such\.node: Cannot find module/,
      /unset RTM_NATIVE_ADDON/,
      [],
      absent,
    );
  });
});
