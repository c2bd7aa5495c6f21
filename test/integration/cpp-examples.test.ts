import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildToken } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAbiExpectations } from './abi-expectations.js';
import { endAll, Program, root, startServerProcess } from './cli-process.js';
import { compile, execute, installLibrary, libraryIsBuilt } from './cpp-install.js';

const patience = 90_000;

describe.skipIf(!libraryIsBuilt)('an installed C++ library', () => {
  let folder: string;
  let tree: string;
  let world: Awaited<ReturnType<typeof startServerProcess>>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rtm-cpp-'));
    tree = join(folder, 'tree');
    await installLibrary(tree);
    world = await startServerProcess();
  }, 60_000);

  afterAll(async () => {
    world?.server.signal('SIGINT');
    await world?.server.exit();
    endAll();
    rmSync(folder, { recursive: true, force: true });
  });

  const token = (userId: string) => buildToken({ ...world, userId, expireSeconds: 600 });
  /** Starts a compiled example in the temporary folder (its log file lands there), with nothing but RTM_ENDPOINTS. */
  const start = (name: string, args: readonly string[]) =>
    new Program(join(folder, name), args, { RTM_ENDPOINTS: world.endpoints }, folder);
  const several = (user: string, peer: string) => start('several_handlers', [world.appId, user, token(user), peer]);
  const example = (name: string) => join(root, 'examples/cpp', `${name}.cpp`);

  it('has the headers, the library under both names, and the files to find them', async () => {
    expect(readdirSync(join(tree, 'include')).sort()).toEqual(['IAgoraRtmCallManager.h', 'IAgoraRtmService.h']);
    expect(readdirSync(join(tree, 'lib')).sort()).toEqual([
      'cmake',
      'libagora-rtm-sdk-jni.so',
      'libagora_rtm_sdk.so',
      'pkgconfig',
    ]);
    const flags = ['--cflags', '--libs', join(tree, 'lib/pkgconfig/rtm-native.pc')];
    const found = (await execute('pkg-config', flags)).trim().split(/\s+/);
    expect(found).toContain('-lagora_rtm_sdk');
    expect(found[0]).toMatch(/^-I.*\/include$/);
    // Nothing in the tree may say where it was built or installed: it may be moved.
    for (const file of readdirSync(tree, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) {
        const content = readFileSync(join(file.parentPath, file.name));
        expect(content.includes(root), file.name).toBe(false);
        expect(content.includes(tree), file.name).toBe(false);
      }
    }
  });

  it('exports the three free functions and nothing else', async () => {
    for (const name of ['libagora_rtm_sdk.so', 'libagora-rtm-sdk-jni.so']) {
      const symbols = await execute('nm', ['-D', '--defined-only', '--format=posix', join(tree, 'lib', name)]);
      const names = symbols.split('\n').flatMap((line) => line.split(' ')[0] || []);
      expect(names.sort()).toEqual(['createRtmService', 'getRtmSdkVersion', 'setRtmServiceContext']);
    }
    const dynamic = await execute('readelf', ['-d', join(tree, 'lib/libagora_rtm_sdk.so')]);
    expect(dynamic).toMatch(/\(SONAME\).*\[libagora_rtm_sdk\.so\]/);
    expect(dynamic).not.toMatch(/\((RPATH|RUNPATH)\)/);
  });

  it('calls and is called through the slots that programs were built for', { timeout: patience }, async () => {
    const slots = join(folder, 'slots');
    writeAbiExpectations(slots);
    const source = join(root, 'test/fixtures/vtable_order.cpp');
    await compile(tree, source, join(folder, 'vtable_order'), { more: [`-I${slots}`] });
    expect(await execute(join(folder, 'vtable_order'), [], folder)).toMatch(/^\d+ compared, 0 different$/m);
  });

  it('runs one service with several handlers, in two processes', { timeout: patience }, async () => {
    await compile(tree, example('several_handlers'), join(folder, 'several_handlers'));
    const programs = [several('alice', 'bob'), several('bob', 'alice')] as const;
    for (const program of programs) expect(await program.exit(60_000), program.errors).toBe(0);
    const [alice, bob] = programs;
    expect(alice.output).toMatch(/^alice, SDK 1\.5\.0$/m);
    expect(alice.output).toMatch(/^ {2}bob says to all: good morning$/m);
    expect(alice.output).toMatch(/^ {2}the meeting has bob=agrees by bob$/m);
    expect(bob.output).toMatch(/^ {2}alice sent bytes 0 127 255, "three bytes"$/m);
    expect(bob.output).toMatch(/^all is well$/m);
  });

  it('lets the same program talk with its port to Node', { timeout: patience }, async () => {
    const cpp = several('carol', 'dave');
    const args = [join(root, 'examples/several-handlers.mjs'), world.appId, 'dave', token('dave'), 'carol'];
    const node = new Program(process.execPath, args, { RTM_ENDPOINTS: world.endpoints });
    expect(await node.exit(60_000), node.errors).toBe(0);
    expect(await cpp.exit(60_000), cpp.errors).toBe(0);
    expect(node.output).toMatch(/^ {2}carol has language=C\+\+$/m);
    expect(node.output).toMatch(/^ {2}carol sent bytes 0 127 255, "three bytes"$/m);
    expect(cpp.output).toMatch(/^ {2}dave sent bytes 0 127 255, "three bytes"$/m);
    expect(cpp.output).toMatch(/^ {2}the meeting has dave=agrees by dave$/m);
  });

  it('runs three services in one process, linked by its older name', { timeout: patience }, async () => {
    await compile(tree, example('three_services'), join(folder, 'three_services'), { library: 'agora-rtm-sdk-jni' });
    const users = ['anna', 'ben', 'carla'];
    const program = start('three_services', [world.appId, ...users.map(token)]);
    expect(await program.exit(60_000), program.errors).toBe(0);
    expect(program.output).toMatch(/^anna: carla sends anna\+ben\+carla$/m);
    expect(program.output).toMatch(/^anna: garden: ben says carla must not hear this$/m);
    expect(program.output).not.toMatch(/^carla: .*garden/m);
    expect(program.output).toMatch(/^carla: ben is offline$/m);
    expect(program.output).toMatch(/^all is well$/m);
  });

  it('makes the programs fail when an expected event does not come', { timeout: patience }, async () => {
    const three = start('three_services', [world.appId, ...['anna', 'ben', 'eve'].map(token)]);
    const cpp = start('several_handlers', [world.appId, 'frank', token('eve'), 'eve']);
    const args = [join(root, 'examples/several-handlers.mjs'), world.appId, 'grace', token('eve'), 'eve'];
    const node = new Program(process.execPath, args, { RTM_ENDPOINTS: world.endpoints });
    for (const program of [three, cpp, node]) {
      expect(await program.exit(60_000)).toBe(1);
      expect(program.errors).toMatch(/waited in vain for: logged in/);
      expect(program.output).not.toMatch(/all is well/);
    }
    expect(three.output).toMatch(/^carla: login failed with 5$/m);
  });
});
