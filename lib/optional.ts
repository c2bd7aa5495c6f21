import { createRequire } from 'node:module';
import { RtmError } from './errors.js';
import { programFile } from './program-file.js';

// Bundlers do not look into a function that createRequire returned, so they leave these packages where they are: lmdb and
// pino load files of their own, which a bundle loses.
const load = createRequire(typeof __filename === 'string' ? __filename : programFile());

/** The packages that only some uses of the server need. */
export const optionalPackages = {
  '@redis/client': () => load('@redis/client') as typeof import('@redis/client'),
  lmdb: () => load('lmdb') as typeof import('lmdb'),
  pino: () => load('pino') as typeof import('pino'),
  'prom-client': () => load('prom-client') as typeof import('prom-client'),
  yaml: () => load('yaml') as typeof import('yaml'),
};

type Name = keyof typeof optionalPackages;

/**
 * Loads a package that only some uses of the server need, and that an install with `--omit=optional` leaves out.
 *
 * @param purpose what it is needed for, as it stands behind "to"
 * @throws RtmError `ERR_RTM_SERVER_START` that says what to install, if it is missing
 */
export function loadOptional<N extends Name>(
  name: N,
  purpose: string,
  from: { readonly [name in N]: () => unknown } = optionalPackages,
): ReturnType<(typeof optionalPackages)[N]> {
  try {
    return from[name]() as ReturnType<(typeof optionalPackages)[N]>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error;
    const failure = `the package "${name}" is needed to ${purpose}, and is not installed; run: npm install ${name}`;
    throw new RtmError('ERR_RTM_SERVER_START', failure, { operation: 'start', cause: error });
  }
}
