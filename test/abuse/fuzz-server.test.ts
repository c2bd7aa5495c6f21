// Random sequences of frames from several connections: good requests, mutated ones, noise, logins and resumes with true and
// false secrets, cuts at any point. Whatever they are: every login is answered or ends, a user who does nothing wrong gets its
// messages, the server sends known frames only, and no session is left when all are gone.
import { once } from 'node:events';
import { join } from 'node:path';
import { RtmClient, RtmServer } from 'rtm-native';
import { expect, it } from 'vitest';
import { root } from '../integration/cli-process.js';
import { FUZZ_TIMEOUT, fuzz } from '../integration/support/fuzz.js';
import { mutated, type Random, randomMessage } from '../integration/support/random.js';
import { messages } from '../integration/support/wire.js';

const appId = '0123456789abcdef0123456789abcdef';

/** The client of the abuse suite. */
interface RawClient {
  readonly closed: boolean;
  readonly heard: ReadonlyMap<string, number>;
  send(name: string, message?: object): void;
  write(bytes: Uint8Array): void;
  next(name: string): Promise<Record<string, unknown>>;
  close(): void;
}
interface Wire {
  RawClient: { connect(place: object): Promise<RawClient> };
  encoded(name: string, message?: object): Buffer;
  frame(kind: number, body: Uint8Array): Buffer;
  content(message: object): Uint8Array;
}
interface Secrets {
  readonly user: string;
  readonly session_id: unknown;
  readonly resume_token: Uint8Array;
  readonly inbox_epoch: unknown;
}

const user = (random: Random) => random.oneOf(['ann', 'ben', 'cem', 'an invalid "id"', '']);
const channel = (random: Random) => random.oneOf(['a', 'b', '', 'c'.repeat(65)]);

/** A request that a client could make. */
function sensible(random: Random, wire: Wire): Buffer {
  const request_id = random.below(1000);
  const [user_ids, channel_id] = [[user(random), 'ann', 'nobody'], channel(random)];
  const sent = {
    seq: random.below(40),
    flags: random.below(4),
    content: wire.content({ message_id: 1, type: 1, text: 'x' }),
  };
  const entries = [{ key: 'key', value: 'v'.repeat(random.below(100)) }];
  const [name, message] = random.oneOf<() => [string, object]>([
    () => ['Ping', { token: request_id }],
    () => ['PeerSend', { ...sent, peer_id: user(random) }],
    () => ['PeerSend', { ...sent, peer_id: 'ann' }],
    () => ['ChannelSend', { ...sent, channel_id }],
    () => ['InboxAck', { offset: random.below(50) }],
    () => ['Join', { request_id, channel_id }],
    () => ['Join', { request_id, channel_id: 'a' }],
    () => ['Leave', { request_id, channel_id }],
    () => ['GetMembers', { request_id, channel_id }],
    () => ['GetMemberCounts', { request_id, channel_ids: Array.from({ length: random.below(40) }, () => 'a') }],
    () => ['PresenceQuery', { request_id, user_ids }],
    () => ['PresenceSubscribe', { request_id, user_ids }],
    () => ['PresenceUnsubscribe', { request_id, user_ids }],
    () => ['UserAttributesWrite', { request_id, action: random.below(5), entries }],
    () => ['UserAttributesRead', { request_id, user_id: user(random), keys: [] }],
    () => ['ChannelAttributesWrite', { request_id, channel_id, action: random.below(5), entries, notify: true }],
    () => ['ChannelAttributesRead', { request_id, channel_id, keys: ['key'] }],
    () => ['MediaUpload', { request_id, size: random.below(3) * 1000 }],
    () => ['MediaDownload', { request_id, media_id: channel_id }],
    () => ['MediaCancel', { request_id }],
    () => ['HistoryQuery', { request_id, source: user(random), end_ms: Date.now(), count_only: random.below(2) === 0 }],
    () => ['RenewToken', { request_id, token: 'no token' }],
    () => ['Logout', { request_id }],
  ])();
  return wire.encoded(name, message);
}

function anyBytes(random: Random, wire: Wire): Uint8Array {
  if (random.below(8) > 1) return sensible(random, wire);
  if (random.below(5) === 0) return random.bytes(1 + random.below(60));
  const { kind, type } = random.oneOf(messages);
  const body = type.encode(randomMessage(type, random, { length: 30, elements: 5 })).finish();
  return wire.frame(kind, random.below(2) === 0 ? mutated(body, random) : body);
}

/** Waits until a login is answered, refused or cut off. */
const answered = (client: RawClient) =>
  Promise.race(['LoginResult', 'ResumeResult', 'Bye'].map((name) => client.next(name).catch(() => undefined)));

async function runSequence(random: Random, wire: Wire, server: RtmServer, secrets: Secrets[]): Promise<RawClient[]> {
  const all: RawClient[] = [];
  const present: (RawClient | undefined)[] = [undefined, undefined, undefined];
  for (let steps = 10 + random.below(40); steps > 0; steps--) {
    const place = random.below(present.length);
    const client = present[place];
    if (client === undefined || client.closed) {
      const fresh = await wire.RawClient.connect({ port: server.port, tls: false });
      if (random.below(8) > 0) fresh.send('Hello', { version: 1, capabilities: random.below(8) });
      present[place] = fresh;
      all.push(fresh);
      continue;
    }
    const step = random.below(14);
    if (step < 2) {
      const user_id = user(random);
      client.send('Login', { app_id: appId, user_id });
      const answer = await answered(client);
      if (answer?.['session_id'] && answer['code'] === 0)
        secrets.push({ ...(answer as unknown as Secrets), user: user_id });
    } else if (step < 4 && secrets.length > 0) {
      const known = random.oneOf(secrets);
      const resume_token = Buffer.from(known.resume_token);
      if (random.below(3) === 0 && resume_token.length > 0) resume_token[random.below(resume_token.length)]! ^= 1;
      const channels =
        random.below(2) === 0 ? [] : [{ channel_id: 'a', epoch: random.below(3), offset: random.below(9) }];
      client.send('Resume', {
        ...{ app_id: appId, user_id: random.below(5) === 0 ? 'cem' : known.user, session_id: known.session_id },
        ...{ resume_token, inbox_epoch: known.inbox_epoch, inbox_offset: random.below(30), channels },
        first_unanswered_seq: random.below(30),
      });
      await answered(client);
    } else if (step === 4) {
      client.close();
    } else {
      for (let left = 1 + random.below(5); left > 0; left--) client.write(anyBytes(random, wire));
    }
  }
  if (secrets.length > 16) secrets.splice(0, secrets.length - 16);
  return all;
}

it('random sequences harm no other user, and leave nothing behind', { timeout: FUZZ_TIMEOUT }, async () => {
  const wire: Wire = await import(join(root, 'bench/abuse/wire.mjs'));
  const server = await RtmServer.start({
    ...{ host: '127.0.0.1', port: 0, tls: false, limits: 'off', loops: 2, apps: [{ appId }] },
  });
  const witness = await RtmClient.login({ appId, userId: 'witness', endpoints: server.connectString });
  const secrets: Secrets[] = [];
  try {
    await fuzz(async (random) => {
      const clients = await runSequence(random, wire, server, secrets);
      const [[message]] = await Promise.all([once(witness, 'message'), witness.sendToPeer('witness', 'alive')]);
      expect(message).toMatchObject({ text: 'alive' });
      for (const client of clients) {
        expect([...client.heard.keys()].filter((name) => name.startsWith('kind'))).toEqual([]);
        client.close();
      }
    });
    // The last login of a user ends the session that is left of it.
    for (const userId of ['ann', 'ben', 'cem']) {
      await (await RtmClient.login({ appId, userId, endpoints: server.connectString })).logout();
    }
    await expect.poll(() => server.stats().sessions, { timeout: 10_000 }).toBe(1);
    await expect.poll(() => server.stats().channels, { timeout: 10_000 }).toBe(0);
  } finally {
    await witness.logout();
    await server.close();
  }
});
