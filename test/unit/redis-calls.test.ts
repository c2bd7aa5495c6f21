// The way of calls and news between a node and Redis, over a fake one that fails where a real one seldom does.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../lib/server/cluster/redis/client.js';
import { settingsOf } from '../../lib/server/cluster/redis/options.js';
import { type OwedCall, ScriptCalls } from '../../lib/server/cluster/redis/script-calls.js';
import { Shards } from '../../lib/server/cluster/redis/shards.js';

class FakeRedis {
  readonly carriedOut: string[] = [];
  /** The error of the next calls. */
  errors: string[] = [];
  onSubscribe: ((listener: (message: Buffer) => void) => void) | undefined;

  readonly client = {
    connect: async () => undefined,
    destroy: () => undefined,
    on: () => undefined,
    sUnsubscribe: async () => undefined,
    sSubscribe: async (_channel: string, listener: (message: Buffer) => void) => this.onSubscribe?.(listener),
    sendCommand: async ([command, ...args]: string[]) => {
      if (command === 'INFO') return 'redis_version:7.0.15\nrole:master\n';
      if (command === 'ROLE') return ['master'];
      if (command === 'FUNCTION') return ['there'];
      if (command !== 'FCALL') return 'OK';
      const error = this.errors.shift();
      if (error !== undefined && error !== '') throw new Error(error);
      this.carriedOut.push(args.at(-1) as string);
      return args.at(-1);
    },
  } as unknown as Client;
}

const calls: ScriptCalls[] = [];
afterEach(() => {
  for (const each of calls.splice(0)) each.close();
});

describe('calls of a partition', () => {
  const world = (owed?: (partition: number) => OwedCall[]) => {
    const redis = new FakeRedis();
    const shard = { calls: { client: redis.client } };
    const shards = { of: () => shard, library: { prefix: 'rtm_' }, refresh: async () => undefined };
    const made = new ScriptCalls(shards as unknown as Shards, 8000, undefined, owed);
    calls.push(made);
    return { redis, shard, call: (text: string) => made.call<string>(1, 'send', undefined, [text]) };
  };

  it('keep their order when the cause of a failure passes in the middle of a pipeline', async () => {
    const { redis, call } = world();
    // All three fail; when they are called again, the first one fails once more, and then nothing does any more.
    redis.errors = Array.from({ length: 4 }, () => 'CLUSTERDOWN The cluster is down');
    const calls = ['1', '2', '3'].map(call);
    await vi.waitFor(() => expect(redis.errors).toHaveLength(1));
    calls.push(call('4'));
    expect(await Promise.all(calls)).toEqual(['1', '2', '3', '4']);
    expect(redis.carriedOut).toEqual(['1', '2', '3', '4']);
  });

  it('begin over a new connection with the calls that the former one may have lost', async () => {
    const answers: unknown[] = [];
    const again = {
      request: { script: 'send', keys: [], args: ['1'] },
      resolve: (reply: unknown) => answers.push(reply),
      reject: (error: Error) => expect.fail(error.message),
    };
    const { redis, shard, call } = world(() => [again]);
    await call('1');
    const next = new FakeRedis();
    shard.calls.client = next.client;
    expect(await Promise.all([call('2'), call('3')])).toEqual(['2', '3']);
    expect(next.carriedOut).toEqual(['1', '2', '3']);
    expect(redis.carriedOut).toEqual(['1']);
    expect(answers).toEqual(['1']);
  });
});

it('news that come together with the confirmation of a subscription are left to the state that is asked for', async () => {
  const redis = new FakeRedis();
  const seen: string[] = [];
  let listener: ((message: Buffer) => void) | undefined;
  redis.onSubscribe = (each) => {
    listener = each;
    each(Buffer.from('early'));
  };
  const shards = new Shards(() => redis.client, settingsOf({ url: 'redis://127.0.0.1:1' }), {
    news: (_partition, message) => seen.push(String(message)),
    renewed: () => seen.push('renewed'),
  });
  await shards.open();
  shards.listenAs('node');
  await vi.waitFor(() => expect(seen).toHaveLength(256));
  expect(new Set(seen)).toEqual(new Set(['renewed']));
  listener?.(Buffer.from('late'));
  expect(seen.at(-1)).toBe('late');
  shards.close();
});
