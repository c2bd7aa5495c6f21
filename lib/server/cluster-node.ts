// Makes a node of a cluster: the engine over Redis, configured from the server's own options.
import { RtmError } from '../errors.js';
import type { Engine } from './cluster/engine.js';
import { engineSettingsOf } from './cluster/engine-settings.js';
import { createRedisEngine, defaultNodeId } from './cluster/redis/index.js';
import type { CheckedServerOptions } from './options/checked-options.js';
import type { ClusterOptions } from './options/cluster-options.js';
import type { Latencies } from './stats/latencies.js';

/** An engine that the server starts and closes, and the name of this node. */
export interface ClusterNode {
  readonly engine: Engine;
  readonly nodeId: string;
}

/**
 * @throws RtmError `ERR_RTM_SERVER_START` if npm `redis` is missing; what is wrong with the Redis shows at its start
 */
export async function makeClusterNode(
  cluster: ClusterOptions,
  options: Pick<CheckedServerOptions, 'apps' | 'limits' | 'numbers' | 'groups' | 'logSink'>,
  latencies: Latencies,
): Promise<ClusterNode> {
  const { url, nodeId = defaultNodeId() } = cluster;
  try {
    const engine = await createRedisEngine({
      url,
      nodeId,
      appIds: options.apps.map(({ appId }) => appId),
      ...engineSettingsOf(options),
      log: (level, line) => options.logSink?.(level, line),
      observe: (operation, ms) => latencies.note(operation, ms / 1000),
    });
    return { engine, nodeId };
  } catch (error) {
    throw startFailure(error);
  }
}

/** The error of an engine's start, as an error of the server's start. */
export function startFailure(error: unknown): RtmError {
  if (RtmError.is(error)) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new RtmError('ERR_RTM_SERVER_START', words.startsWith('engine: ') ? words : `engine: ${words}`, {
    operation: 'start',
    cause: error,
  });
}

/** A URL of an engine without its passwords, for people. */
export function engineForPeople(url: string, mask = '********'): string {
  return url.replace(/(\/\/|,)([^:@/,]*):[^@/,]*@/g, `$1$2:${mask}@`);
}
