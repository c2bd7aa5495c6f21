import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PeerMessage, RtmClient, RtmServer } from 'rtm-native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KillableServer } from '../../network/killable-server.js';
import { rtm } from '../cli-process.js';
import { within } from '../client-world.js';

const appId = '0123456789abcdef0123456789abcdef';
/** Media ids travel with their digests, so that a download can be judged. */
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let folder: string;
const open: AsyncDisposable[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-durable-'));
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const startHere = async (data = join(folder, 'data')) => {
  const server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], limits: 'off', data });
  open.push(server);
  return server;
};
const login = async (server: { connectString: string }, userId: string, parameters = {}) => {
  const endpoints = server.connectString;
  const client = await RtmClient.login({ appId, userId, endpoints, parameters, timeout: 10_000 });
  open.push(client);
  return client;
};

/** All waiting messages of a user: those that come before a message sent now. */
async function collect(server: { connectString: string }, userId: string): Promise<PeerMessage[]> {
  const client = await login(server, userId);
  const marker = await login(server, `${userId}-marker`);
  const messages: PeerMessage[] = [];
  const reading = (async () => {
    for await (const message of client.messages()) {
      if (message.from === marker.userId) return;
      messages.push(message);
    }
  })();
  await marker.sendToPeer(userId, 'the end');
  await within(`what waits for ${userId}`, reading, 20_000);
  await Promise.all([client.logout(), marker.logout()]);
  return messages;
}

describe('a server with a data directory', () => {
  it('delivers cached messages after kill -9, once and in order, and keeps history and files', async () => {
    const data = join(folder, 'data');
    const server = new KillableServer({ apps: [{ appId }], limits: 'off', loops: 2, data });
    open.push({ [Symbol.asyncDispose]: () => server.kill() });
    const cached = new Map<string, number[]>();
    const media = new Map<string, string>();
    const rates: number[] = [];
    let cachedTotal = 0;
    let number = 0;
    for (let round = 0; round < 3; round++) {
      await server.start();
      // A send without an answer ends soon after the kill.
      const parameters = { 'rtm.timing': { outage_ms: 300, peer_message_ms: 1500, media_idle_ms: 1500 } };
      const senders = await Promise.all([0, 1].map((index) => login(server, `sender${index}`, parameters)));
      let stop = false;
      let enough = () => {};
      const timeUp = new Promise<void>((resolve) => {
        enough = resolve;
      });
      const send = async (sender: RtmClient, receiver: string) => {
        while (!stop) {
          const mine = ++number;
          const sent = await sender
            .sendToPeer(receiver, String(mine), { offline: true, history: true })
            .catch(() => undefined);
          if (sent?.delivery !== 'cached') return;
          cached.get(receiver)?.push(mine) ?? cached.set(receiver, [mine]);
          if (++cachedTotal % 1500 === 0) enough();
        }
      };
      const upload = async (sender: RtmClient) => {
        for (let count = 0; !stop; count++) {
          const bytes = randomBytes(20_000 + 1000 * count);
          const path = join(folder, `file-${round}-${count}`);
          writeFileSync(path, bytes);
          const uploaded = await sender.media.upload(path).catch(() => undefined);
          if (uploaded === undefined) return;
          media.set(uploaded.mediaId, sha256(bytes));
        }
      };
      const work = senders.flatMap((sender, index) => [
        upload(sender),
        ...Array.from({ length: 32 }, (_, line) => send(sender, `user${index * 32 + line}`)),
      ]);
      const since = performance.now();
      await within('1,500 cached sends', timeUp, 20_000);
      rates.push(Math.round(1500 / ((performance.now() - since) / 1000)));
      stop = true;
      await server.kill(); // with 64 sends and two uploads under way
      await within('the end of all sends', Promise.all(work), 20_000);
      await Promise.all(senders.map((sender) => sender[Symbol.asyncDispose]()));
    }
    expect(readdirSync(join(data, 'media')).length).toBeGreaterThan(2);

    await server.start();
    const reader = await login(server, 'reader');
    for (const [receiver, numbers] of cached) {
      const got = (await collect(server, receiver)).map(({ text }) => Number(text));
      // A message under way when the server died may be there; the server did not promise it.
      expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
      expect(numbers.filter((each) => !got.includes(each))).toEqual([]);
    }
    for (const [mediaId, digest] of media) expect(sha256(await reader.media.download(mediaId))).toBe(digest);
    expect(media.size).toBeGreaterThan(2);
    const [receiver, numbers] = [...cached][0] as [string, number[]];
    const asking = await login(server, receiver);
    const history: number[] = [];
    for (let offset = 0; ; ) {
      const page = await asking.history.query({ destination: receiver, offset, limit: 100 });
      history.push(...page.messages.map(({ text }) => Number(text)));
      offset += page.messages.length;
      if (page.messages.length === 0 || offset >= page.total) break;
    }
    expect(numbers.filter((each) => !history.includes(each))).toEqual([]);
    console.log(
      `${cachedTotal} cached sends and ${media.size} files over three kills; ${rates.join(', ')} cached sends per second`,
    );
  }, 60_000);

  it('does not deliver a message again after a restart', async () => {
    const first = await startHere();
    const alice = await login(first, 'alice');
    await alice.sendToPeer('bob', 'one', { offline: true });
    expect((await collect(first, 'bob')).map(({ text }) => text)).toEqual(['one']);
    await alice.sendToPeer('bob', 'two', { offline: true });
    await first.close();
    const second = await startHere();
    expect((await collect(second, 'bob')).map(({ text, offline }) => [text, offline])).toEqual([['two', true]]);
    expect(await collect(second, 'bob')).toEqual([]);
  });

  it('keeps the files of an app that it does not serve for a while, and removes files without an app', async () => {
    const other = 'f'.repeat(32);
    const data = join(folder, 'data');
    const path = join(folder, 'file');
    writeFileSync(path, 'of alice');
    const first = await startHere(data);
    const { mediaId } = await (await login(first, 'alice')).media.upload(path);
    await first.close();
    const orphan = `${'e'.repeat(32)}.body`;
    writeFileSync(join(data, 'media', orphan), 'of nobody');
    const second = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId: other }], data });
    await vi.waitFor(() => expect(readdirSync(join(data, 'media'))).not.toContain(orphan));
    await second.close();
    const bob = await login(await startHere(data), 'bob');
    expect(String(await bob.media.download(mediaId))).toBe('of alice');
  });

  it('says in its banner where data is kept, or that none is', async () => {
    const data = join(folder, 'data');
    for (const [args, said] of [
      [['--data', data], new RegExp(`^  data +${data}$`, 'm')],
      [[], /^ {2}data +in memory: a restart forgets it \(--data <folder> keeps it\)$/m],
    ] as const) {
      const server = rtm(['server', '--host', '127.0.0.1', '--port', '0', ...args]);
      await server.shows(said);
      await server.shows(/Ctrl-C stops the server/);
      server.signal('SIGTERM');
      expect(await server.exit()).toBe(0);
    }
    const damaged = join(folder, 'other');
    mkdirSync(damaged);
    writeFileSync(join(damaged, 'messages.mdb'), 'torn');
    const refused = rtm(['server', '--port', '0', '--data', damaged]);
    await refused.shows(/^rtm: cannot use the data directory .*is damaged: .*restore the folder from a backup/m);
    expect(await refused.exit()).toBe(1);
  });

  it('is the only one there; the next may come when it has closed', async () => {
    const first = await startHere();
    await expect(startHere()).rejects.toMatchObject({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringMatching(/another server \(process \d+\) uses it; stop that one, or give each/),
    });
    await first.close();
    await (await startHere()).close();
  });

  it('does not start on a damaged store, says what to do, and changes nothing', async () => {
    const data = join(folder, 'data');
    await (await startHere(data)).close();
    const content = readdirSync(data).sort();
    writeFileSync(join(data, 'messages.mdb'), 'torn');
    await expect(startHere(data)).rejects.toMatchObject({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringMatching(/messages.mdb\) is damaged: .*; restore the folder from a backup, or move it/),
    });
    expect(readdirSync(data).sort()).toEqual(content);
  });

  it('lets go of the folder when the server does not start for another reason', async () => {
    const data = join(folder, 'data');
    const options = { host: 'no-such-host.invalid', port: 0, apps: [{ appId }], data };
    await expect(RtmServer.start(options)).rejects.toMatchObject({ code: 'ERR_RTM_SERVER_START' });
    await startHere(data);
  });
});
