// Why no addon loads, in words. Pure, so that a test can try every system.
import type { Prebuild } from './addon-files.js';
import { prebuildsFor } from './choose-addon.js';
import type { System, SystemDetails } from './system.js';

/** What the fallback needs; `rtm build-addon` checks it first. */
export const BUILD_NEEDS = 'GCC 12 or later (or Clang with a libstdc++ of GCC 12), make, Python 3 and zlib';

/** A file that did not load. */
export interface Attempt {
  /** Below prebuilds/, or the path of a file that was named or built here. */
  readonly path: string;
  readonly kind: 'prebuild' | 'local' | 'named';
  readonly message: string;
  readonly code: string | undefined;
  /** `unknown`: there is no file or no checksum to compare with, as in a bundle. */
  readonly state: 'missing' | 'damaged' | 'whole' | 'unknown';
}

/** All that is known when loading has failed. */
export interface LoadFailure {
  readonly system: System;
  readonly details: SystemDetails;
  readonly version: string;
  /** Folder of the package; undefined where this code has become part of a bundle. */
  readonly root: string | undefined;
  /** The files of prebuilds/manifest.json; undefined if it cannot be read. */
  readonly prebuilds: readonly Prebuild[] | undefined;
  readonly attempts: readonly Attempt[];
}

interface Finding {
  readonly reason: string;
  readonly remedy: string;
}

/** Whether `version` is lower than `floor`; both like "2.28". */
export function isLower(version: string, floor: string): boolean {
  const [one = [], other = []] = [version, floor].map((text) => text.split('.').map(Number));
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

const placeOf = ({ platform, arch }: { platform: string; arch: string }) => `${platform}-${arch}`;

/** `linux-x64 (glibc 2.18 or later, musl)`, for all prebuilds of one variant. */
function list(prebuilds: readonly Prebuild[]): string {
  const places = new Map<string, string[]>();
  for (const each of prebuilds) {
    const floor = each.libcFloor === null ? '' : ` ${each.libcFloor} or later`;
    places.set(placeOf(each), [...(places.get(placeOf(each)) ?? []), `${each.libc}${floor}`]);
  }
  return [...places].map(([place, libcs]) => `${place} (${libcs.join(', ')})`).join(', ');
}

function contents(prebuilds: readonly Prebuild[] | undefined): string {
  if (prebuilds === undefined) return 'prebuilds/manifest.json is missing';
  if (prebuilds.length === 0) return 'no prebuilds';
  const forNode = list(prebuilds.filter(({ variant }) => variant === 'node'));
  const others = list(prebuilds.filter(({ variant }) => variant === 'static'));
  return [`for Node: ${forNode || 'nothing'}`, `for Bun, Deno and Electron: ${others || 'nothing'}`].join('; ');
}

function building({ system, root }: LoadFailure): string {
  if (system.runtime !== 'Node')
    return `run this program with Node, or on a system with a prebuild for ${system.runtime}`;
  if (root === undefined)
    return 'run it on a system with a prebuild, or set RTM_NATIVE_ADDON to an addon of this version';
  return `"npx rtm build-addon" compiles it here; it needs ${BUILD_NEEDS}`;
}

/** Switches of the runtime that forbid all addons. */
function forbidden({ attempts, system }: LoadFailure): Finding | undefined {
  if (attempts.some(({ code }) => code === 'ERR_DLOPEN_DISABLED')) {
    return {
      reason: `${system.runtime} runs with a switch that forbids addons`,
      remedy: 'start it without --no-addons; with --permission, add --allow-addons',
    };
  }
  if (system.runtime === 'Deno' && attempts.some(({ message }) => /--allow-ffi|ffi access/.test(message))) {
    return { reason: 'Deno was not allowed to load addons', remedy: 'start it with --allow-ffi (or -A)' };
  }
  return undefined;
}

function namedFile({ attempts }: LoadFailure): Finding | undefined {
  const named = attempts.find(({ kind }) => kind === 'named');
  if (named === undefined) return undefined;
  return {
    reason: `RTM_NATIVE_ADDON names ${named.path}: ${named.message}`,
    remedy: 'name an addon of this version for this system, or unset RTM_NATIVE_ADDON',
  };
}

/** No prebuild was made for this system. */
function unknownSystem(failure: LoadFailure): Finding | undefined {
  const { system, prebuilds = [] } = failure;
  const { platform, arch, libc, runtime } = system;
  const remedy = building(failure);
  if (platform !== 'linux') return { reason: `there is no prebuild for ${platform}`, remedy };
  if (libc === undefined) {
    return { reason: 'the C library of this system is unknown: expected glibc or musl', remedy };
  }
  const listed = prebuilds.some(({ path }) => prebuildsFor(system).includes(path));
  if (listed || failure.root === undefined || failure.prebuilds === undefined) return undefined;
  const here = prebuilds.filter((each) => placeOf(each) === placeOf(system));
  if (here.length === 0) return { reason: `there is no prebuild for the processor ${arch}`, remedy };
  if (!here.some((each) => each.libc === libc))
    return { reason: `there is no prebuild for ${arch} with ${libc}`, remedy };
  return { reason: `there is no prebuild for ${runtime} on ${arch} with ${libc}`, remedy };
}

/** The prebuild is in the package, or should be, and does not load. */
function unfitFile(failure: LoadFailure): Finding {
  const { attempts, system, details, prebuilds = [], root, version } = failure;
  const tried = attempts.filter(({ kind }) => kind === 'prebuild');
  const again = `delete ${root} and install rtm-native@${version} again`;
  const damaged = tried.find(({ state }) => state === 'damaged');
  if (damaged !== undefined) {
    return { reason: `prebuilds/${damaged.path} is damaged: it is not the file that was published`, remedy: again };
  }
  const present = tried.find(({ state }) => state !== 'missing');
  const floor = prebuilds.find(({ path }) => path === present?.path)?.libcFloor;
  // The system's loader names the first version that it lacks, which need not be the newest that the file needs.
  const lacked = /version [`'"]?GLIBC_(\d+\.\d+)/.exec(present?.message ?? '')?.[1];
  const needs = lacked === undefined || (floor && isLower(lacked, floor)) ? floor : lacked;
  const { libcVersion } = details;
  if (present && system.libc === 'glibc' && libcVersion !== undefined && needs && isLower(libcVersion, needs)) {
    return {
      reason: `glibc ${libcVersion} is too old: the prebuild needs glibc ${needs} or later`,
      remedy: `take a newer system; ${building(failure)}`,
    };
  }
  if (present !== undefined) {
    const noexec = /failed to map segment|Operation not permitted/.test(present.message);
    const remedy = noexec
      ? 'allow programs on the file system of the package (mount option "noexec")'
      : building(failure);
    return { reason: present.message, remedy };
  }
  if (root === undefined) {
    return {
      reason: 'the bundle has no addon',
      remedy: 'let the bundler copy it: see docs/bundling.md in the package rtm-native',
    };
  }
  const missing = tried.find(({ path }) => prebuilds.some((each) => each.path === path)) ?? tried[0];
  return { reason: `prebuilds/${missing?.path} is missing`, remedy: again };
}

/** The clone of a developer has neither a build nor prebuilds. */
function emptyClone({ root, prebuilds, attempts }: LoadFailure, isClone: boolean): Finding | undefined {
  if (!isClone || root === undefined || (prebuilds ?? []).length > 0) return undefined;
  if (attempts.some(({ kind }) => kind === 'local')) return undefined;
  return { reason: 'this clone has no addon yet', remedy: '"npm run build:addon" builds it' };
}

/** The message of the error: why, on which system, what the package has, and what to do. */
export function explain(failure: LoadFailure, isClone = false): string {
  const { system, details, version } = failure;
  const { reason, remedy } =
    namedFile(failure) ??
    forbidden(failure) ??
    emptyClone(failure, isClone) ??
    unknownSystem(failure) ??
    unfitFile(failure);
  const libc = [system.libc, details.libcVersion].filter(Boolean).join(' ');
  const local = failure.attempts.find(({ kind }) => kind === 'local');
  return [
    `the native addon does not load: ${reason}`,
    ...(local === undefined ? [] : [`  built:   ${local.path}: ${local.message}`]),
    `  system:  ${[placeOf(system), details.name, libc].filter(Boolean).join(', ')}`,
    `  runtime: ${system.runtime} ${system.runtimeVersion}`,
    `  package: rtm-native ${version}; ${failure.root === undefined ? 'part of a bundle' : contents(failure.prebuilds)}`,
    `  to do:   ${remedy}`,
  ].join('\n');
}
