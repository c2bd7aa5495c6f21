import { RtmError } from '../../../errors.js';

/** The error of a server that cannot start on its data directory: what was expected, what was found, what to do. */
export function storeError(message: string, cause?: unknown): RtmError {
  return new RtmError('ERR_RTM_SERVER_START', message, {
    operation: 'start',
    ...(cause !== undefined && { cause }),
  });
}

/** The message of the system or of LMDB, without a stack. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
