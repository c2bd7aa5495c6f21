import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RtmClient, RtmServer } from 'rtm-native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { within } from './client-world.js';
import { TinyStore } from './support/tiny-store.js';

const appId = '0123456789abcdef0123456789abcdef';
const open: AsyncDisposable[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-store-'));
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function start(store: TinyStore, lines: string[] = []): Promise<RtmServer> {
  const log = (level: string, line: string) => void (level === 'error' && lines.push(line));
  const apps = [{ appId: 'f'.repeat(32) }, { appId }];
  const media = { folder };
  const server = await RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    loops: 2,
    apps,
    limits: 'off',
    media,
    store,
    log,
  });
  open.push(server);
  return server;
}

async function login(server: RtmServer, userId: string): Promise<RtmClient> {
  const client = await RtmClient.login({ appId, userId, endpoints: server.connectString, timeout: 10_000 });
  open.push(client);
  return client;
}

async function texts(client: RtmClient, count: number): Promise<(string | undefined)[]> {
  const read: (string | undefined)[] = [];
  const reading = (async () => {
    for await (const message of client.messages()) {
      read.push(message.text);
      if (read.length === count) return;
    }
  })();
  await within(`${count} messages`, reading);
  return read;
}

describe('a server over a store in JavaScript', () => {
  it('finds cached messages after a restart, once, and the history', async () => {
    const store = new TinyStore();
    const first = await start(store);
    const alice = await login(first, 'alice');
    for (const text of ['one', 'z\u00fcei', 'three']) {
      const { delivery } = await alice.sendToPeer('bob', text, { offline: true, history: true });
      expect(delivery).toBe('cached');
    }
    await first.close();
    expect(store.closed).toBe(true);

    const second = await start(store);
    const bob = await login(second, 'bob');
    expect(await texts(bob, 3)).toEqual(['one', 'z\u00fcei', 'three']);
    const page = await bob.history.query({ destination: 'bob' });
    expect(page.messages.map(({ text }) => text)).toEqual(['one', 'z\u00fcei', 'three']);
    await bob.logout();
    const again = await login(second, 'bob');
    const next = once(again, 'message');
    await (await login(second, 'alice')).sendToPeer('bob', 'new');
    expect((await within('the message', next))[0]).toMatchObject({ text: 'new', offline: false });
    expect(store.queues.get(`${appId}/bob`)).toEqual([]);
  });

  it('refuses a send whose message the store rejects, says why in the log, and goes on', async () => {
    const store = new TinyStore();
    const lines: string[] = [];
    const server = await start(store, lines);
    const alice = await login(server, 'alice');
    store.gate = (operation) => {
      if (operation === 'appendOffline') throw new Error('no space left');
    };
    await expect(alice.sendToPeer('bob', 'lost', { offline: true })).rejects.toMatchObject({ reason: 1 });
    expect(lines).toContain('AppendOffline failed: no space left');
    store.gate = () => {};
    expect((await alice.sendToPeer('bob', 'kept', { offline: true })).delivery).toBe('cached');
    expect(await texts(await login(server, 'bob'), 1)).toEqual(['kept']);
  });

  it('answers no operation before a slow store does, and delays no operation that does not need it', async () => {
    const store = new TinyStore();
    const server = await start(store);
    const [alice, carol] = [await login(server, 'alice'), await login(server, 'carol')];
    const opened = deferred();
    store.gate = (operation) => (operation === 'appendOffline' ? opened.promise : undefined);
    let told = false;
    const cached = alice.sendToPeer('bob', 'slow', { offline: true }).finally(() => {
      told = true;
    });
    for (let i = 0; i < 20; i++) expect((await alice.sendToPeer('carol', `${i}`)).delivery).toBe('delivered');
    expect(await texts(carol, 20)).toHaveLength(20);
    expect(told).toBe(false);
    opened.resolve();
    expect((await within('the send', cached)).delivery).toBe('cached');
  });

  it('closes with orders under way, and closes its store after them', async () => {
    const store = new TinyStore();
    const server = await start(store);
    const alice = await login(server, 'alice');
    const opened = deferred();
    const asked = deferred();
    store.gate = (operation) => {
      if (operation !== 'appendOffline') return undefined;
      asked.resolve();
      return opened.promise;
    };
    const send = alice.sendToPeer('bob', 'in between', { offline: true }).catch((error: unknown) => error);
    await within('the order', asked.promise);
    const closing = server.close();
    setImmediate(() => {
      expect(store.closed).toBe(false);
      opened.resolve();
    });
    await within('the close', closing);
    expect(store.closed).toBe(true);
    expect(store.queues.get(`${appId}/bob`)).toHaveLength(1);
    await alice.logout();
    // Its sender either got the result while the server closed, or does not know; nothing else is possible.
    const outcome = await within('the end of the send', send);
    if (!(outcome instanceof Error)) expect(outcome).toMatchObject({ delivery: 'cached' });
  });

  it('keeps listed bodies of media, and removes unlisted ones at the start', async () => {
    const store = new TinyStore();
    const first = await start(store);
    const alice = await login(first, 'alice');
    const content = Buffer.from('all of it'.repeat(1000));
    const source = join(folder, 'report.txt');
    writeFileSync(source, content);
    const { mediaId } = await alice.media.upload(source);
    await first.close();
    const orphan = 'f'.repeat(32);
    writeFileSync(join(folder, `${orphan}.body`), 'its server died before it was listed');
    writeFileSync(join(folder, `${orphan}.part`), 'not whole');

    const second = await start(store);
    await vi.waitFor(() => expect(readdirSync(folder).sort()).toEqual([`${mediaId}.body`, 'lock', 'report.txt']));
    const bob = await login(second, 'bob');
    expect(await bob.media.download(mediaId)).toEqual(content);
    await expect(bob.media.download(orphan)).rejects.toMatchObject({ operation: 'downloadMedia' });
  });

  it('keeps bodies whose records it cannot read, and fails an upload that is not listed', async () => {
    const store = new TinyStore();
    const unknown = `${'e'.repeat(32)}.body`;
    writeFileSync(join(folder, unknown), 'of what?');
    store.gate = (operation) => {
      if (operation.endsWith('Media')) throw new Error('not now');
    };
    const lines: string[] = [];
    const server = await start(store, lines);
    await vi.waitFor(() => expect(lines[0]).toContain('not now'));
    const alice = await login(server, 'alice');
    await expect(alice.media.upload(join(folder, unknown))).rejects.toMatchObject({ operation: 'uploadMedia' });
    // What came of the upload is removed behind its answer.
    await vi.waitFor(() => expect(readdirSync(folder).sort()).toEqual([unknown, 'lock'].sort()));
  });

  it('needs a folder of its own for bodies that outlive it', async () => {
    const failing = RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], store: new TinyStore() });
    await expect(failing).rejects.toThrow(/media\.folder/);
  });

  it('closes its store when it cannot start', async () => {
    const store = new TinyStore();
    const host = 'no-such-host.invalid';
    const failing = RtmServer.start({ host, port: 0, apps: [{ appId }], media: { folder }, store });
    await expect(failing).rejects.toMatchObject({ code: 'ERR_RTM_SERVER_START' });
    expect(store.closed).toBe(true);
  });
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
