// A malicious server: after the login it answers calls with messages of any kind and any values, with mutated ones and with noise,
// sends what nobody asked for, and hangs up at any point. Whatever it does: each call of the client ends, with a value or with an
// RtmError, and the next login at a good server works.
import { RtmClient, RtmError } from 'rtm-native';
import { expect, it } from 'vitest';
import { FUZZ_TIMEOUT, fuzz } from '../integration/support/fuzz.js';
import { behaveWell, type OddPeer, startOddServer } from '../integration/support/odd-server.js';
import { mutated, type Random, randomMessage } from '../integration/support/random.js';
import { frameBytes, frameKinds, messageNameOf, messages, schema } from '../integration/support/wire.js';

const appId = '0123456789abcdef0123456789abcdef';
const CALL_MS = 100;
const timing = { 'rtm.timing': { outage_ms: 300, logout_ms: 200, request_ms: CALL_MS } };
/** Messages that answer something that the client does in this test. */
const answers = [
  ...['Result', 'SendResults', 'JoinResult', 'Members', 'MemberCounts', 'PresenceStates', 'UserAttributes'],
  ...['ChannelAttributes', 'HistoryResult', 'MediaTicket', 'PeerMessage', 'ChannelMessage', 'MemberEvent', 'Bye'],
  ...['MemberCount', 'ChannelKicked', 'PresenceEvent', 'ChannelAttributesEvent'],
];
const kindByName = new Map([...frameKinds].map(([name, kind]) => [messageNameOf(name), kind]));
const shape = { length: 20, elements: 4 };

/** The bytes of one frame that a server of this kind sends. */
function oddFrame(random: Random): Uint8Array {
  const name = random.below(4) > 0 ? random.oneOf(answers) : random.oneOf(messages).name;
  const type = schema.lookupType(`rtm.${name}`);
  const message = randomMessage(type, random, shape) as unknown as Record<string, unknown>;
  // Numbers of requests and names that the client knows, so that the message is for something.
  if ('request_id' in type.fields) message['request_id'] = 1 + random.below(25);
  if ('code' in type.fields && random.below(2) === 0) message['code'] = 0;
  if ('channel_id' in type.fields && random.below(4) > 0) message['channel_id'] = 'room';
  let body = type.encode(message).finish();
  if (random.below(4) === 0) body = mutated(body, random);
  const frame = frameBytes({ kind: kindByName.get(name) ?? 200, body });
  return random.below(20) === 0 ? random.bytes(1 + random.below(40)) : frame;
}

function misbehave(peer: OddPeer, random: Random): void {
  for (let left = random.below(4); left > 0; left--) peer.write(oddFrame(random));
  if (random.below(40) === 0) peer.close();
}

/** Some of everything that a program does, all at once. */
function callsOf(client: RtmClient): Promise<unknown>[] {
  const limit = { timeout: CALL_MS };
  return [
    client.sendToPeer('peer', 'hello', limit),
    client.sendToPeer('peer', Buffer.from('bytes'), limit),
    client.join('room', limit).then(async (room) => {
      room
        .on('message', () => {})
        .on('memberJoined', () => {})
        .on('attributes', () => {});
      await Promise.all([room.send('hello', limit), room.members(limit), room.leave(limit)]);
    }),
    client.presence.query(['peer', 'other'], limit),
    client.presence.subscribe(['peer'], limit),
    client.attributes.set({ key: 'value' }, limit),
    client.history.query({ source: 'ann' }, limit),
    client.media.download('0123456789abcdef0123456789abcdef', limit),
    client.calls.invite('peer', { content: 'lunch?', ...limit }),
    client.renewToken('another', limit),
  ];
}

it('a malicious server harms no client', { timeout: FUZZ_TIMEOUT }, async () => {
  let random: Random | undefined;
  let loggedIn = false;
  const odd = await startOddServer({
    onFrame: (peer, name) => {
      if (!loggedIn || random === undefined || name === 'Hello' || name === 'Login') behaveWell(peer, name);
      else misbehave(peer, random);
      if (name === 'Login') loggedIn = true;
    },
  });
  const login = (parameters?: Record<string, unknown>) =>
    RtmClient.login({ appId, userId: 'ann', endpoints: odd.endpoint, ...(parameters && { parameters }) });
  await fuzz(async (chosen) => {
    random = chosen;
    loggedIn = false;
    const client = await login(timing);
    client
      .on('message', () => {})
      .on('presence', () => {})
      .calls.on('invitation', () => {});
    const outcomes = await Promise.allSettled(callsOf(client));
    const odds = outcomes
      .filter(({ status }) => status === 'rejected')
      .map((each) => (each as PromiseRejectedResult).reason);
    for (const error of odds) {
      const known = RtmError.is(error) || (error as { code?: string }).code?.startsWith('ERR_RTM_INVALID_ARG') === true;
      expect(known, String(error?.stack ?? error)).toBe(true);
    }
    await client.logout({ timeout: 1000 }).catch((error) => expect(RtmError.is(error), String(error)).toBe(true));
    odd.bytes.length = 0;
    odd.heard.length = 0;
    random = undefined;
    const good = await login();
    await good.logout({ timeout: 5000 });
  });
});
