// The second half of `node scripts/build.mjs ts`, in a process of its own because it loads what the compiler has just written:
// the ES module in front of the CommonJS modules, the scripts of the cluster engine inside their module, and plain names of Node's
// own modules.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { filesBelow, inRoot } from './tools.mjs';

const require = createRequire(import.meta.url);

const scripts = 'dist/server/cluster/redis/script-files.js';
const text = require(inRoot(scripts)).readScripts(inRoot('lib/server/cluster/redis/scripts'));
writeFileSync(
  inRoot(scripts),
  `'use strict';\nObject.defineProperty(exports, '__esModule', { value: true });\nexports.readScripts = readScripts;\n` +
    `// The text of lib/server/cluster/redis/scripts.\nfunction readScripts() {\n  return ${JSON.stringify(text)};\n}\n`,
);
rmSync(inRoot(`${scripts}.map`), { force: true });

// Jest before version 27 does not know the prefix. Here Node's own modules need none: no dependency has the name of one.
for (const file of filesBelow('dist').filter((each) => each.endsWith('.js'))) {
  const code = readFileSync(inRoot(file), 'utf8');
  writeFileSync(inRoot(file), code.replace(/\brequire\((["'])node:([\w/]+)\1\)/g, "require('$2')"));
}

// The names stand one by one: rollup cannot know them from `export *` of a CommonJS module.
const names = Object.keys(require(inRoot('dist/index.js'))).sort();
writeFileSync(
  inRoot('dist/index.mjs'),
  `export {\n${names.map((name) => `  ${name},\n`).join('')}} from './index.js';\n`,
);
writeFileSync(inRoot('dist/index.d.mts'), `export * from './index.js';\n`);
