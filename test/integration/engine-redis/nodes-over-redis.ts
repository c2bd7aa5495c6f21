import { afterAll, afterEach, beforeAll } from 'vitest';
import { Redis } from '../../fixtures/redis.js';
import { Node } from './node.js';

/** A Redis for the tests of a block, with the nodes that each test starts; nodes and data end with their test. */
export function nodesOverRedis(defaults: object = {}) {
  let redis: Redis;
  const started: Node[] = [];
  beforeAll(async () => {
    redis = await Redis.start();
  });
  afterAll(() => redis?.stop());
  afterEach(async () => {
    await Promise.all(started.splice(0).map((node) => node.engine.close()));
    await redis.cli('FLUSHALL');
  });
  return {
    get redis(): Redis {
      return redis;
    },
    start: async (more: object = {}): Promise<Node> => {
      const node = await Node.start({ url: redis.url, ...defaults, ...more });
      started.push(node);
      return node;
    },
  };
}
