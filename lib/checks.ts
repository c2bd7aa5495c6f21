// Checks of arguments, for all rooms. What the core can judge (length, characters, state) is left to it.
import { invalidArgType, invalidArgValue } from './errors.js';

/** The largest number of 32 bits. */
export const MOST_WORD = 0xffffffff;

/** @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` unless `value` is a string */
export function checkString(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalidArgType(name, 'a string', value);
  return value;
}

/**
 * Bytes that can be sent.
 *
 * @throws TypeError unless `value` is a Uint8Array of at most 2 GiB, which the core counts in 31 bits, whose memory is
 *   there: the memory of a transferred buffer is another thread's, and the array looks as if it were empty
 */
export function checkBytes(value: unknown, name: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalidArgType(name, 'a Uint8Array', value);
  if (value.byteLength === 0 && isDetached(value.buffer)) {
    throw invalidArgValue(name, 'a Uint8Array with its memory', 'one whose ArrayBuffer was transferred');
  }
  if (value.byteLength > 0x7fffffff) throw invalidArgValue(name, 'at most 2 GiB', `${value.byteLength} bytes`);
  return value;
}

/** `ArrayBuffer.prototype.detached` is not in Node 20. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** A string, or null, which stands for a null pointer of the C++ call. */
export function checkNullableString(value: unknown, name: string): asserts value is string | null {
  if (value !== null) checkString(value, name);
}

/** @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` unless `value` is an array of strings */
export function checkStrings(value: unknown, name: string): readonly string[] {
  if (!Array.isArray(value)) throw invalidArgType(name, 'an array of strings', value);
  const wrong = value.findIndex((each) => typeof each !== 'string');
  if (wrong !== -1) throw invalidArgType(`${name}[${wrong}]`, 'a string', value[wrong]);
  return value;
}

/** An array of strings, or null, which stands for a null pointer of the C++ call. */
export function checkNullableStrings(value: unknown, name: string): asserts value is readonly string[] | null {
  if (value !== null) checkStrings(value, name);
}

export function checkBoolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'a boolean', value);
  return value;
}

/** An integer of that range; without `most`, any that JavaScript represents exactly. */
export function checkInteger(value: unknown, name: string, least: number, most?: number): number {
  if (typeof value !== 'number') throw invalidArgType(name, 'a number', value);
  if (!Number.isSafeInteger(value) || value < least || value > (most ?? value)) {
    const range = most === undefined ? `≥ ${least}` : `from ${least} to ${most}`;
    throw invalidArgValue(name, `an integer ${range}`, String(value));
  }
  return value;
}

/** An `int` of the C++ call. */
export function checkInt32(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value !== (value | 0)) {
    throw invalidArgType(name, 'a 32-bit integer', value);
  }
  return value;
}

/** Whether `value` is an object that can hold options. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws for other properties than these: a misspelt option must not be taken for a default. */
export function checkKeys(value: object, name: string, keys: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw invalidArgValue(name, `only the properties ${keys.join(', ')}`, `"${key}"`);
  }
}

/** An object with no other properties than these. */
export function checkObject(value: unknown, name: string, keys: readonly string[]): Record<string, unknown> {
  if (!isObject(value)) throw invalidArgType(name, 'an object', value);
  checkKeys(value, name, keys);
  return value;
}
