import type { Path } from './check.js';
import type { Field, Section } from './field.js';

export type Values = Record<string, unknown>;

/** The settings of one source: a file, the environment, or the command line. */
export interface Layer {
  readonly values: Values;
  /** Where a value of it stands, for people: `rtm.yaml:12`, `RTM_SERVER_PORT`, `--port`. */
  sourceOf(path: Path): string;
}

/** Settings of all sources together, and where each came from. */
export interface Merged {
  readonly values: Values;
  /** By the path of a value that is no section. */
  readonly sources: ReadonlyMap<string, string>;
}

function isSection(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Sets one value in a tree, where sections may be missing or stand in their short form. False: a section on the way is
 * there in a short form that has no parts, such as `tls: false`.
 */
export function put(tree: Values, path: readonly string[], value: unknown, settings: Section): boolean {
  let at = tree;
  let field: Field | undefined = settings;
  for (const [index, name] of path.entries()) {
    field = field?.kind === 'section' ? field.fields[name] : undefined;
    if (index === path.length - 1) {
      at[name] = value;
      return true;
    }
    const below: unknown = at[name];
    const section = isSection(below) ? below : expand(field, below);
    if (!section) return false;
    at[name] = section;
    at = section;
  }
  return true;
}

/** The section that a short form stands for; undefined if it is the opposite of one. */
function expand(field: Field | undefined, short: unknown): Values | undefined {
  if (short === undefined || short === true) return {};
  const values = field?.kind === 'section' ? field.expand?.(short) : undefined;
  return values && { ...values };
}

/**
 * Lays `over` on `under`: sections are merged name by name, everything else is replaced. A section's short form
 * replaces the section, except `true`, which only says that the section is wanted.
 */
function lay(field: Section, under: Values, over: Values): Values {
  const result: Values = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const each = field.fields[name];
    const below = result[name];
    if (each?.kind !== 'section') {
      result[name] = value;
    } else if (isSection(value)) {
      result[name] = lay(each, isSection(below) ? below : (expand(each, below) ?? {}), value);
    } else if (!(value === true && isSection(below))) {
      result[name] = value;
    }
  }
  return result;
}

function* leavesOf(field: Field, value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (field.kind !== 'section' || !isSection(value)) yield path;
  else {
    for (const [name, each] of Object.entries(value)) {
      const below = field.fields[name];
      if (below) yield* leavesOf(below, each, [...path, name]);
    }
  }
}

/** Puts sources together, the weakest first. */
export function merge(settings: Section, layers: readonly Layer[]): Merged {
  let values: Values = {};
  const sources = new Map<string, string>();
  for (const layer of layers) {
    values = lay(settings, values, layer.values);
    for (const path of leavesOf(settings, layer.values)) sources.set(path.join('.'), layer.sourceOf(path));
  }
  const left = new Map([...leavesOf(settings, values)].map((path) => [path.join('.'), sourceAt(sources, path)]));
  return { values, sources: left };
}

/** Where a value came from: itself, or the short form that it was a part of. */
function sourceAt(sources: ReadonlyMap<string, string>, path: readonly string[]): string {
  for (let depth = path.length; depth > 0; depth--) {
    const source = sources.get(path.slice(0, depth).join('.'));
    if (source !== undefined) return source;
  }
  return '';
}
