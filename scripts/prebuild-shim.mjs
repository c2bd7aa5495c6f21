#!/usr/bin/env node
// prebuildify runs this program instead of node-gyp, and the program builds with CMake. Then prebuildify takes the .node file
// from build/Release, strips it and moves it away, so the program keeps a copy for the developer. It ignores its arguments
// (--target, --devdir, --arch, --release): a Node-API addon for this machine does not depend on them.
import { copyFileSync } from 'node:fs';
import { buildAddon } from './build.mjs';
import { inRoot } from './tools.mjs';

if (!(await buildAddon())) process.exit(1);
copyFileSync(inRoot('build/Release/rtm_native.node'), inRoot('build/rtm_native.node.kept'));
