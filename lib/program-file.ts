import { join } from 'node:path';

/** The file of the running program. It stands for `__filename`, which a bundle in the form of an ES module does not have. */
export function programFile(): string {
  return process.argv[1] ?? join(process.cwd(), 'program.js');
}
