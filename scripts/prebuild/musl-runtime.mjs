// Bun for musl on a machine with glibc, to try the musl prebuilds. Debian has musl (package musl) but no libstdc++ for it, which
// Bun needs about fifty names of. They come from the machine's libstdc++.a; the few things that they expect of glibc are here.
// Only for tests: nothing of this is released.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../tools.mjs';
import { readElf } from './elf.mjs';
import { cache } from './fetch.mjs';

export const muslLoader = '/lib/ld-musl-x86_64.so.1';

const glibcNames = `
  extern long syscall(long, ...);
  extern int pthread_key_create(void *, void *);
  char __libc_single_threaded = 0;
  int _dl_find_object(void *address, void *result) { return -1; }
  unsigned arc4random(void) { unsigned value = 0; syscall(318, &value, sizeof value, 0L); return value; }
  int __pthread_key_create(void *key, void *destroy) { return pthread_key_create(key, destroy); }
  int __cxa_thread_atexit_impl(void *destroy, void *object, void *handle) { return 0; }
`;
const ofCxx = /^(_Z|__cxa_|__dynamic_cast$|__once_proxy$|__(de)?register_frame_info$)/;
const ofGlibc = /^__cxa_(thread_atexit_impl|finalize|atexit)$/;

/** Makes a folder with the libstdc++.so.6 that a program for musl needs. */
export async function libstdcxxFor(program) {
  const folder = cache('musl-runtime');
  mkdirSync(folder, { recursive: true });
  const here = new Set(readElf(muslLoader).exported);
  const image = readElf(program);
  // The program has copies of tables of the library, so it seems to define them.
  const tables = image.exported.filter((name) => name.startsWith('_ZTVN10__cxxabiv1'));
  const missing = image.undefined.map(({ name }) => name).filter((name) => !here.has(name));
  const wanted = [...missing, ...tables].filter((name) => ofCxx.test(name) && !ofGlibc.test(name));
  writeFileSync(join(folder, 'glibc.c'), glibcNames);
  const must = async (command, args) => {
    const { ok, output } = await run(command, args, { capture: true, cwd: folder });
    if (!ok) throw new Error(`${command} ${args.join(' ')} failed:\n${output.trim()}`);
    return output.trim();
  };
  const pathOf = (file) => must('g++', [`-print-file-name=${file}`]);
  const [begin, end, ...libraries] = await Promise.all(
    ['crtbeginS.o', 'crtendS.o', 'libstdc++.a', 'libgcc_eh.a', 'libgcc.a'].map(pathOf),
  );
  const args = ['-shared', '-nostdlib', '-fPIC', '-O1', begin, 'glibc.c', ...wanted.map((name) => `-Wl,-u,${name}`)];
  args.push(...libraries, end, '-Wl,-soname,libstdc++.so.6', '-Wl,--allow-shlib-undefined', '-o', 'libstdc++.so.6');
  await must('gcc', args);
  return folder;
}
