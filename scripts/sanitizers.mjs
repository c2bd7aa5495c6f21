// What the C++ programs under sanitizers share: their builds, their settings, and how the kernel has to start them.
import { existsSync } from 'node:fs';
import { inRoot, run, which } from './tools.mjs';

/** A list of sanitizers, and the preset of CMakePresets.json that builds with them. */
export const sanitizerPresets = { 'address,undefined': 'asan', thread: 'tsan' };

/**
 * The settings of all sanitizers, as variables of the environment.
 * @param {string} [logPath] where reports go, each to a file with this beginning; without it, to standard error
 */
export function sanitizerEnv(logPath) {
  const log = logPath === undefined ? '' : `:log_path=${logPath}`;
  const suppressions = inRoot('test/cpp/tsan.supp');
  const suppressed = existsSync(suppressions) ? `:suppressions=${suppressions}` : '';
  return {
    ASAN_OPTIONS: `detect_leaks=1${log}`,
    UBSAN_OPTIONS: `print_stacktrace=1${log}`,
    TSAN_OPTIONS: `second_deadlock_stack=1${suppressed}${log}`,
  };
}

/**
 * The thread sanitizer cannot start if the kernel randomises addresses widely. What to put before a command, so that the
 * kernel does not; empty where that cannot be had.
 */
export async function withoutRandomAddresses() {
  if (which('setarch') === undefined) return [];
  const allowed = await run('setarch', ['-R', 'true'], { capture: true });
  return allowed.ok ? ['setarch', '-R'] : [];
}
