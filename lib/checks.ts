import { invalidArgType, invalidArgValue } from './errors.js';

export function checkString(value: unknown, name: string): string {
  if (typeof value !== 'string') throw invalidArgType(name, 'a string', value);
  return value;
}

export function checkInteger(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number') throw invalidArgType(name, 'a number', value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalidArgValue(name, `an integer from ${least} to ${most}`, String(value));
  }
  return value;
}

/** An object with no other properties than these: a misspelt option must not be taken for a default. */
export function checkObject(value: unknown, name: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidArgType(name, 'an object', value);
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw invalidArgValue(name, `only the properties ${keys.join(', ')}`, `"${key}"`);
  }
  return value as Record<string, unknown>;
}
