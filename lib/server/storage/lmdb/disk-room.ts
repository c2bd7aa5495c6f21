import { type StatsFs, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const MIB = 2 ** 20;
/** Two of the largest commits. With less room on the disk a write may have failed for want of it. */
const SCARCE_BYTES = 16 * MIB;

/**
 * The reason of a failed write to the file `path`, with its disk and what to do. LMDB tells a full disk as an input/output
 * error, so the disk is asked for its room.
 *
 * @param statfs - for tests
 */
export function explainFailedWrite(
  path: string,
  reason: string,
  statfs: (folder: string) => Pick<StatsFs, 'bavail' | 'bsize'> = statfsSync,
): string {
  const folder = dirname(path);
  let free: number;
  try {
    const { bavail, bsize } = statfs(folder);
    free = bavail * bsize;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return `${reason}: the disk of ${folder} does not answer (${code}); see that it is there`;
  }
  const room = `${(free / MIB).toFixed(1)} MiB free`;
  if (free < SCARCE_BYTES) {
    return `${reason}: the disk of ${folder} is full (${room}, expected ${SCARCE_BYTES / MIB}); free some of it, or give it more room`;
  }
  return `${reason}: the disk of ${folder} has room (${room}); look for its errors, and for a quota, in the log of the system`;
}
