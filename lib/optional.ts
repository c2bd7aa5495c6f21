import { RtmError } from './errors.js';

/**
 * Imports a package that only some uses of the server need, and that an install with `--omit=optional` leaves out.
 *
 * @param purpose what it is needed for, as it stands behind "to"
 * @throws RtmError `ERR_RTM_SERVER_START` that says what to install, if it is missing
 */
export async function importOptional<T>(name: string, load: () => Promise<T>, purpose: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw error;
    const failure = `the package "${name}" is needed to ${purpose}, and is not installed; run: npm install ${name}`;
    throw new RtmError('ERR_RTM_SERVER_START', failure, { operation: 'start', cause: error });
  }
}
