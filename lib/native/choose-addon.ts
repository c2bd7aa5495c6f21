import type { System } from './system.js';

/** The prebuilds that may fit a system, the best one first, as paths below prebuilds/. */
export function prebuildsFor(system: System): string[] {
  const { platform, arch, libc, sharesLibraries } = system;
  if (platform !== 'linux' || libc === undefined) return [];
  const own = `${platform}-${arch}-static/rtm-native.${libc}.node`;
  return sharesLibraries ? [`${platform}-${arch}/rtm-native.${libc}.node`, own] : [own];
}

/**
 * Whether the next prebuild is worth a try: the package may lack this one, or the runtime may keep its OpenSSL and libuv
 * for itself after all. A damaged prebuild must be told of instead.
 */
export function mayTryNext(error: unknown): boolean {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  return code === 'MODULE_NOT_FOUND' || /undefined symbol|symbol not found/i.test(message);
}

/**
 * Whether an ELF file is shorter than its header says. The system's loader maps such a file, and the process ends with
 * SIGBUS when it touches the missing part, so this is asked before.
 *
 * @param head the first 64 bytes or more
 */
export function isCutOff(head: Buffer, bytes: number): boolean {
  const isElf64 = head.length >= 64 && head.toString('latin1', 0, 5) === '\x7fELF\x02';
  if (!isElf64 || head[5] !== 1) return bytes < 64;
  const [sections, sizeOfOne, count] = [head.readBigUInt64LE(40), head.readUInt16LE(58), head.readUInt16LE(60)];
  return BigInt(bytes) < sections + BigInt(sizeOfOne * count);
}
