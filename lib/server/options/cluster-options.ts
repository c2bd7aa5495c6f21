import { checkInteger, checkString } from '../../checks.js';
import { invalidArgValue } from '../../errors.js';
import { settingsOf } from '../cluster/redis/options.js';
import { NUMBERS } from './settings.js';

/** How a node takes part in a cluster. */
export interface ClusterOptions {
  readonly url: string;
  readonly nodeId: string | undefined;
  readonly leaseMs: number | undefined;
  readonly waitReplicas: number;
}

/** What only a server alone decides: to ignore it would hide what somebody relies on. */
const NOT_IN_CLUSTER = ['offlineMessages', 'offlineBytes', 'historyBytes'];
export const isNodeId = (text: string) => /^[\w-]{1,64}$/.test(text);

/** Whether a text names a Redis. Why not is not told: the words could show a password. */
export function isEngineUrl(url: string): boolean {
  try {
    return settingsOf({ url }).addresses.length > 0;
  } catch {
    return false;
  }
}

/** Checks those of a server's options that concern a cluster; undefined: it is none. Throws {@link ArgumentError}. */
export function checkCluster(
  options: Record<string, unknown>,
  leaseMs: number | undefined,
): ClusterOptions | undefined {
  const { engine, nodeId, waitReplicas, data, store, retention } = options;
  if (engine === undefined) {
    const given = { nodeId, waitReplicas, 'times.lease': leaseMs };
    const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
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
  for (const name of NOT_IN_CLUSTER) {
    if ((retention as Record<string, unknown> | undefined)?.[name] !== undefined) {
      throw invalidArgValue(`options.retention.${name}`, 'none with "engine", which has its own', 'both');
    }
  }
  if (nodeId !== undefined && !isNodeId(checkString(nodeId, 'options.nodeId'))) {
    throw invalidArgValue('options.nodeId', '1 to 64 of A-Z a-z 0-9 _ -', JSON.stringify(nodeId));
  }
  const { least, most, byDefault } = NUMBERS.waitReplicas;
  return {
    url,
    nodeId: nodeId as string | undefined,
    leaseMs,
    waitReplicas: checkInteger(waitReplicas ?? byDefault, 'options.waitReplicas', least, most),
  };
}
