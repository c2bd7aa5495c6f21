#!/usr/bin/env node
// Stands where prebuildify expects node-gyp, and builds with CMake instead, in a folder of its own so that the
// developer's build/ keeps its cache. prebuildify then takes the one .node file from build/Release, strips and moves it.
// Its arguments (--target, --devdir, --arch, --release) say nothing to a Node-API addon for this machine.
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { buildAddon } from './build.mjs';
import { inRoot } from './tools.mjs';

const out = 'build-prebuild';
if (!(await buildAddon({ out, options: ['RTM_STATIC_RUNTIME=ON'] }))) process.exit(1);

const built = inRoot(out, 'Release/rtm_native.node');
if (!existsSync(built)) {
  console.error('A prebuild is made with CMake only: install cmake and the development dependencies');
  process.exit(1);
}
const place = inRoot('build/Release/rtm_native.node');
mkdirSync(inRoot('build/Release'), { recursive: true });
if (existsSync(place)) renameSync(place, inRoot('build/rtm_native.node.kept'));
copyFileSync(built, place);
