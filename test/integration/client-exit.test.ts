import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endAll, Program } from './cli-process.js';
import { startWorld, type World } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  endAll();
  await world.end();
});

/** Runs a module that has `client`, logged in as `user`, and `later`. */
function run(user: string, body: string): Program {
  const options = { appId: world.appId, userId: user, token: world.token(user), endpoints: world.server.connectString };
  const source = `
    import { RtmClient } from 'rtm-native';
    const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const client = await RtmClient.login(${JSON.stringify(options)});
    ${body}
    console.log('end of program');`;
  return new Program(process.execPath, ['--input-type=module', '--eval', source]);
}

describe('a process', () => {
  it('ends by itself after logout()', async () => {
    const program = run('tidy', 'await client.sendToPeer("tidy", "x"); await client.logout();');
    expect(await program.exit()).toBe(0);
    expect(program.output).toBe('end of program\n');
  });

  it('lives as long as a client is logged in', async () => {
    const program = run('lives', `client.on('message', () => client.logout().then(() => console.log('logged out')));`);
    await program.shows(/end of program/);
    const alice = await world.login('alice');
    await alice.sendToPeer('lives', 'enough');
    expect(await program.exit()).toBe(0);
    expect(program.output).toMatch(/logged out\n$/);
  });

  it('does not wait for a client that is unref()ed', async () => {
    expect(await run('loose', 'client.unref();').exit()).toBe(0);
  });

  it('is not ended by the loss of its login, and ends by itself then', async () => {
    const program = run('kicked', `client.on('state', ({ current }) => console.log(current));`);
    await program.shows(/end of program/);
    await world.login('kicked');
    expect(await program.exit()).toBe(0);
    expect(program.output).toMatch(/aborted\n$/);
    expect(program.errors).toBe('');
  });

  it('reports an exception of a listener as uncaught, without losing the next message', async () => {
    const program = run(
      'thrower',
      `process.on('uncaughtException', ({ message }) => console.log('uncaught', message));
       let count = 0;
       client.on('message', () => { if (++count === 3) client.logout(); throw new Error(String(count)); });
       for (let index = 0; index < 3; index++) client.sendToPeer('thrower', 'x').catch(() => {});`,
    );
    expect(await program.exit()).toBe(0);
    expect(program.output).toMatch(/uncaught 1\nuncaught 2\nuncaught 3\n/);
  });

  it('that calls process.exit() in the middle of everything ends at once', async () => {
    const program = run(
      'abrupt',
      `await client.join('x'); for (let index = 0; index < 1000; index++) client.sendToPeer('abrupt', 'x'); process.exit(7);`,
    );
    expect(await program.exit()).toBe(7);
  });
});
