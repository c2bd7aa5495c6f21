// Attributes of a channel with notices: one writer must not make the server send its writes to all members, each time.
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Channel, RtmClient, RtmError, RtmServer } from '../../lib/index.js';

const appId = '0123456789abcdef0123456789abcdef';
const MEMBERS = 200;
/** What SDK 1.5.0 lets one user write in five seconds. */
const WRITES = 100;
const VALUE = 'x'.repeat(3000);

let server: RtmServer;
let clients: RtmClient[];

beforeEach(async () => {
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, tls: false, apps: [{ appId }], loops: 1 });
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.logout()));
  await server.close();
});

async function login(userId: string): Promise<RtmClient> {
  const client = await RtmClient.login({ appId, userId, endpoints: server.connectString, timeout: 30_000 });
  clients.push(client);
  return client;
}

/** Ends when the member has been told that the attribute has this value. */
function told(channel: Channel, value: string): Promise<void> {
  return new Promise((resolve) => {
    channel.on('attributes', ({ attributes }) => {
      if (attributes.get('topic')?.value === value) resolve();
    });
  });
}

describe('notices of channel attributes', () => {
  it('of a user who is no member cost the members one notice a second, and the last state arrives', async () => {
    const members = await Promise.all(Array.from({ length: MEMBERS }, (_, index) => login(`member${index}`)));
    const channels = await Promise.all(members.map((member) => member.join('stage')));
    const [attacker, ann, ben] = await Promise.all(['mallory', 'ann', 'ben'].map(login));
    if (!attacker || !ann || !ben) throw new Error('three logins, fewer clients');
    const last = `last ${VALUE}`;
    let notices = 0;
    for (const channel of channels) channel.on('attributes', () => notices++);
    const allTold = Promise.all(channels.map((channel) => told(channel, last)));

    const began = performance.now();
    const attributes = attacker.channelAttributes('stage');
    const writes = Array.from({ length: WRITES - 1 }, (_, index) =>
      attributes.set({ topic: `${index} ${VALUE}` }, { notify: true }).then(
        () => true,
        (error: unknown) => error instanceof RtmError && error.reason === 5,
      ),
    );
    // Beside the flood a message of others is delivered, and they read what they like.
    const received = once(ben, 'message');
    await ann.sendToPeer('ben', 'beside the flood');
    await received;
    expect(await Promise.all(writes)).not.toContain(false);
    // The flood is over: the last write is taken as soon as its writer has paid.
    await expect
      .poll(() => attributes.set({ topic: last }, { notify: true }).then(() => 'taken', String), {
        timeout: 30_000,
        interval: 200,
      })
      .toBe('taken');
    await allTold;
    const seconds = (performance.now() - began) / 1000;

    // Three at once, then one a second; without a bound each member had WRITES of them.
    const most = Math.min(WRITES - 20, 3 + Math.ceil(seconds) + 1);
    expect(notices / MEMBERS).toBeLessThanOrEqual(most);
  });

  it('are refused to all but members if the server says so', async () => {
    const closed = await RtmServer.start({
      host: '127.0.0.1',
      port: 0,
      tls: false,
      apps: [{ appId }],
      channelAttributes: { writers: 'members' },
    });
    try {
      const at = (userId: string) => RtmClient.login({ appId, userId, endpoints: closed.connectString });
      const [member, outsider] = await Promise.all([at('member'), at('outsider')]);
      const { attributes } = await member.join('stage');
      await attributes.set({ topic: 'tea' }, { notify: true });
      const write = outsider.channelAttributes('stage').set({ topic: 'spam' }, { notify: true });
      await expect(write).rejects.toMatchObject({ reason: 2 });
      expect((await outsider.channelAttributes('stage').get()).get('topic')?.value).toBe('tea');
      await Promise.all([member.logout(), outsider.logout()]);
    } finally {
      await closed.close();
    }
  });
});
