// Where lib/ has the enumerations of codes.

/** The codes that lib/enums.ts does not have. */
const files = { HISTORY_ERR_CODE: 'history-codes.js' };

/** Imports of enumerations by the files that have them. */
export function codeImports(names, folder, asTypes) {
  const byFile = new Map();
  for (const name of [...new Set(names)].sort()) {
    const file = files[name] ?? 'enums.js';
    byFile.set(file, [...(byFile.get(file) ?? []), name]);
  }
  return [...byFile].map(
    ([file, list]) => `import ${asTypes ? 'type ' : ''}{ ${list.join(', ')} } from '${folder}/${file}';`,
  );
}
