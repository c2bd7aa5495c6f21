// The cluster's state lies in a fixed number of partitions. Everything of one user, or of one channel, is in one of
// them.

import { PARTITIONS } from './engine-constants.js';

export { PARTITIONS };

/** The partition of the directory of nodes. */
export const DIRECTORY_PARTITION = 0;

/** A user or a channel inside its app, as one text that no other pair gives. */
export function scopedId(appId: string, name: string): string {
  return `${Buffer.byteLength(appId)}:${appId}${name}`;
}

/** The App ID and the name of a {@link scopedId}. */
export function splitId(id: Buffer): { appId: string; name: string } {
  const colon = id.indexOf(0x3a);
  const end = colon + 1 + Number(id.toString('latin1', 0, colon));
  return { appId: id.toString('utf8', colon + 1, end), name: id.toString('utf8', end) };
}

/** The partition of a user (`'u'`) or a channel (`'c'`) by its {@link scopedId}; the same on every node. */
export function partitionOf(kind: 'u' | 'c', id: string): number {
  return hash(kind + id) % PARTITIONS;
}

/** FNV-1a over UTF-8, mixed so that the low bits are as good as the high ones. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}
