#!/usr/bin/env node
// Stands where prebuildify expects node-gyp, and builds with CMake instead. prebuildify then takes the one .node file from
// build/Release, strips it and moves it away; a copy is kept for the developer. Its arguments (--target, --devdir, --arch,
// --release) say nothing to a Node-API addon for this machine.
import { copyFileSync } from 'node:fs';
import { buildAddon } from './build.mjs';
import { inRoot } from './tools.mjs';

if (!(await buildAddon())) process.exit(1);
copyFileSync(inRoot('build/Release/rtm_native.node'), inRoot('build/rtm_native.node.kept'));
