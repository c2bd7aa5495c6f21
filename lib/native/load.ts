import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { RtmError } from '../errors.js';
import type { NativeAddon } from './environment.js';

let addon: NativeAddon | undefined;

/** Loads the addon, once: the local build if there is one, otherwise the prebuild for this platform. */
export function loadAddon(): NativeAddon {
  if (addon) return addon;
  const require = createRequire(import.meta.url);
  const root = fileURLToPath(new URL('../..', import.meta.url));
  try {
    const load = require('node-gyp-build') as (root: string) => NativeAddon;
    addon = load(root);
  } catch (cause) {
    throw new RtmError(
      'ERR_RTM_ADDON',
      `the native addon does not load on ${process.platform}-${process.arch}, Node ${process.version}: ` +
        `${cause instanceof Error ? cause.message : String(cause)} (in a clone, "npm run build:addon" builds it)`,
      { operation: 'load', cause },
    );
  }
  return addon;
}
