// All nodes of a cluster are restarted, one after the other, as for a new version, while users are at work.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import type { RtmClient } from 'rtm-native';
import { expect, it, onTestFinished } from 'vitest';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { Crowd, tally } from './crowd.js';
import { abreast, ServerNodes } from './server-nodes.js';

const USERS = 150;

it.skipIf(redisMissing)(
  'a rolling restart of three nodes under traffic fails no call, and loses and doubles nothing',
  {
    timeout: 120_000,
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
    const crowd = new Crowd(clients, 30);
    await crowd.join();
    const back: { resumed: boolean; duration: number }[] = [];
    const listener = (message: unknown) => void back.push(message as { resumed: boolean; duration: number });
    subscribe('rtm:reconnect', listener);
    onTestFinished(() => void unsubscribe('rtm:reconnect', listener));
    crowd.start({ peer: 300, channel: 30, others: 100 });
    await pause(1000);
    const seconds: string[] = [];
    for (const node of servers.nodes) {
      const since = performance.now();
      expect(await node.stop()).toBe(0);
      await node.start();
      seconds.push(((performance.now() - since) / 1000).toFixed(1));
      await pause(1000);
    }
    await crowd.stop();
    await crowd.settle();
    console.log(
      [
        `restarts took ${seconds.join(', ')} s; ${crowd.sent} peer messages, ${crowd.calls} other calls; ` +
          `${back.length} moves, ${back.filter(({ resumed }) => resumed).length} of them resumed, longest ` +
          `${Math.max(...back.map(({ duration }) => duration)).toFixed()} ms`,
        `failed: ${tally([...crowd.failedSends, ...crowd.failures])}; channel messages not heard: ${crowd.missed()}`,
      ].join('\n'),
    );
    crowd.expectOrder();
    expect(crowd.failedSends).toEqual([]);
    expect(crowd.failures).toEqual([]);
    expect(crowd.missed()).toBe(0);
    expect(back.every(({ resumed }) => resumed)).toBe(true);
    expect(back.length).toBeGreaterThanOrEqual(USERS);
    for (const { joined, left } of crowd.people) expect([...joined, ...left]).toEqual([]);
  },
);
