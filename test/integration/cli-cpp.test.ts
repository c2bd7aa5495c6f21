import { once } from 'node:events';
import { join } from 'node:path';
import { buildToken, RtmClient } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endAll, Program, root, startServerProcess } from './cli-process.js';
import { within } from './client-world.js';
import { execute, installLibrary, libraryIsBuilt } from './cpp-install.js';

const folder = join(root, '.cache/example-cpp');
const tree = join(folder, 'installed');

describe.skipIf(!libraryIsBuilt)('a C++ program of the drop-in headers', () => {
  let world: Awaited<ReturnType<typeof startServerProcess>>;

  beforeAll(async () => {
    await installLibrary(tree);
    const options = [`-DCMAKE_PREFIX_PATH=${tree}`, '-DCMAKE_BUILD_TYPE=Debug'];
    // CMake's own choice is make, which a machine with ninja need not have.
    const generator = await execute('ninja', ['--version']).then(
      () => ['-G', 'Ninja'],
      () => [],
    );
    await execute('cmake', ['-S', join(root, 'examples/cpp'), '-B', folder, ...generator, ...options]);
    await execute('cmake', ['--build', folder]);
    world = await startServerProcess();
  }, 120_000);

  afterAll(async () => {
    world?.server.signal('SIGINT');
    await world?.server.exit();
    endAll();
  });

  const token = (userId: string) => buildToken({ ...world, userId, expireSeconds: 600 });
  const hello = (user: string, peer: string, tokenOf = user) => {
    const args = [world.appId, user, token(tokenOf), peer];
    return new Program(join(folder, 'hello'), args, { RTM_ENDPOINTS: world.endpoints }, folder); // its log file lands there
  };

  it('talks with a TypeScript program through a server of its own process', async () => {
    const { appId, endpoints } = world;
    const alice = await RtmClient.login({ appId, userId: 'alice', token: token('alice'), endpoints });
    const lobby = await alice.join('lobby');
    const [peers, channel] = [alice.messages(), lobby.messages()];
    const joined = once(lobby, 'memberJoined');
    const left = once(lobby, 'memberLeft');

    const bob = hello('bob', 'alice');
    const heard = async (loop: typeof peers | typeof channel) => {
      const { value } = await within('message', (loop as typeof peers).next());
      return [value?.from, value?.text];
    };
    expect(await heard(peers)).toEqual(['bob', 'hello from bob']);
    await bob.shows(/peer message: result 0\n/);
    expect((await within('memberJoined', joined))[0]).toEqual({ channelId: 'lobby', userId: 'bob' });
    expect(await heard(channel)).toEqual(['bob', 'hello, lobby']);
    expect((await lobby.members()).sort()).toEqual(['alice', 'bob']);

    await lobby.send('welcome, bob');
    await bob.shows(/^lobby, alice: welcome, bob$/m);
    expect((await alice.sendToPeer('bob', 'grüße 😀')).delivery).toBe('delivered');
    expect(await heard(peers)).toEqual(['bob', 'echo: grüße 😀']);

    await alice.sendToPeer('bob', 'bye');
    expect(await bob.exit()).toBe(0);
    expect(bob.output).toMatch(/logged in as bob, SDK 1\.5\.0/);
    expect(bob.output).toMatch(/\nlogged out\n/); // the change of state comes after it, perhaps too late for release()
    expect((await within('memberLeft', left))[0]).toMatchObject({ userId: 'bob' });
    await expect(alice.sendToPeer('bob', 'still there?')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_UNREACHABLE' });
    await alice.logout();
  });

  it('talks with another C++ program', async () => {
    const carol = hello('carol', 'dave');
    await carol.shows(/joined lobby/);
    const dave = hello('dave', 'carol');
    await carol.shows(/^dave: hello from dave$/m);
    await dave.shows(/^carol: echo: hello from dave$/m);
    await carol.shows(/^lobby, dave: hello, lobby$/m);
    carol.signal('SIGTERM');
    dave.signal('SIGTERM');
    await Promise.all([carol.exit(), dave.exit()]);
  });

  it('fails with a token of another user', async () => {
    const eve = hello('eve', 'alice', 'bob');
    expect(await eve.exit()).toBe(1);
    expect(eve.output).toMatch(/login failed: 5\n/);
  });
});
