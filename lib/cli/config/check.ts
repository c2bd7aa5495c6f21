import type { Field, Leaf, Section } from './field.js';
import { nearest } from './nearest.js';

/** Names and indexes from the root to a value. */
export type Path = readonly (string | number)[];

/** Something that is wrong with a value. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** The name itself is wrong, rather than its value: that is the place to show. */
  readonly ofKey?: boolean;
}

/** A longer name is no misspelt setting, and may be a secret in the wrong place. */
const LONGEST_NAME = 30;

/** `limits.rates.send`, `apps[0].appId`. */
export function pathText(path: Path): string {
  const shown = (name: string) => (name.length <= LONGEST_NAME ? name : `(a name of ${name.length} characters)`);
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text === '' ? '' : `${text}.`}${shown(part)}`),
    '',
  );
}

/** The text for a wrong value: the value itself, unless it may be a secret. */
export function actual(value: unknown, secret: boolean): string {
  if (value === null) return 'nothing';
  if (secret) return typeof value === 'string' ? `${value.length} characters` : `a ${typeof value}`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a section';
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Checks a value as it was read from a source, and returns what of it can be used. All that is wrong is appended to
 * `problems`: somebody who mends a file wants to hear it at once.
 */
export function checkField(field: Field, value: unknown, path: Path, problems: Problem[]): unknown {
  switch (field.kind) {
    case 'leaf':
      return checkLeaf(field, value, path, problems);
    case 'list': {
      if (!Array.isArray(value)) {
        problems.push({ path, message: `expected a list, got ${actual(value, field.secret)}` });
        return undefined;
      }
      return value.map((each, index) => checkField(field.of, each, [...path, index], problems));
    }
    case 'section':
      return checkSection(field, value, path, problems);
  }
}

function checkLeaf(field: Leaf, value: unknown, path: Path, problems: Problem[]): unknown {
  const read = field.read(value);
  if (read === undefined)
    problems.push({ path, message: `expected ${field.expected}, got ${actual(value, field.secret)}` });
  return read;
}

function checkSection(field: Section, value: unknown, path: Path, problems: Problem[]): unknown {
  if (!isObject(value)) {
    const short = field.short?.read(value);
    if (short !== undefined) return short;
    const names = Object.keys(field.fields).join(', ');
    const other = field.short ? `${field.short.expected}, or ` : '';
    problems.push({ path, message: `expected ${other}a section with ${names}; got ${actual(value, true)}` });
    return undefined;
  }
  const checked: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    const known = Object.hasOwn(field.fields, name) ? field.fields[name] : undefined;
    if (known) {
      const fits = checkField(known, each, [...path, name], problems);
      if (fits !== undefined) checked[name] = fits;
    } else {
      problems.push({ path: [...path, name], message: unknownName(name, Object.keys(field.fields)), ofKey: true });
    }
  }
  return checked;
}

/** The error text for an unknown name. */
export function unknownName(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === undefined
    ? `there is no setting of that name; known here: ${known.join(', ')}`
    : `there is no setting of that name; did you mean "${meant}"?`;
}
