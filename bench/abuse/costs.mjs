// What a server pays for one thing that it does, and for one that it refuses. Each runs until its signal and returns how many.
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { content, encoded, frame, openTcp, RawClient, recordClientHello } from './wire.mjs';

/**
 * `refused`: the thing is refused; its price is compared with that of the good thing of the same `kind`. `batch`: frames
 * written at once, few enough to stay below the budget of frames without effect.
 * @typedef {{ name: string, kind: 'handshake' | 'login' | 'frame', refused: boolean,
 *   run: (target: import('./attacks.mjs').Target, signal: AbortSignal) => Promise<number> }} Cost
 */

/**
 * One after the other, so that the server is never the reason for a wait.
 * @param {AbortSignal} signal
 * @param {() => Promise<unknown>} act
 */
async function inTurn(signal, act) {
  let count = 0;
  while (!signal.aborted) {
    await act();
    count += 1;
  }
  return count;
}

/** @param {import('./attacks.mjs').Target} target */
const placeOf = ({ port, tls }) => ({ port, tls });

/**
 * @param {import('./attacks.mjs').Target} target
 * @param {AbortSignal} signal
 * @param {Uint8Array} bytes
 */
function closedAfter(target, signal, bytes) {
  return inTurn(signal, async () => {
    const socket = openTcp(placeOf(target));
    const closed = once(socket, 'close');
    socket.resume();
    socket.write(bytes);
    await closed;
  });
}

/**
 * Frames of one session at a rate that the budget for frames without effect allows, and their number.
 * @param {import('./attacks.mjs').Target} target
 * @param {AbortSignal} signal
 * @param {Uint8Array | (() => Uint8Array)} bytes
 */
async function frames(target, signal, bytes) {
  const client = await RawClient.login(placeOf(target), {
    appId: target.appId,
    ...(target.users[0] ?? { userId: '', token: '' }),
  });
  let count = 0;
  while (!signal.aborted && !client.closed) {
    for (let index = 0; index < 150; index++) client.write(typeof bytes === 'function' ? bytes() : bytes);
    count += 150;
    await client.drained();
    client.send('Ping', { token: 1 });
    await client.next('Pong');
    await pause(1000, undefined, { signal }).catch(() => {});
  }
  client.close();
  return count;
}

/** @type {Cost[]} */
export const costs = [
  {
    name: 'handshake, good',
    kind: 'handshake',
    refused: false,
    run: (target, signal) =>
      inTurn(signal, async () => {
        const client = await RawClient.connect(placeOf(target));
        client.send('Hello', { version: 1 });
        await client.next('HelloOk');
        client.close();
      }),
  },
  {
    name: 'handshake, ffdhe8192',
    kind: 'handshake',
    refused: true,
    run: async (target, signal) => closedAfter(target, signal, await recordClientHello({ groups: 'ffdhe8192' })),
  },
  {
    name: 'handshake, noise',
    kind: 'handshake',
    refused: true,
    run: (target, signal) => closedAfter(target, signal, Buffer.from('GET / HTTP/1.1\r\n\r\n')),
  },
  {
    name: 'login, good',
    kind: 'login',
    refused: false,
    run: (target, signal) => {
      let turn = 0;
      return inTurn(signal, async () => {
        const user = target.users[turn++ % target.users.length] ?? { userId: '', token: '' };
        const client = await RawClient.login(placeOf(target), { appId: target.appId, ...user });
        client.send('Logout', { request_id: 1 });
        await client.next('Result');
        client.close();
      });
    },
  },
  {
    name: 'login, bad token',
    kind: 'login',
    refused: true,
    run: (target, signal) =>
      inTurn(signal, async () => {
        const token = `${target.users[0]?.token.slice(0, -8) ?? ''}AAAAAAAA`;
        await RawClient.login(placeOf(target), { appId: target.appId, userId: 'nobody', token }).catch(() => {});
      }),
  },
  {
    name: 'frame, peer message',
    kind: 'frame',
    refused: false,
    run: (target, signal) => {
      let seq = 0;
      const text = content({ message_id: 1, type: 1, text: 'x'.repeat(100) });
      return frames(target, signal, () => encoded('PeerSend', { seq: ++seq, peer_id: target.victim, content: text }));
    },
  },
  {
    name: 'frame, unknown kind',
    kind: 'frame',
    refused: true,
    run: (target, signal) => frames(target, signal, frame(200, Buffer.alloc(100))),
  },
  {
    name: 'frame, invalid receiver',
    kind: 'frame',
    refused: true,
    run: (target, signal) => {
      let seq = 0;
      const text = content({ message_id: 1, type: 1, text: 'x'.repeat(100) });
      return frames(target, signal, () => encoded('PeerSend', { seq: ++seq, peer_id: '', content: text }));
    },
  },
];
