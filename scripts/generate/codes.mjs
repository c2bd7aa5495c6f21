// The enumerations of codes beyond SDK 1.5.0, from proto/requests.mjs, and where lib/ has all of them.
import { ownCodes } from '../../proto/requests.mjs';
import { jsdoc } from './comments.mjs';
import { pascal } from './names.mjs';
import { wireSource, wireValues } from './wire-enums.mjs';

const source = 'proto/requests.mjs';

/** Imports of enumerations by the files that have them. */
export function codeImports(names, folder, asTypes) {
  const byFile = new Map();
  for (const name of [...new Set(names)].sort()) {
    const file = name in ownCodes ? 'own-codes.js' : 'enums.js';
    byFile.set(file, [...(byFile.get(file) ?? []), name]);
  }
  return [...byFile].map(
    ([file, list]) => `import ${asTypes ? 'type ' : ''}{ ${list.join(', ')} } from '${folder}/${file}';`,
  );
}

/** Imports in the order that the linter wants: by their paths. */
export const sortedImports = (imports) => [...imports].sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
const pathOf = (line) => /'([^']+)';$/.exec(line.trim())?.[1] ?? '';

const entries = Object.entries(ownCodes);

/** The values of a code: those of the wire with their numbers there, and those that a client gives itself. */
function valuesOf({ core, wire, values }) {
  const ofWire = wire === undefined ? [] : wireValues(wire);
  const travelling = ofWire.map(({ rest, number, about }) => ({
    name: rest,
    number,
    about: values[rest] ?? `Callback: ${about ?? rest.toLowerCase()}.`,
  }));
  const own = Object.entries(values)
    .filter(([name]) => !ofWire.some(({ rest }) => rest === name))
    .map(([name, [number, about]]) => ({ name, number, about }));
  const all = [...travelling, ...own].sort((a, b) => a.number - b.number);
  const twice = all.find(({ number }, at) => number === all[at - 1]?.number);
  if (twice !== undefined) {
    throw new Error(
      `${core}.${twice.name}: ${twice.number} is taken; expected another number in ${source} or ${wireSource}`,
    );
  }
  return all;
}

function coreText() {
  return [
    '#pragma once',
    '',
    '// Codes beyond SDK 1.5.0. Codes that travel have the numbers of the wire.',
    '',
    'namespace rtm::client {',
    '',
    ...entries.map(([, codes]) => {
      const lines = valuesOf(codes).map(({ name, number, about }) => `  /// ${about}\n  ${pascal(name)} = ${number},`);
      return `/// ${codes.about}\nenum class ${codes.core} : int {\n${lines.join('\n')}\n};\n`;
    }),
    '}  // namespace rtm::client',
  ].join('\n');
}

function dropInText() {
  return [
    '#pragma once',
    '',
    '// Codes beyond SDK 1.5.0, for the interfaces of extensions.hpp.',
    '',
    'namespace rtm::sdk {',
    '',
    ...entries.map(([type, codes]) => {
      const lines = valuesOf(codes).map(
        ({ name, number, about }) => `  /// ${about}\n  ${codes.prefix}${name} = ${number},`,
      );
      return `/// ${codes.about}\nenum ${type} {\n${lines.join('\n')}\n};\n`;
    }),
    '}  // namespace rtm::sdk',
  ].join('\n');
}

function tsText() {
  return [
    '',
    '// Codes beyond the 1.5.0 surface.',
    '',
    ...entries.map(([type, codes]) => {
      const lines = valuesOf(codes).map(
        ({ name, number, about }) => `${jsdoc(about)}${codes.prefix}${name}: ${number},`,
      );
      return [
        `${jsdoc(`${codes.about} An addition to the 1.5.0 surface.`)}export const ${type} = {`,
        ...lines,
        '} as const;',
        `export type ${type} = (typeof ${type})[keyof typeof ${type}];`,
        '',
      ].join('\n');
    }),
  ].join('\n');
}

/** All files of the codes. */
export function codeFiles() {
  return [
    { path: 'cpp/client/api/own_codes.hpp', source, body: coreText() },
    { path: 'cpp/sdk/own_codes.hpp', source, body: dropInText() },
    { path: 'lib/own-codes.ts', source, body: tsText() },
  ];
}
