// All files of the bridge and of the seam behind it, from proto/bridge.mjs.
import { cppFiles } from './bridge-cpp.mjs';
import { check } from './bridge-fields.mjs';
import { tsFiles } from './bridge-ts.mjs';

export function bridgeFiles() {
  check();
  return [...cppFiles(), ...tsFiles()];
}
