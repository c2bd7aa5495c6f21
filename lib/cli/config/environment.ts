import { actual, checkField, type Problem, pathText, unknownName } from './check.js';
import { type Leaf, type List, type Section, settingsOf } from './field.js';
import { type Layer, put } from './layers.js';

const PREFIX = 'RTM_SERVER_';
/** Names the file; not a setting, since it could not stand in one. */
export const CONFIG_VARIABLE = 'RTM_SERVER_CONFIG';

/** `limits.messageBytes` → `RTM_SERVER_LIMITS_MESSAGE_BYTES`. */
export function variableOf(path: readonly string[]): string {
  return PREFIX + path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_');
}

function parse(field: Leaf | List, text: string): unknown {
  if (field.kind === 'leaf') return field.fromText(text);
  const words = text.split(/\s+/).filter((word) => word !== '');
  // Certificates of one app are separated by commas.
  const parts = field.of.kind === 'leaf' ? words.flatMap((word) => word.split(',')).filter(Boolean) : words;
  return parts.map(field.fromWord);
}

/**
 * The settings in the environment. An empty variable counts as not set. A variable with the prefix that is not known is
 * no error, since other programs set such ones (Kubernetes does for a service called "rtm-server"): it is a warning.
 */
export function readEnvironment(
  settings: Section,
  env: NodeJS.ProcessEnv,
): { readonly layer: Layer; readonly problems: string[]; readonly warnings: string[] } {
  const layer: Layer = { values: {}, sourceOf: (path) => variableOf(path.filter((part) => typeof part === 'string')) };
  const problems: string[] = [];
  const known = new Set<string>([CONFIG_VARIABLE]);
  const all = [...settingsOf(settings)];
  // A section's short form first, so that its parts can refine it.
  for (const { path, field } of all) {
    const variable = variableOf(path);
    known.add(variable);
    const given = env[variable];
    if (given === undefined || given === '') continue;
    const found: Problem[] = [];
    const value = checkField(field, parse(field, given), path, found);
    for (const problem of found) problems.push(`${variable}: ${withinVariable(problem, path.length)}${hint(given)}`);
    if (found.length === 0 && !put(layer.values, path, value, settings)) {
      problems.push(`${variable}: contradicts ${variableOf(path.slice(0, -1))}, which switches that off`);
    }
  }
  const warnings = Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.has(name))
    .map((name) => `${name}: ${unknownVariable(name, [...known])}`);
  return { layer, problems, warnings };
}

function withinVariable({ path, message }: Problem, depth: number): string {
  const inside = path.slice(depth);
  return inside.length === 0 ? message : `entry ${pathText(inside)}: ${message}`;
}

function hint(given: string): string {
  if (!given.startsWith('tcp://')) return '';
  return `; ${actual(given, false)} comes from Kubernetes, see enableServiceLinks of the pod`;
}

function unknownVariable(name: string, known: readonly string[]): string {
  const told = unknownName(name, known);
  return told.includes('did you mean') ? told : 'there is no setting of that name; it is ignored';
}
