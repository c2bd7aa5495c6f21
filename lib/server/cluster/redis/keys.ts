import { DIRECTORY_PARTITION, PARTITIONS, partitionOf, scopedId } from '../partitions.js';

/**
 * Names of keys and mailboxes. Those of a partition begin with its tag `{…}`, so that all of them are in one slot of
 * Redis Cluster and one script may use them together. Names that users choose stand behind the tag and behind the
 * length of the App ID, so no name can leave its tenant or its slot.
 */

const SLOTS = 16_384;

/** CRC16 as Redis Cluster has it (XMODEM), of ASCII text. */
export function slotOfTag(tag: string): number {
  let crc = 0;
  for (let i = 0; i < tag.length; i++) {
    crc ^= tag.charCodeAt(i) << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc % SLOTS;
}

/** One short tag for each 64th part of the slots: however many primaries share the slots, they share the partitions. */
function findTags(): string[] {
  const tags = new Array<string>(PARTITIONS);
  const width = SLOTS / PARTITIONS;
  for (let found = 0, number = 0; found < PARTITIONS; number++) {
    const tag = number.toString(36);
    const partition = Math.floor(slotOfTag(tag) / width);
    if (tags[partition] !== undefined) continue;
    tags[partition] = tag;
    found++;
  }
  return tags;
}

const TAGS = findTags().map((tag) => `{${tag}}`);

export const slotOfPartition = (partition: number): number => slotOfTag(tagOf(partition).slice(1, -1));

/** `{tag}` */
export function tagOf(partition: number): string {
  return TAGS[partition] as string;
}

export const partitionKey = (partition: number): string => `${tagOf(partition)}p`;
/** The sharded channel that carries a node's news of a partition. */
export const mailboxOf = (partition: number, node: string): string => `${tagOf(partition)}n:${node}`;

export const directoryKeys = (): string[] => [partitionKey(DIRECTORY_PARTITION), `${tagOf(DIRECTORY_PARTITION)}nodes`];
export const claimKey = (node: string): string => `${tagOf(DIRECTORY_PARTITION)}reaper:${node}`;

/** The partition, id and keys of one user or channel, as the scripts take them. */
export interface Scoped {
  readonly partition: number;
  readonly id: string;
  readonly keys: readonly string[];
}

const USER_KINDS = ['s', 'r', 'o', 'd', 'e', 'w', 'a', 'b'];
const CHANNEL_KINDS = ['M', 'C', 'H', 'D', 'E', 'A', 'N'];

function scoped(kind: 'u' | 'c', kinds: readonly string[], appId: string, name: string): Scoped {
  const id = scopedId(appId, name);
  const partition = partitionOf(kind, id);
  const tag = tagOf(partition);
  return { partition, id, keys: [`${tag}p`, ...kinds.map((each) => `${tag}${each}:${id}`)] };
}

/** Keys in the order of scripts/user.lua. */
export const userKeys = (appId: string, userId: string): Scoped => scoped('u', USER_KINDS, appId, userId);
/** Keys in the order of scripts/channel.lua. */
export const channelKeys = (appId: string, channelId: string): Scoped => scoped('c', CHANNEL_KINDS, appId, channelId);

/** Keys of a history of messages in one partition. */
export interface HistoryKeys {
  readonly partition: number;
  readonly records: string;
  readonly line: string;
}

/** The history of messages to a user or channel. */
export function receivedHistory(to: Scoped, channel: boolean): HistoryKeys {
  const name = `${tagOf(to.partition)}h${channel ? 'C' : 'P'}`;
  return { partition: to.partition, records: `${name}r:${to.id}`, line: `${name}l:${to.id}` };
}

/** The part of {@link receivedHistory} that one user has sent. */
export function pairHistory(to: Scoped, channel: boolean, source: string): HistoryKeys {
  const history = receivedHistory(to, channel);
  const line = `${tagOf(to.partition)}h${channel ? 'C' : 'P'}s:${Buffer.byteLength(source)}:${source}${to.id}`;
  return { ...history, line };
}

/** The history of messages from a user to users, or to channels. */
export function sentHistory(from: Scoped, channel: boolean): HistoryKeys {
  const name = `${tagOf(from.partition)}g${channel ? 'C' : 'P'}`;
  return { partition: from.partition, records: `${name}r:${from.id}`, line: `${name}l:${from.id}` };
}

/** Keys that a script needs to keep a message, in the order of scripts/history.lua. */
export function keepingKeys(to: Scoped, channel: boolean, source: string): string[] {
  const { records, line } = receivedHistory(to, channel);
  return [records, line, pairHistory(to, channel, source).line];
}
