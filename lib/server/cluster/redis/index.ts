import type { Engine } from '../engine.js';
import { loadRedis } from './client.js';
import { type RedisEngineOptions, settingsOf } from './options.js';
import { RedisEngine } from './redis-engine.js';

export { EngineError } from '../lanes.js';
export { defaultNodeId, type RedisEngineOptions } from './options.js';

/**
 * The cluster engine over Redis or Valkey 7.0 or newer: single, with Sentinels, or a Redis Cluster. Needs npm
 * `@redis/client`.
 * Rejects if the options are wrong or the package is missing; `start` reports what is wrong with the Redis itself.
 */
export async function createRedisEngine(options: RedisEngineOptions): Promise<Engine> {
  const settings = settingsOf(options);
  return new RedisEngine(loadRedis(settings), settings);
}
