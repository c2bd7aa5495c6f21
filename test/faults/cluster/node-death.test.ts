// A node that is killed: its users go on at other nodes, and users who cannot are gone for everyone.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import type { RtmClient } from 'rtm-native';
import { expect, it, onTestFinished } from 'vitest';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { Crowd, percentile, tally } from './crowd.js';
import { abreast, ServerNodes } from './server-nodes.js';

const USERS = 1500;
const ROOM = 30;
/** Users who know only one node, and are lost with it. */
const BOUND = 20;

interface Reconnect {
  readonly userId: string;
  readonly resumed: boolean;
  readonly duration: number;
}

it.skipIf(redisMissing)(
  `${USERS} users on three nodes: kill -9 of one node loses and doubles nothing`,
  {
    timeout: 240_000,
  },
  async () => {
    const redis = await Redis.start();
    onTestFinished(() => redis.stop());
    const servers = await ServerNodes.start([redis.url, redis.url, redis.url]);
    onTestFinished(() => servers.end());
    const clients: RtmClient[] = [];
    await abreast(
      Array.from({ length: USERS }, (_, index) => index),
      50,
      async (index) => {
        clients[index] = await servers.login(`user${index}`, index % 3);
      },
    );
    const crowd = new Crowd(clients, ROOM);
    await crowd.join();
    // In each room a user of whom only a membership will be left, which the cluster has to remove.
    const boundTo = [servers.nodes[0]?.endpoint ?? ''];
    const bound = new Map<string, string>();
    await Promise.all(
      Array.from({ length: BOUND }, async (_, index) => {
        const client = await servers.login(`bound${index}`, 0, { endpoints: boundTo });
        const room = await client.join(`room${index % (USERS / ROOM)}`);
        bound.set(client.userId, room.id);
      }),
    );
    const home = await Promise.all(servers.nodes.map((node) => node.metric('rtm_sessions')));

    const back: Reconnect[] = [];
    const listener = (message: unknown) => void back.push(message as Reconnect);
    subscribe('rtm:reconnect', listener);
    onTestFinished(() => void unsubscribe('rtm:reconnect', listener));
    crowd.start({ peer: USERS / 2, channel: 30, others: 30 });
    await pause(3000);
    for (const person of crowd.people) person.joined.length = 0;
    await servers.nodes[0]?.kill();
    const killed = performance.now();
    await expect.poll(() => back.length, { timeout: 30_000, interval: 50 }).toBeGreaterThanOrEqual(USERS / 3);
    await pause(5000);
    await crowd.stop();
    await crowd.settle();

    // Users bound to the dead node leave once, 30 s later, and all counts are exact.
    const watchers = [clients[1], clients[2]] as [RtmClient, RtmClient];
    const rooms = [...new Set(crowd.people.map(({ roomId }) => roomId))];
    const exact = async () => {
      const asked = watchers.flatMap((each) =>
        [rooms.slice(0, 32), rooms.slice(32)].map((ids) => [each, ids] as const),
      );
      const some = asked.filter(([, ids]) => ids.length > 0);
      const counts = await Promise.all(some.map(([watcher, ids]) => watcher.memberCounts(ids)));
      return counts.every((each) => [...each.values()].every((count) => count === ROOM));
    };
    await expect.poll(exact, { timeout: 60_000, interval: 500 }).toBe(true);
    const told = () => crowd.people.every(({ room }) => room?.memberCount === ROOM);
    await expect.poll(told, { timeout: 20_000, interval: 100 }).toBe(true);
    const seconds = (performance.now() - killed) / 1000;

    const took = back.map(({ duration }) => duration);
    console.log(
      [
        `${home.join(', ')} sessions on the nodes; ${crowd.sent} peer messages, ${crowd.calls} other calls`,
        `back after the kill: ${back.length}, ${back.filter(({ resumed }) => resumed).length} of them resumed; ` +
          `median ${percentile(took, 0.5).toFixed()} ms, p99 ${percentile(took, 0.99).toFixed()} ms, ` +
          `longest ${Math.max(...took).toFixed()} ms`,
        `failed sends: ${tally(crowd.failedSends)}; failed calls: ${tally(crowd.failures)}`,
        `channel messages not heard: ${crowd.missed()}; all counts exact ${seconds.toFixed(1)} s after the kill`,
      ].join('\n'),
    );
    crowd.expectOrder();
    expect(crowd.failedSends).toEqual([]);
    expect(home[0]).toBe(USERS / 3 + BOUND);
    expect(back.every(({ resumed, userId }) => resumed && !bound.has(userId))).toBe(true);
    expect(back).toHaveLength(USERS / 3);
    expect(percentile(took, 0.5)).toBeLessThan(5000);
    expect(crowd.missed()).toBe(0);
    expect(seconds).toBeLessThan(40);
    // Only users bound to the dead node left, each once, and no user joined.
    for (const { joined, left, roomId } of crowd.people) {
      expect(joined).toEqual([]);
      const gone = [...bound].filter(([, room]) => room === roomId).map(([userId]) => userId);
      expect(left.toSorted()).toEqual(gone.toSorted());
    }
  },
);
