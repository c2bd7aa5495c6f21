// Makes a node of a cluster: the engine over Redis, configured from the server's own options.
import { RtmError } from '../errors.js';
import type { Engine } from './cluster/engine.js';
import { createRedisEngine, defaultNodeId } from './cluster/redis/index.js';
import type { ClusterOptions } from './options/cluster-options.js';
import type { CheckedServerOptions } from './options/server-options.js';
import type { Latencies } from './stats/latencies.js';

/** An engine that the server starts and closes, and the name of this node. */
export interface ClusterNode {
  readonly engine: Engine;
  readonly nodeId: string;
}

/** The members that have a value. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

const LEVELS = { info: 'info', warn: 'warning', error: 'error' } as const;

/**
 * @throws RtmError `ERR_RTM_SERVER_START` if npm `redis` is missing; what is wrong with the Redis shows at its start
 */
export async function makeClusterNode(
  cluster: ClusterOptions,
  options: Pick<CheckedServerOptions, 'limits' | 'numbers' | 'groups' | 'logSink'>,
  latencies: Latencies,
): Promise<ClusterNode> {
  const { url, nodeId = defaultNodeId() } = cluster;
  const {
    limits,
    numbers,
    groups: { retention, times },
    logSink,
  } = options;
  const settings = given({
    waitReplicas: numbers['waitReplicas'],
    leaseMs: times['lease'],
    removeAfterMs: times['grace'],
    noticeLimit: limits.values['listedMembers'],
    userAttributes: given({
      entries: limits.values['userAttributes'],
      valueBytes: limits.values['userAttributeValueBytes'],
      totalBytes: limits.values['userAttributeBytes'],
    }),
    channelAttributes: given({
      entries: limits.values['channelAttributes'],
      valueBytes: limits.values['channelAttributeValueBytes'],
      totalBytes: limits.values['channelAttributeBytes'],
    }),
    offlineRetentionMs: retention['offlineMs'],
    attributeAfterlifeMs: times['attributes'],
    historyRetentionMs: retention['historyMs'],
  });
  try {
    const engine = await createRedisEngine({
      url,
      nodeId,
      ...settings,
      log: (level, line) => logSink?.(LEVELS[level], line),
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
