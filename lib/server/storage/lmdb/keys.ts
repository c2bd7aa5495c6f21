/**
 * Keys of the store: names, each behind its length, then numbers of six bytes, high byte first. Because of the lengths
 * no name, whatever bytes it has, reaches into the keys of another; because of the byte order LMDB keeps numbers
 * ascending.
 */

/**
 * One operation cannot be done and has written nothing. Other operations of the same commit are not affected.
 */
export class Refusal extends Error {}

/**
 * Longest name in a key: a key of LMDB has at most 1978 bytes and up to three names. Names of the protocol have up to
 * 64 bytes.
 */
const LONGEST_NAME = 512;
const NUMBER_BYTES = 6;
const LARGEST_NUMBER = 2 ** 48 - 1;

/** Whether a name that a client chose can stand in a key: nothing is stored under a name that cannot. */
export const fitsKey = (name: string) => Buffer.byteLength(name) <= LONGEST_NAME;

export function nameKey(...names: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const name of names) {
    const bytes = Buffer.from(name, 'utf8');
    if (bytes.length > LONGEST_NAME) throw new Refusal(`a name of ${bytes.length} bytes, at most ${LONGEST_NAME}`);
    parts.push(Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes);
  }
  return Buffer.concat(parts);
}

/** The first two names of a key; the second is the empty text if there is no second. */
export function namesOf(key: Buffer): [first: string, second: string] {
  const first = key.readUInt16BE(0);
  const behind = 2 + first;
  if (key.length < behind + 2) return [key.toString('utf8', 2, behind), ''];
  return [key.toString('utf8', 2, behind), key.toString('utf8', behind + 2, behind + 2 + key.readUInt16BE(behind))];
}

/** A key of times and ids behind a prefix. A number that does not fit becomes the nearest number that does. */
export function numberKey(prefix: Uint8Array, ...numbers: readonly number[]): Buffer {
  const key = Buffer.allocUnsafe(prefix.length + numbers.length * NUMBER_BYTES);
  key.set(prefix);
  let at = prefix.length;
  for (const number of numbers) {
    key.writeUIntBE(Math.min(Math.max(0, Math.floor(number)), LARGEST_NUMBER), at, NUMBER_BYTES);
    at += NUMBER_BYTES;
  }
  return key;
}

/** The last number of a key, or with `before` the number so many places before it. */
export function lastNumber(key: Uint8Array, before = 0): number {
  const from = key.length - (before + 1) * NUMBER_BYTES;
  return Buffer.from(key.buffer, key.byteOffset, key.length).readUIntBE(from, NUMBER_BYTES);
}

/** What is before the last number of a key. */
export const beforeNumber = (key: Uint8Array): Uint8Array => key.subarray(0, key.length - NUMBER_BYTES);

/** The range of all keys that consist of `prefix` and `numbers` numbers. */
export function rangeOf(prefix: Uint8Array, numbers: number): { start: Buffer; end: Buffer; inclusiveEnd: true } {
  const fill = (number: number) => numberKey(prefix, ...Array<number>(numbers).fill(number));
  return { start: fill(0), end: fill(LARGEST_NUMBER), inclusiveEnd: true };
}

export const NO_PREFIX = Buffer.alloc(0);
