import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ChildResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  /** Milliseconds from start to end. */
  took: number;
}

export const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/**
 * Runs a Node program, or another one, to its end. Rejects, with all that it has printed, when it does not end in time: a hang must say
 * where it hung.
 */
export function runChild(
  args: string[],
  { env = {}, deadline = 25_000, program }: { env?: Record<string, string>; deadline?: number; program?: string } = {},
): Promise<ChildResult> {
  if (!existsSync(new URL('../../dist/index.js', import.meta.url))) {
    throw new Error('dist/ is missing: child processes run the compiled package ("npm run build:ts" makes it)');
  }
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const [command, all] = program === undefined ? [process.execPath, ['--expose-gc', ...args]] : [program, args];
    const child = spawn(command, all, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`"${args.slice(1).join(' ')}" still ran after ${deadline / 1000} s. It said:\n${output}`));
    }, deadline);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, output, took: performance.now() - started });
    });
  });
}
