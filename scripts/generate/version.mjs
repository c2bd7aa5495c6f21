// The version of the package as a constant: a bundle of the package has no package.json beside it.
import { readFileSync } from 'node:fs';
import { inRoot } from '../tools.mjs';

/** The file with the version. */
export function versionFiles() {
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const body = `/** The version in package.json. */\nexport const packageVersion = '${version}';`;
  return [{ path: 'lib/version.ts', source: 'package.json', body }];
}
