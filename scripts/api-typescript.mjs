// The TypeScript side of the surface: what lib/index.ts exports, as the TypeScript compiler understands it.
import { API, SignatureKind, SymbolFlags } from 'typescript/unstable/sync';
import { difference, renderMembers } from './api-text.mjs';

/**
 * @typedef {{ name: string, optional: boolean }} Parameter
 * @typedef {{ overloads: Parameter[][], value: unknown, deprecated: boolean }} Member
 * @typedef {{ isValue: boolean, isType: boolean, values: unknown[] | string, members: Map<string, Member> }} Export
 *   values: what a type that is a union of literals may be, or any number; members: of the type, or of the value if there
 *   is one
 */

/**
 * The exports of a module.
 * @param {string} root the project's folder, with tsconfig.build.json
 * @param {(name: string) => boolean} isWanted exports that are read with their members; of the others only the name is known
 * @returns {Map<string, Export | undefined>}
 */
export function readTypeScript(root, isWanted, module = 'lib/index.ts') {
  const api = new API({ cwd: root });
  try {
    const config = `${root}/tsconfig.build.json`;
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    const { checker } = project;
    const file = project.program.getSourceFile(`${root}/${module}`);
    if (file === undefined) throw new Error(`${module} is no part of tsconfig.build.json`);

    const isOptional = (parameter) => {
      const declaration = /** @type {any} */ (parameter.valueDeclaration?.resolve(project));
      return ['questionToken', 'initializer', 'dotDotDotToken'].some((key) => declaration?.[key] !== undefined);
    };
    /** The value of a constant: of its type, or where that is only `number`, of a shift such as `1 << 3`. */
    const constantOf = (property, type) => {
      if (type.value !== undefined) return type.value;
      const declaration = /** @type {any} */ (property.valueDeclaration?.resolve(project));
      if (declaration?.initializer === undefined) return undefined;
      const [, number, bits] = /^(\d+) << (\d+)$/.exec(project.emitter.printNode(declaration.initializer)) ?? [];
      return number === undefined ? undefined : Number(number) * 2 ** Number(bits);
    };
    const parametersOf = (signature) =>
      signature.getParameters().map((each) => ({ name: each.name.replace(/^_/, ''), optional: isOptional(each) }));
    const memberOf = (property) => {
      const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
      return {
        overloads: checker.getSignaturesOfType(type, SignatureKind.Call).map(parametersOf),
        value: constantOf(property, type),
        deprecated: checker.getJsDocTagsOfSymbol(property).some((tag) => tag.name === 'deprecated'),
      };
    };
    const read = (symbol) => {
      const isType = (symbol.flags & SymbolFlags.Type) !== 0;
      const isValue = (symbol.flags & SymbolFlags.Value) !== 0;
      const declared = isType ? checker.getDeclaredTypeOfSymbol(symbol) : undefined;
      const isClass = (symbol.flags & SymbolFlags.Class) !== 0;
      const shown = isValue && !isClass ? checker.getTypeOfSymbol(symbol) : declared;
      const members = new Map();
      for (const property of checker.getPropertiesOfType(shown)) members.set(property.name, memberOf(property));
      const alternatives = /** @type {any[]} */ (declared?.isUnionType() ? declared.getTypes() : [declared]);
      const values = declared === checker.getNumberType() ? 'number' : alternatives.map((each) => each?.value);
      return { isType, isValue, values, members };
    };
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(file));
    return new Map(
      exported.map((each) => {
        const symbol = (each.flags & SymbolFlags.Alias) === 0 ? each : checker.getAliasedSymbol(each);
        return [each.name, isWanted(each.name) ? read(symbol) : undefined];
      }),
    );
  } finally {
    api.close();
  }
}

const headersOf = (surface) => Object.values(surface.headers);
const functionName = (signature) => /(\w+)\(/.exec(signature)[1];

/** The names of the surface that TypeScript has as exports. */
export function exportedNames(surface) {
  return headersOf(surface).flatMap(({ enums, structs, classes, functions }) => [
    ...[...enums, ...structs, ...classes].map(({ name }) => name),
    ...functions.map(functionName),
  ]);
}

/** A type of these values: a union of exactly them, or any number. */
function isTypeOf(union, values) {
  return union === 'number' || (union.length === values.size && union.every((each) => values.has(each)));
}

function checkEnums(headers, exported) {
  const expected = [];
  const found = [];
  for (const { name, members } of headers.flatMap((header) => header.enums)) {
    const here = exported.get(name);
    expected.push(`export const ${name}`, ...renderMembers(members), `export type ${name}`);
    if (here?.isValue) {
      found.push(`export const ${name}`, ...[...here.members].map(([member, { value }]) => `  ${member} = ${value}`));
    }
    if (here?.isType && isTypeOf(here.values, new Set(Object.values(members)))) found.push(`export type ${name}`);
  }
  return difference(expected, found);
}

/** Structures: the same members in the same order. */
function checkStructs(headers, exported) {
  return headers
    .flatMap((header) => header.structs)
    .flatMap(({ name, members }) => {
      const expected = members.map((member) => `  ${/(\w+)(?: =.*)?$/.exec(member)[1]}`);
      const found = [...(exported.get(name)?.members.keys() ?? [])].map((member) => `  ${member}`);
      return difference([name, ...expected], [name, ...found]);
    });
}

/**
 * The parameters that a C++ signature has in TypeScript, by name and in order: an array knows its length, so the count
 * behind a pointer goes; an out-parameter becomes part of the result.
 */
function expectedParameters(signature) {
  const list = /\((.*)\)/
    .exec(signature)[1]
    .split(',')
    .filter((each) => each.trim() !== '');
  const named = list.map((text) => ({ text, name: /(\w+)(?:\[\])?(?:\s*=.*)?$/.exec(text.trim())[1] }));
  const kept = named.filter(({ text, name }, at) => {
    if (name === 'requestId' && text.includes('&')) return false;
    return !(at > 0 && /[*[]/.test(named[at - 1].text) && /^(?:number[A-Z]\w*|\w*[cC]ount|length)$/.test(name));
  });
  return kept.map(({ name }) => name);
}

/** True if a call with these arguments fits one of the overloads. */
function fits(names, overloads) {
  return overloads.some(
    (parameters) =>
      parameters.length >= names.length &&
      parameters.every(({ name, optional }, at) => (at < names.length ? name === names[at] : optional)),
  );
}

function checkClasses(headers, exported) {
  const problems = new Set();
  for (const { name, methods } of headers.flatMap((header) => header.classes)) {
    const members = exported.get(name)?.members;
    for (const signature of members === undefined ? [] : methods) {
      const method = functionName(signature);
      const names = expectedParameters(signature);
      const overloads = members.get(method)?.overloads;
      if (overloads === undefined) problems.add(`  - ${name}.${method}`);
      else if (!fits(names, overloads)) problems.add(`  - ${name}.${method}(${names.join(', ')})`);
    }
  }
  return [...problems];
}

/** Names that the SDK keeps but advises against: marked so wherever TypeScript has them. */
function checkDeprecated(surface, exported) {
  return surface.deprecated.flatMap((name) => {
    const found = [...exported].filter(([, each]) => each?.members.has(name));
    if (found.length === 0) return [`  - ${name}, deprecated, in no exported type`];
    return found
      .filter(([, { members }]) => !members.get(name).deprecated)
      .map(([type]) => `  - @deprecated in front of ${type}.${name}`);
  });
}

/**
 * THE CHECK OF THE TYPESCRIPT SIDE: lines of what is missing or different.
 * @param {Map<string, Export | undefined>} exported as `readTypeScript` reads it
 */
export function checkTypeScript(surface, exported) {
  const headers = headersOf(surface);
  return [
    ...checkEnums(headers, exported),
    ...checkStructs(headers, exported),
    ...checkClasses(headers, exported),
    ...checkDeprecated(surface, exported),
    ...exportedNames(surface)
      .filter((name) => !exported.has(name))
      .map((name) => `  - ${name} exported by lib/index.ts`),
  ];
}
