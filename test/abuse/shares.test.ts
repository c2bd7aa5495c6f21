// One user, or all of one App, must not fill what all share: the stored messages and the bodies of others go on. Each
// attack runs against a server in memory and one with a data directory, and the latter is started again in between.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PeerMessage, RtmClient, RtmServer, type RtmServerOptions } from '../../lib/index.js';

const appA = 'a'.repeat(32);
const appB = 'b'.repeat(32);
const KIB = 1024;
/** As large as a message may be. */
const junk = 'x'.repeat(32 * KIB);

let folder: string;
let server: RtmServer;
let clients: RtmClient[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-shares-'));
  clients = [];
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function stop() {
  await Promise.allSettled(clients.splice(0).map((client) => client.logout()));
  await server.close();
}

async function login(appId: string, userId: string): Promise<RtmClient> {
  const client = await RtmClient.login({ appId, userId, endpoints: server.connectString });
  clients.push(client);
  return client;
}

/** Stores `count` messages, each for another receiver. @returns the number that the server took */
async function store(from: RtmClient, count: number, text: string, receivers = 'nobody'): Promise<number> {
  const sends = Array.from({ length: count }, (_, i) => from.sendToPeer(`${receivers}-${i}`, text, { offline: true }));
  const results = await Promise.allSettled(sends);
  return results.filter(({ status }) => status === 'fulfilled').length;
}

/** All messages that wait for a user; the last one comes from `marker`, who is online. */
async function waiting(appId: string, userId: string, marker: RtmClient): Promise<PeerMessage[]> {
  const client = await login(appId, userId);
  const messages: PeerMessage[] = [];
  await marker.sendToPeer(userId, 'the end');
  for await (const message of client.messages()) {
    if (message.text === 'the end') break;
    messages.push(message);
  }
  return messages;
}

let bodies = 0;
async function upload(from: RtmClient, bytes: number): Promise<boolean> {
  const path = join(folder, `body-${++bodies}`);
  writeFileSync(path, randomBytes(bytes));
  return from.media.upload(path).then(
    () => true,
    () => false,
  );
}

describe.each(['memory', 'data'])('a store (%s)', (kind) => {
  const start = async (options: RtmServerOptions) => {
    const data = kind === 'data' ? { data: join(folder, 'data') } : {};
    server = await RtmServer.start({ host: '127.0.0.1', port: 0, ...data, ...options });
  };
  const restart = async (options: RtmServerOptions) => {
    if (kind !== 'data') return;
    await stop();
    await start(options);
  };

  it('that one App filled with messages still takes those of another App', async () => {
    const options = { apps: [{ appId: appA }, { appId: appB }], retention: { offlineBytes: 4096 * KIB } };
    await start(options);
    const taken = await store(await login(appA, 'mallory'), 200, junk);
    expect(taken).toBeLessThan(200);
    await restart(options);
    const ann = await login(appB, 'ann');
    expect(await store(ann, 50, 'x'.repeat(10 * KIB))).toBe(50);
  });

  it('that one user filled with messages still takes those of others in its App, at that user’s cost', async () => {
    const options = { apps: [{ appId: appA }], retention: { offlineBytes: 4096 * KIB } };
    await start(options);
    let mallory = await login(appA, 'mallory');
    const taken = await store(mallory, 200, junk);
    expect(taken).toBeLessThan(200);
    await restart(options);
    const ann = await login(appA, 'ann');
    expect(await store(ann, 20, 'x'.repeat(10 * KIB), 'friend')).toBe(20);
    mallory = kind === 'data' ? await login(appA, 'mallory') : mallory;
    expect(await store(mallory, 100, junk, 'again')).toBe(0);
    for (const i of [0, 19]) expect(await waiting(appA, `friend-${i}`, ann)).toHaveLength(1);
  });

  it('keeps what a small sender stored in a queue that another one floods', async () => {
    const options = { apps: [{ appId: appA }] };
    await start(options);
    let ann = await login(appA, 'ann');
    const sends = ['one', 'two', 'three'].map((text) => ann.sendToPeer('victim', text, { offline: true }));
    for (const { delivery } of await Promise.all(sends)) expect(delivery).toBe('cached');
    const mallory = await login(appA, 'mallory');
    await Promise.all(Array.from({ length: 150 }, (_, i) => mallory.sendToPeer('victim', `${i}`, { offline: true })));
    await restart(options);
    const again = kind === 'data' ? await login(appA, 'mallory') : mallory;
    ann = kind === 'data' ? await login(appA, 'ann') : ann;
    await Promise.all(Array.from({ length: 150 }, (_, i) => again.sendToPeer('victim', `${i}`, { offline: true })));
    const messages = await waiting(appA, 'victim', ann);
    expect(messages.filter(({ from }) => from === 'ann').map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(messages.filter(({ from }) => from === 'mallory')).toHaveLength(197);
  });

  it('that one App filled with bodies still takes those of another App', async () => {
    const options = { apps: [{ appId: appA }, { appId: appB }], media: { storeBytes: 1024 * KIB } };
    await start(options);
    const mallory = await login(appA, 'mallory');
    let taken = 0;
    while (await upload(mallory, 100 * KIB)) ++taken;
    expect(taken).toBe(5);
    await restart(options);
    const moritz = await login(appA, 'moritz');
    // A server that starts looks at the bodies one after the other; until it has seen one, that counts for nobody.
    await vi.waitFor(async () => expect(await upload(moritz, 100 * KIB)).toBe(false), { timeout: 10_000 });
    const ann = await login(appB, 'ann');
    for (let i = 0; i < 3; ++i) expect(await upload(ann, 100 * KIB)).toBe(true);
  });

  it('that one user filled with its share of bodies still takes those of others in its App', async () => {
    const options = { apps: [{ appId: appA }], media: { storeBytes: 1024 * KIB, userBytes: 256 * KIB } };
    await start(options);
    const mallory = await login(appA, 'mallory');
    const side = await Promise.all([1, 2, 3].map(() => upload(mallory, 100 * KIB)));
    expect(side.filter((ok) => ok)).toHaveLength(2);
    expect(await upload(mallory, 100 * KIB)).toBe(false);
    expect(await upload(await login(appA, 'ann'), 200 * KIB)).toBe(true);
  });
});
