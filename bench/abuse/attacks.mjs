// The attacks of the abuse suite. Each runs in a process of its own until its signal, and returns how many things it did.
import { once, setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { content, encoded, frame, openTcp, RawClient, recordClientHello } from './wire.mjs';

/**
 * What an attack knows: a server, the addresses that it may come from, most of the time the first, and tokens of users.
 * @typedef {{ port: number, tls: boolean, adminPort: number, appId: string, addresses: string[],
 *   users: { userId: string, token: string }[], victim: string, channel: string }} Target
 * @typedef {{ name: string, about: string, on?: string[], adminPages?: boolean,
 *   run: (target: Target, signal: AbortSignal) => Promise<number> }} Attack
 */

/** A frame of the greatest size has 64 KiB; the sizes of SDK 1.5.0 allow 32 KiB a message. */
const LARGE_TEXT = 'x'.repeat(30_000);
const MESSAGE_ID = 1;

/** @param {Target} target */
const placeOf = ({ port, tls, addresses }) => ({ port, tls, from: addresses[0] });
const sessionOf = (/** @type {Target} */ target, index = 0) =>
  RawClient.login(placeOf(target), { appId: target.appId, ...(target.users[index] ?? { userId: '', token: '' }) });

/**
 * Does something again and again, `width` times side by side. What fails is tried again: a cut attacker comes back.
 * @param {AbortSignal} signal
 * @param {number} width
 * @param {() => Promise<number>} act returns how many things it did
 */
async function repeatedly(signal, width, act) {
  setMaxListeners(0, signal);
  let done = 0;
  const lane = async () => {
    while (!signal.aborted) {
      try {
        done += await act();
      } catch {
        await pause(20);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return done;
}

/**
 * A logged-in user that sends as fast as the server takes it, and logs in again when it is cut.
 * @param {Target} target
 * @param {AbortSignal} signal
 * @param {{ index?: number, begin?: (client: RawClient) => void, next: () => { bytes: Uint8Array, count: number } }} how
 */
function flood(target, signal, { index = 0, begin, next }) {
  return repeatedly(signal, 1, async () => {
    const client = await sessionOf(target, index);
    begin?.(client);
    let done = 0;
    while (!signal.aborted && !client.closed) {
      const { bytes, count } = next();
      client.write(bytes);
      done += count;
      await client.drained();
      await pause(0);
    }
    client.close();
    return done;
  });
}

const repeated = (/** @type {Uint8Array} */ bytes, /** @type {number} */ count) =>
  Buffer.concat(Array.from({ length: count }, () => bytes));

/**
 * New connections that write `bytes` and then wait to be closed.
 * @param {Target} target
 * @param {AbortSignal} signal
 * @param {{ bytes?: Uint8Array, width: number, from?: string[], holdMs: number }} how `from`: addresses, in turn
 */
async function connections(target, signal, { bytes, width, from = target.addresses.slice(0, 1), holdMs }) {
  let turn = 0;
  let opened = 0;
  await repeatedly(signal, width, async () => {
    const socket = openTcp({ ...placeOf(target), from: from[turn++ % from.length] });
    try {
      await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(3000)]) });
      opened += 1;
      if (bytes !== undefined) socket.write(bytes);
      socket.resume();
      const closed = new Promise((resolve) => socket.once('close', resolve)); // also by a reset
      await Promise.race([closed, pause(holdMs, undefined, { signal })]);
      return 1;
    } finally {
      socket.destroy();
    }
  });
  return opened;
}

let sequence = 0;
const peerSend = (/** @type {string} */ peer, flags = 0, text = LARGE_TEXT) =>
  encoded('PeerSend', {
    seq: ++sequence,
    peer_id: peer,
    flags,
    content: content({ message_id: MESSAGE_ID, type: 1, text }),
  });

/** @type {Attack[]} */
export const attacks = [
  {
    name: 'silent-connections',
    about: 'thousands of connections of four addresses that never send a byte',
    run: (target, signal) => connections(target, signal, { width: 4000, from: target.addresses, holdMs: 60_000 }),
  },
  {
    name: 'half-tls',
    about: 'handshakes that stop after the ClientHello',
    run: async (target, signal) =>
      connections(target, signal, { bytes: await recordClientHello(), width: 200, holdMs: 300 }),
  },
  {
    name: 'ffdhe',
    about: 'a replayed ClientHello that asks for the most expensive key exchange, ffdhe8192',
    run: async (target, signal) =>
      connections(target, signal, { bytes: await recordClientHello({ groups: 'ffdhe8192' }), width: 50, holdMs: 1000 }),
  },
  {
    name: 'handshake-flood',
    about: 'whole TLS handshakes, one after the other, without a login',
    run: (target, signal) =>
      repeatedly(signal, 20, async () => {
        const client = await RawClient.connect(placeOf(target));
        client.close();
        return 1;
      }),
  },
  {
    name: 'bad-logins',
    about: 'logins with a token that is not valid',
    run: (target, signal) =>
      repeatedly(signal, 20, async () => {
        const token = `${target.users[0]?.token.slice(0, -8) ?? ''}AAAAAAAA`;
        await RawClient.login(placeOf(target), { appId: target.appId, userId: 'nobody', token }).catch(() => {});
        return 1;
      }),
  },
  {
    name: 'malformed',
    about: 'connections that send noise, and sessions that send frames which do not decode',
    run: async (target, signal) => {
      const noise = Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * 7919) % 251));
      const raw = connections(target, signal, { bytes: noise, width: 10, holdMs: 1000 });
      const sessions = repeatedly(signal, 4, async () => {
        const client = await RawClient.connect(placeOf(target));
        client.send('Hello', { version: 1 });
        await client.next('HelloOk');
        client.write(frame(5, Buffer.alloc(1000, 0xff)));
        await client.next('Bye').catch(() => {});
        client.close();
        return 1;
      });
      return (await raw) + (await sessions);
    },
  },
  {
    name: 'ping-flood',
    about: 'a session that sends PINGs as fast as it can',
    run: (target, signal) => {
      const bytes = repeated(encoded('Ping', { token: 1 }), 500);
      return flood(target, signal, { next: () => ({ bytes, count: 500 }) });
    },
  },
  {
    name: 'unknown-frames',
    about: 'a session that sends frames of a kind that the server does not know',
    run: (target, signal) => {
      const bytes = repeated(frame(200, Buffer.alloc(4)), 1000);
      return flood(target, signal, { next: () => ({ bytes, count: 1000 }) });
    },
  },
  {
    name: 'relogin',
    about: 'one user that logs in again and again, and fills channel attributes each time, to begin its quotas anew',
    run: async (target, signal) => {
      let channel = 0;
      return repeatedly(signal, 1, async () => {
        const client = await sessionOf(target);
        for (let index = 0; index < 20; index++) {
          client.send('ChannelAttributesWrite', {
            request_id: index + 1,
            channel_id: `waste ${channel++}`,
            entries: Array.from({ length: 3 }, (_, key) => ({ key: `k${key}`, value: 'x'.repeat(8000) })),
          });
        }
        await client.drained();
        await client.next('Result').catch(() => {});
        client.close();
        return 1;
      });
    },
  },
  {
    name: 'attribute-notices',
    about: 'a user outside of a channel of 100 members that writes its attributes with a notice',
    run: async (target, signal) => {
      const members = await Promise.all(target.users.slice(1, 101).map((_, index) => sessionOf(target, index + 1)));
      for (const member of members) member.send('Join', { request_id: 1, channel_id: target.channel });
      await Promise.all(members.map((member) => member.next('JoinResult')));
      let request = 0;
      const next = () => ({
        bytes: encoded('ChannelAttributesWrite', {
          request_id: ++request,
          channel_id: target.channel,
          entries: Array.from({ length: 3 }, (_, key) => ({ key: `k${key}`, value: `${request}`.padEnd(1000, 'x') })),
          notify: true,
        }),
        count: 1,
      });
      const done = await flood(target, signal, { next });
      for (const member of members) member.close();
      return done;
    },
  },
  {
    name: 'invitations',
    about: 'call invitations to a victim, as many as the server takes',
    run: (target, signal) => {
      let invitation = 0;
      const next = () => ({
        bytes: encoded('PeerSend', {
          seq: ++sequence,
          peer_id: target.victim,
          content: content({
            message_id: MESSAGE_ID,
            type: 15,
            invitation: { invitation_id: ++invitation, action: 1, content: 'x'.repeat(8000) },
          }),
        }),
        count: 1,
      });
      return flood(target, signal, { begin: () => resetSequence(), next });
    },
  },
  {
    name: 'message-flood',
    about: 'large messages to a victim, as many as the server takes',
    run: (target, signal) =>
      flood(target, signal, {
        begin: () => resetSequence(),
        next: () => ({ bytes: peerSend(target.victim), count: 1 }),
      }),
  },
  {
    name: 'slow-reader',
    about: 'a session that reads nothing while another sends it large messages',
    run: async (target, signal) => {
      const reader = repeatedly(signal, 1, async () => {
        const client = await sessionOf(target, 1);
        client.stopReading();
        await pause(3000, undefined, { signal }).catch(() => {});
        client.close();
        return 0;
      });
      const to = target.users[1]?.userId ?? '';
      const sent = flood(target, signal, {
        begin: () => resetSequence(),
        next: () => ({ bytes: peerSend(to), count: 1 }),
      });
      return (await sent) + (await reader);
    },
  },
  {
    name: 'presence-watches',
    about: 'subscriptions to users that do not exist, made and dropped',
    run: (target, signal) => {
      let request = 0;
      let user = 0;
      const next = () => {
        const users = Array.from({ length: 500 }, () => `nobody ${user++ % 100_000}`);
        const ask = (/** @type {string} */ name) => encoded(name, { request_id: ++request, user_ids: users });
        return { bytes: Buffer.concat([ask('PresenceSubscribe'), ask('PresenceUnsubscribe')]), count: 2 };
      };
      return flood(target, signal, { next });
    },
  },
  {
    name: 'history-counts',
    about: 'counts over the whole history of a user',
    on: ['durable', 'cluster', 'memory'],
    run: async (target, signal) => {
      const me = target.users[0]?.userId ?? '';
      let request = 0;
      resetSequence();
      const stored = await sessionOf(target);
      for (let index = 0; index < 2000 && !signal.aborted; index++) {
        stored.write(peerSend(target.victim, 2, `message ${index}`));
        if (index % 200 === 199) await stored.next('SendResults').catch(() => {});
      }
      stored.close();
      const next = () => ({
        bytes: encoded('HistoryQuery', { request_id: ++request, source: me, end_ms: Date.now(), count_only: true }),
        count: 1,
      });
      return flood(target, signal, { next });
    },
  },
  {
    name: 'offline-fill',
    about: 'large offline messages for users that never come, to fill the store of all',
    run: (target, signal) => {
      let receiver = 0;
      return flood(target, signal, {
        begin: () => resetSequence(),
        next: () => ({ bytes: peerSend(`absent ${receiver++ % 500}`, 1), count: 1 }),
      });
    },
  },
  {
    name: 'offline-eviction',
    about: 'offline messages for one absent user, to push those of others out of its queue',
    run: (target, signal) =>
      flood(target, signal, {
        begin: () => resetSequence(),
        next: () => ({ bytes: peerSend('absent victim', 1, 'junk'), count: 1 }),
      }),
  },
  {
    name: 'media-fill',
    about: 'uploads of 30 MB each, to fill the store of all',
    run: async (target, signal) => {
      const { createHash } = await import('node:crypto');
      const data = Buffer.alloc(60_000, 1);
      const size = 500 * data.length;
      let turn = 0;
      return repeatedly(signal, 3, async () => {
        const session = await sessionOf(target, turn++ % 3);
        try {
          session.send('MediaUpload', { request_id: 1, size });
          const { code, ticket } = await session.next('MediaTicket');
          if (code) {
            await pause(100);
            return 0;
          }
          const client = await RawClient.connect(placeOf(target));
          client.send('Hello', { version: 1 });
          await client.next('HelloOk');
          client.send('MediaOpen', { ticket });
          await client.next('MediaOpened');
          const digest = createHash('sha256');
          for (let sent = 0; sent < size && !client.closed && !signal.aborted; sent += data.length) {
            client.send('MediaData', { data });
            digest.update(data);
            await client.drained();
          }
          client.send('MediaEnd', { sha256: digest.digest() });
          const stored = await client.next('MediaStored').catch(() => ({ code: 1 }));
          client.close();
          return stored.code ? 0 : 1;
        } finally {
          session.close();
        }
      });
    },
  },
  {
    name: 'admin-requests',
    about: 'requests to the admin pages that never end',
    adminPages: true,
    on: ['memory'],
    run: (target, signal) =>
      connections({ ...target, port: target.adminPort }, signal, {
        bytes: Buffer.from('GET /healthz HTTP/1.1\r\nHost: localhost\r\n'),
        width: 500,
        holdMs: 60_000,
      }),
  },
];

/** A session counts its sends from 1. */
function resetSequence() {
  sequence = 0;
}
