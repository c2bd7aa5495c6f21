// Prints the sources for binding.gyp: files that include the sources of cpp/sources.gypi, eight of one room at a time, in the
// groups that CMake makes for its unity builds. The compiler then reads common headers once for each group. Paths are relative,
// so that a cache of the compiler works in any folder.
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join, relative } = require('node:path');

const ROOMS = ['base', 'wire', 'net', 'client', 'server', 'binding'];
const GROUP = 8;
const folder = join(__dirname, 'build/unity');
const root = join(__dirname, '..');

const { variables } = JSON.parse(readFileSync(join(root, 'cpp/sources.gypi'), 'utf8'));
mkdirSync(folder, { recursive: true });
for (const room of ROOMS) {
  const sources = variables[`${room}_sources`];
  for (let first = 0; first < sources.length; first += GROUP) {
    const file = join(folder, `${room}_${first / GROUP}.cpp`);
    const includes = sources.slice(first, first + GROUP).map((source) => `#include "${relative(folder, join(root, source))}"\n`);
    writeFileSync(file, includes.join(''));
    console.log(relative(__dirname, file));
  }
}
