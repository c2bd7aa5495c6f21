// A node that can no longer reach Redis, while its clients can still reach the node.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { within } from '../../integration/client-world.js';
import { FaultProxy } from '../fault-proxy.js';
import { Crowd, tally } from './crowd.js';
import { ServerNodes } from './server-nodes.js';

const LEASE_MS = 5000;
/** The wait that a cut-off node asks of its users, unless they know another node. */
const HINT_MS = 2000;
const USERS = 40;

interface Reconnect {
  readonly userId: string;
  readonly resumed: boolean;
  readonly server: string;
}

it.skipIf(redisMissing)(
  'a node cut off from Redis sends its users away in time; they go on elsewhere, and come back',
  {
    timeout: 90_000,
  },
  async () => {
    const redis = await Redis.start();
    onTestFinished(() => redis.stop());
    const way = await FaultProxy.start({ port: redis.port, connectString: redis.url });
    onTestFinished(() => way.close());
    const servers = await ServerNodes.start([way.connectString, redis.url], {
      RTM_SERVER_TIMES_LEASE: String(LEASE_MS),
    });
    onTestFinished(() => servers.end());
    const clients = await Promise.all(
      Array.from({ length: USERS }, (_, index) => servers.login(`user${index}`, index % 2)),
    );
    // A user who knows only this node has to wait for it.
    const endpoint = servers.nodes[0]?.endpoint ?? '';
    const door = await FaultProxy.start({ port: Number(/:(\d+)#/.exec(endpoint)?.[1]), connectString: endpoint });
    onTestFinished(() => door.close());
    const bound = await servers.login('bound', 0, { endpoints: door.connectString });
    const crowd = new Crowd(clients, 20);
    await crowd.join();
    const presence: string[] = [];
    clients[1]?.on('presence', ({ changes }) => presence.push(...changes.map(({ state }) => state)));
    await clients[1]?.presence.subscribe(clients.filter((_, index) => index % 2 === 0).map(({ userId }) => userId));
    await expect.poll(() => presence.length).toBe(USERS / 2);
    presence.length = 0;

    const back: (Reconnect & { after: number })[] = [];
    let cutAt = 0;
    const listener = (message: unknown) => {
      const reconnect = message as Reconnect;
      if (reconnect.userId !== bound.userId) back.push({ ...reconnect, after: Math.round(performance.now() - cutAt) });
    };
    subscribe('rtm:reconnect', listener);
    onTestFinished(() => void unsubscribe('rtm:reconnect', listener));
    crowd.start({ peer: 100, channel: 10, others: 0 });
    await pause(1000);
    way.freeze();
    cutAt = performance.now();
    const sentAway = (async () => {
      while (!/sends clients away|clients are sent away/.test(servers.nodes[0]?.log ?? '')) await pause(20);
      return performance.now() - cutAt;
    })();
    await expect.poll(() => back.length, { timeout: 30_000, interval: 50 }).toBe(USERS / 2);
    const away = await sentAway;
    await pause(2000);
    // The way is back: the node accepts users again, and the cluster has two nodes.
    way.mend();
    await expect
      .poll(
        () =>
          servers.login('late', 0, { timeout: 1000 }).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    await crowd.stop();
    await crowd.settle();
    const after = back.map((each) => each.after);
    const waited = (door.attempts[1] ?? Number.NaN) - cutAt - away;
    console.log(
      `sent away ${away.toFixed()} ms after the cut, all on the other node after ${Math.max(...after)} ms; ` +
        `failed: ${tally([...crowd.failedSends, ...crowd.failures])}; presence: ${[...new Set(presence)].join(' ')}; ` +
        `channel messages not heard: ${crowd.missed()}; who knows no other node asked again after ${waited.toFixed()} ms`,
    );
    expect(away).toBeLessThan(LEASE_MS);
    expect(waited).toBeGreaterThan(HINT_MS * 0.9);
    await within('who knows no other node is back', bound.whenState('connected'));
    expect(back.every(({ resumed, server }) => resumed && servers.nodes[1]?.endpoint.includes(server))).toBe(true);
    expect(presence).not.toContain('offline');
    crowd.expectOrder();
    expect(crowd.failedSends).toEqual([]);
    for (const { joined, left } of crowd.people) expect([...joined, ...left]).toEqual([]);
  },
);
