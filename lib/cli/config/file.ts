import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Document, ErrorCode, LineCounter } from 'yaml';
import { loadOptional } from '../../optional.js';
import { CliError } from '../terminal/failure.js';
import { checkField, type Path, type Problem, pathText } from './check.js';
import type { Section } from './field.js';
import type { Layer, Values } from './layers.js';
import { PATHS } from './server-settings.js';

/** A file is small; what is larger is another file by mistake. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads a file in YAML or JSON (which is YAML). Everything that is wrong is told at once, each with its line.
 *
 * @throws CliError if it cannot be read, or if the package `yaml` is missing
 */
export async function readConfigFile(
  settings: Section,
  path: string,
): Promise<{ readonly layer: Layer; readonly problems: string[] }> {
  const name = basename(path);
  const text = await readText(path);
  const yaml = loadOptional('yaml', `read ${name}`);
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const layer = (values: Values): Layer => ({
    values,
    sourceOf: (at) => `${name}:${lineOf(document, lines, { path: at, message: '' }) ?? 1}`,
  });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    const problems = broken.map((each) => {
      const { line, col } = lines.linePos(each.pos[0]);
      return `${name}:${line}:${col}: ${withoutSource(each)}`;
    });
    return { layer: layer({}), problems };
  }
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: 100 });
  } catch {
    // The error of the package names the alias, and what follows "*" by mistake may be a secret.
    const problem = 'an alias ("*name") stands before its anchor ("&name"), or its aliases expand to too many values';
    return { layer: layer({}), problems: [`${name}: ${problem}`] };
  }
  if (root === null || root === undefined) return { layer: layer({}), problems: [] }; // nothing but comments
  const found: Problem[] = [];
  const values = checkField(settings, root, [], found);
  const problems = found.map((problem) => {
    const line = lineOf(document, lines, problem);
    const place = line === undefined ? name : `${name}:${line}`;
    const at = pathText(problem.path);
    return at === '' ? `${place}: ${problem.message}` : `${place}: ${at}: ${problem.message}`;
  });
  const usable = typeof values === 'object' && values !== null ? (values as Values) : {};
  resolvePaths(usable, dirname(path));
  return { layer: layer(usable), problems };
}

/** Our texts for the errors in which the parser quotes the file. */
const WITHOUT_SOURCE: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'an alias ("*name") or anchor ("&name") is malformed or unknown',
  BAD_COLLECTION_TYPE: 'a tag ("!name") does not fit what follows it',
  BAD_DIRECTIVE: 'a directive ("%NAME") is unknown or malformed',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins no escape sequence that YAML has: write two, or single quotes',
  TAG_RESOLVE_FAILED: 'a tag ("!name") is unknown',
};

/** What is wrong, without a word of the file, which may be a secret. The line and column say where. */
function withoutSource({ code, message }: { readonly code: ErrorCode; readonly message: string }): string {
  return WITHOUT_SOURCE[code] ?? message.split(': ', 1)[0] ?? message;
}

/** Paths in a file are seen from its folder, wherever the server is started. */
function resolvePaths(values: Values, folder: string): void {
  for (const path of PATHS) {
    const last = path.at(-1) ?? '';
    const parent = path.slice(0, -1).reduce<unknown>((at, name) => (at as Values | undefined)?.[name], values);
    const own = typeof parent === 'object' ? (parent as Values) : undefined;
    if (typeof own?.[last] === 'string') own[last] = resolve(folder, own[last]);
  }
}

async function readText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MOST_BYTES)
      throw new CliError(`--config: ${path} has ${bytes.length} bytes, at most ${MOST_BYTES}`);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : (code ?? String(error));
    throw new CliError(`--config: cannot read ${path} (${reason})`);
  }
}

/** The line of a name or value; of what stands around it if it has none of its own. */
function lineOf(document: Document, lines: LineCounter, { path }: Problem): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const start = keyStart(document, path.slice(0, depth));
    if (start !== undefined) return lines.linePos(start).line;
  }
  return undefined;
}

/** Where a name, or an entry of a list, begins in the text. */
function keyStart(document: Document, path: Path): number | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items)) {
    return undefined;
  }
  const item: unknown =
    typeof last === 'number' ? parent.items[last] : parent.items.find((each) => nameOf(each) === last);
  const node = typeof last === 'number' ? item : (item as { key?: unknown } | undefined)?.key;
  return (node as { range?: [number, number, number] } | undefined)?.range?.[0];
}

function nameOf(pair: { key?: { value?: unknown } }): unknown {
  return pair.key?.value;
}
