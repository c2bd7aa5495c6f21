import { once } from 'node:events';
import { RtmClient, RtmError } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../integration/client-world.js';
import { KillableServer } from './killable-server.js';

const appId = '0123456789abcdef0123456789abcdef';
const server = new KillableServer({ apps: [{ appId }], limits: 'off' });
// A new login restores at once what was lost with the server; a send that nobody can answer ends after two seconds.
const parameters = { 'rtm.timing': { outage_ms: 300, peer_message_ms: 2000 } };

beforeAll(() => server.start());
afterAll(() => server.kill());

const login = (userId: string) => RtmClient.login({ appId, userId, endpoints: server.connectString, parameters });
const back = (client: RtmClient) => within(`${client.userId} back`, client.whenState('connected'), 20_000);

describe('a server that is killed and started again', () => {
  it('has its users back, in their channels, with attributes and subscriptions, without any action of theirs', async () => {
    const [alice, bob] = await Promise.all([login('alice'), login('bob')]);
    const [room, bobsRoom] = await Promise.all([alice.join('room'), bob.join('room')]);
    await alice.attributes.set({ mood: 'calm' });
    await bob.presence.subscribe(['alice', 'carol']);
    const lost = [alice, bob].map((client) => once(client, 'state'));
    await server.kill();
    for (const each of lost) expect((await within('state', each))[0]).toMatchObject({ current: 'reconnecting' });
    await server.start();
    await Promise.all([back(alice), back(bob)]);

    const heard = once(bobsRoom, 'message');
    for (;;) {
      // The channel is joined again right after the login: until then a send is refused.
      const sent = await room.send('anybody?').then(
        () => true,
        () => false,
      );
      if (sent && (await room.members()).length === 2) break;
    }
    await room.send('again');
    expect((await within('message', heard))[0].text).toMatch(/anybody|again/);

    const carolSeen = (async () => {
      for (;;) {
        const [notice] = await once(bob, 'presence');
        if (
          notice.changes.some(
            (each: { userId: string; state: string }) => each.userId === 'carol' && each.state === 'online',
          )
        )
          return;
      }
    })();
    const carol = await login('carol');
    await within('the subscription', carolSeen);
    expect(await bob.attributes.get('alice')).toEqual(new Map([['mood', 'calm']]));
    await Promise.all([alice, bob, carol].map((client) => client.logout()));
  });

  it('reports only the truth: every message reported as delivered arrived, once and in order', async () => {
    const [sender, receiver] = await Promise.all([login('sender'), login('receiver')]);
    const got: number[] = [];
    receiver.on('message', (message) => got.push(Number(message.text)));
    const delivered: number[] = [];
    const failed = new Map<string, number>();
    let next = 0;
    let stop = false;
    const worker = async () => {
      while (!stop) {
        const number = ++next;
        try {
          await sender.sendToPeer('receiver', String(number));
          delivered.push(number);
        } catch (error) {
          const code = error instanceof RtmError ? error.code : String(error);
          failed.set(code, (failed.get(code) ?? 0) + 1);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    };
    const workers = Array.from({ length: 64 }, worker);
    for (let round = 0; round < 3; round++) {
      const before = delivered.length;
      const enough = async () => {
        while (delivered.length < before + 2000) await once(receiver, 'message');
      };
      await within('2,000 deliveries', enough(), 20_000);
      await server.kill();
      await server.start();
      await Promise.all([back(sender), back(receiver)]);
    }
    stop = true;
    await within('every send has its result', Promise.all(workers), 20_000);
    const received = new Set(got);
    expect(received.size).toBe(got.length);
    expect(got).toEqual([...got].sort((a, b) => a - b));
    expect(delivered.filter((number) => !received.has(number))).toEqual([]);
    console.log(`${delivered.length} delivered, ${got.length} received; failed: ${JSON.stringify([...failed])}`);
    await Promise.all([sender.logout(), receiver.logout()]);
  });
});
