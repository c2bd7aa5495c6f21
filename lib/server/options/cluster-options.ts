import { checkString } from '../../checks.js';
import { invalidArgValue } from '../../errors.js';
import { settingsOf } from '../cluster/redis/options.js';
import { NOT_IN_CLUSTER, ONLY_IN_CLUSTER } from './settings.js';

/** The options of a node in a cluster. */
export interface ClusterOptions {
  readonly url: string;
  readonly nodeId: string | undefined;
}

export const isNodeId = (text: string) => /^[\w-]{1,64}$/.test(text);

/** Whether a text names a Redis. It gives no reason, because a reason could quote a password. */
export function isEngineUrl(url: string): boolean {
  try {
    return settingsOf({ url }).addresses.length > 0;
  } catch {
    return false;
  }
}

/** Whether there is a value at a path such as `times.lease`. */
function isGiven(options: Record<string, unknown>, path: string): boolean {
  const value = path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], options);
  return value !== undefined;
}

/**
 * Checks the options of a server that concern a cluster, after its groups of numbers. Returns undefined for a server
 * without a cluster. Throws {@link ArgumentError}.
 */
export function checkCluster(options: Record<string, unknown>): ClusterOptions | undefined {
  const { engine, nodeId, data, store } = options;
  if (engine === undefined) {
    const name = ONLY_IN_CLUSTER.find((path) => isGiven(options, path));
    if (name !== undefined) throw invalidArgValue(`options.${name}`, 'that only with "engine"', 'no engine');
    return undefined;
  }
  const url = checkString(engine, 'options.engine');
  if (!isEngineUrl(url)) {
    throw invalidArgValue('options.engine', 'redis://host:port or rediss://host:port', `${url.length} characters`);
  }
  if (data !== undefined || store !== undefined) {
    throw invalidArgValue('options.data', 'none with "engine": what is stored is in Redis', 'both');
  }
  const refused = NOT_IN_CLUSTER.find((path) => isGiven(options, path));
  if (refused !== undefined)
    throw invalidArgValue(`options.${refused}`, 'none with "engine", which has its own', 'both');
  if (nodeId !== undefined && !isNodeId(checkString(nodeId, 'options.nodeId'))) {
    throw invalidArgValue('options.nodeId', '1 to 64 of A-Z a-z 0-9 _ -', JSON.stringify(nodeId));
  }
  return { url, nodeId: nodeId as string | undefined };
}
