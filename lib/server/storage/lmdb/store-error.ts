import { RtmError } from '../../../errors.js';

/** A server cannot start on its data directory: what was expected, what is there, what to do. */
export function storeError(message: string, cause?: unknown): RtmError {
  return new RtmError('ERR_RTM_SERVER_START', message, {
    operation: 'start',
    ...(cause !== undefined && { cause }),
  });
}

/** What the system or LMDB says, without a stack. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
