// Programs in C++ that use the library which is built, each in a process of its own.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixture } from './fixture.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const cppBuild = join(root, process.env['RTM_CPP_BUILD'] ?? 'build-cpp');
export const libraryIsBuilt = existsSync(join(cppBuild, 'libagora_rtm_sdk.so'));

/** Compiles a program, or with `-shared` a plug-in. */
export function compileCpp(source: string, output: string, more: readonly string[]): void {
  const flags = ['-std=c++17', '-Wall', '-Wextra', '-Werror', '-fPIC', `-I${join(root, 'cpp/include')}`];
  execFileSync('c++', [...flags, fixture(source), '-o', output, ...more, '-lpthread'], { stdio: 'pipe' });
}

export const sharedLibrary = ['-L', cppBuild, `-Wl,-rpath,${cppBuild}`, '-lagora_rtm_sdk'];

export interface CppResult {
  /** The exit code, or the name of the signal that ended it. */
  ended: number | string;
  lines: string[];
}

/** Runs a program to the end of all processes that have its output. Rejects, with what it has printed, after `deadline` ms. */
export function runCpp(
  command: readonly [string, ...string[]],
  { cwd, env = {}, deadline = 60_000 }: { cwd: string; env?: Record<string, string>; deadline?: number },
): Promise<CppResult> {
  return new Promise((resolve, reject) => {
    const [program, ...args] = command;
    // A group of its own, so that its children end with it.
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
      });
    }
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(new Error(`${command.join(' ')} still ran after ${deadline / 1000} s. It said:\n${output}`));
    }, deadline);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ended: code ?? signal ?? 'nothing', lines: output.split('\n').filter((line) => line !== '') });
    });
  });
}
