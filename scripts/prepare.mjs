// What npm runs after `npm install` in a clone: builds dist/, and the addon unless one that loads is there. The published
// package has no scripts at all (scripts/pack.mjs).
import { prepareClone } from './build.mjs';

process.exitCode = (await prepareClone()) ? 0 : 1;
