// What decides which addon fits: the processor, the C library and the runtime.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

export type Libc = 'glibc' | 'musl';

/** The system and the runtime, as far as the choice of the addon depends on them. */
export interface System {
  readonly platform: string;
  readonly arch: string;
  /** Undefined outside Linux, and where nothing tells. */
  readonly libc: Libc | undefined;
  readonly runtime: 'Node' | 'Bun' | 'Deno' | 'Electron';
  readonly runtimeVersion: string;
  /** Whether the runtime gives its OpenSSL and libuv to addons. */
  readonly sharesLibraries: boolean;
}

/** The facts that only an error message needs. To find them takes some milliseconds. */
export interface SystemDetails {
  /** Name of the distribution, such as "Debian GNU/Linux 12 (bookworm)". */
  readonly name: string | undefined;
  readonly libcVersion: string | undefined;
}

/** The parts of `process` that are read. */
export interface ProcessFacts {
  readonly platform: string;
  readonly arch: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly features?: unknown;
}

/** Reads the facts of a process. Electron and the others also give a version of Node that they imitate. */
export function systemOf(facts: ProcessFacts, libc: () => Libc | undefined): System {
  const { platform, arch, versions } = facts;
  const other = (['Electron', 'Bun', 'Deno'] as const).find((name) => versions[name.toLowerCase()] !== undefined);
  // BoringSSL has the names of OpenSSL, but not its structures.
  const isBoring = (facts.features as { openssl_is_boringssl?: boolean } | undefined)?.openssl_is_boringssl === true;
  return {
    platform,
    arch,
    libc: platform === 'linux' ? libc() : undefined,
    runtime: other ?? 'Node',
    runtimeVersion: versions[other?.toLowerCase() ?? 'node'] ?? 'of unknown version',
    sharesLibraries: other === undefined && !isBoring && versions['openssl'] !== undefined,
  };
}

/** The C library that a program is linked with, by the name of the loader in its ELF header. */
export function libcOfProgram(file: string): Libc | undefined {
  const head = Buffer.alloc(4096);
  let size: number;
  try {
    const descriptor = openSync(file, 'r');
    try {
      size = readSync(descriptor, head, 0, head.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
  const text = head.toString('latin1', 0, size);
  if (!text.startsWith('\x7fELF')) return undefined;
  if (text.includes('/ld-musl-')) return 'musl';
  return text.includes('/ld-linux') || text.includes('/ld64.so') ? 'glibc' : undefined;
}

/** The header and the libraries of Node's diagnostic report. */
interface Report {
  header?: { glibcVersionRuntime?: string };
  sharedObjects?: string[];
}

function report(): Report {
  // Without this the report asks the network for the names of all connections.
  const options = process.report as unknown as { excludeNetwork?: boolean } | undefined;
  const before = options?.excludeNetwork;
  try {
    if (options !== undefined) options.excludeNetwork = true;
    const written: unknown = process.report?.getReport();
    return (typeof written === 'string' ? JSON.parse(written) : (written ?? {})) as Report;
  } catch {
    return {}; // Bun and Deno may have none.
  } finally {
    if (options !== undefined && before !== undefined) options.excludeNetwork = before;
  }
}

function hasMuslLoader(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('ld-musl-'));
}

/** The C library of this process. The cheap sources come first: a start should cost nothing. */
export function currentLibc(): Libc | undefined {
  const linked = libcOfProgram(process.execPath);
  if (linked !== undefined) return linked;
  const { header, sharedObjects = [] } = report();
  if (header?.glibcVersionRuntime !== undefined) return 'glibc';
  if (sharedObjects.some((name) => name.includes('ld-musl-'))) return 'musl';
  if (hasMuslLoader('/lib')) return 'musl';
  return ['/lib64', '/lib'].some((folder) => existsSync(folder)) ? 'glibc' : undefined;
}

/** The system of this process. */
export function currentSystem(): System {
  return systemOf(process, currentLibc);
}

/** The name in the text of /etc/os-release. */
export function systemName(osRelease: string): string | undefined {
  return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(osRelease)?.[1];
}

/** What the musl loader says of itself when it runs without a program, or what `ldd --version` says. */
export function libcVersionIn(text: string): string | undefined {
  return (/\bVersion (\d+\.\d+[.\d]*)/.exec(text) ?? /^ldd .*?(\d+\.\d+)$/m.exec(text))?.[1];
}

/**
 * The version of the C library. Deno reports the same version of glibc on every system, so there `ldd` must tell; it may
 * be forbidden to run.
 */
export function libcVersionOf(runtime: System['runtime'], reported: string | undefined, askLdd: () => string) {
  if (reported !== undefined && runtime !== 'Deno') return reported;
  try {
    return libcVersionIn(askLdd());
  } catch {
    return undefined;
  }
}

/** The details of this system for an error message. */
export function currentDetails(runtime: System['runtime'], askLdd: () => string): SystemDetails {
  let name: string | undefined;
  try {
    name = systemName(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    // Not every system has the file.
  }
  return { name, libcVersion: libcVersionOf(runtime, report().header?.glibcVersionRuntime, askLdd) };
}
