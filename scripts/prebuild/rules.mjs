// What a prebuild may need of the machine and of the runtime that loads it, and how it is hardened.
import { compareVersions } from './elf.mjs';

const nodeApi = /^(napi|node_api)_/;
/** What the addon takes from Node: the names of libuv, libssl and libcrypto. Node exports more, which may change. */
const nodeLibraries = /^((uv|SSL|TLS|X509|X509V3|BIO|BN|EVP|ERR|PEM|ASN1|CRYPTO|OPENSSL|RAND|OBJ|OSSL)_.+|HMAC)$/;
/** Names that compilers and C++ libraries look for and do without: profiling, transactional memory, what musl lacks. */
const optional = /^(__gmon_start__|_ITM_\w+|_ZGTt\w+|__cxa_(pure_virtual|finalize|thread_atexit_impl))$/;
const libraries = {
  glibc: /^(lib(c|m|pthread|dl|rt)\.so\.\d|ld-linux-(x86-64|aarch64)\.so\.\d)$/,
  musl: /^(libc\.so|libc\.musl-(x86_64|aarch64)\.so\.1)$/,
};
const exported = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];

/**
 * Which of the flags are missing that make an error in memory end the program. They are the same in every build of the addon.
 * @param {ReturnType<typeof import('./elf.mjs').readElf>} image
 * @param {string} libc
 */
export function hardeningProblems(image, libc) {
  const needs = (pattern) => image.undefined.some(({ name }) => pattern.test(name));
  /** @type {[boolean, string][]} */
  const rules = [
    [needs(/^__stack_chk_fail$/), 'expected a stack protector (-fstack-protector-strong), found none'],
    // musl's headers have no checked functions.
    [libc === 'musl' || needs(/^__(?!stack_).*_chk$/), 'expected checked functions (_FORTIFY_SOURCE), found none'],
    [image.relro, 'expected read-only relocations (-z relro)'],
    [image.bindNow, 'expected all symbols bound at load (-z now)'],
    [!image.executableStack, 'expected a stack that is not executable (-z noexecstack)'],
    [!image.textRelocations, 'expected no relocations in code (-fPIC)'],
    [image.noDelete, 'expected to stay in memory when a worker ends (-z nodelete)'],
    [!image.runPath, 'expected no search path for libraries'],
  ];
  return rules.filter(([met]) => !met).map(([, problem]) => problem);
}

/**
 * What is wrong with a prebuild, in sentences; empty if nothing is.
 * @param {ReturnType<typeof import('./elf.mjs').readElf>} image
 * @param {{ arch: string, libc: string, variant: string, floor?: string,
 *   muslNames?: Set<string>, nodeNames?: Set<string> }} expected
 *   floor: the newest glibc that the file may need (default: any); muslNames: what musl defines, without which a symbol of
 *   a musl prebuild is not examined; nodeNames: what the oldest supported Node exports
 */
export function problemsOf(image, { arch, libc, variant, floor, muslNames, nodeNames }) {
  const problems = [];
  const expect = (condition, problem) => {
    if (!condition) problems.push(problem);
  };
  expect(image.arch === arch, `expected code for ${arch}, found ${image.arch}`);
  for (const library of image.libraries) {
    expect(libraries[libc].test(library), `expected to need only the libraries of ${libc}, it needs ${library}`);
  }

  const fromRuntime = (name) => nodeApi.test(name) || (variant === 'node' && nodeLibraries.test(name));
  for (const { name, version, weak } of image.undefined) {
    if (version !== undefined) {
      const number = /^GLIBC_([\d.]+)$/.exec(version)?.[1];
      expect(libc === 'glibc' && number !== undefined, `expected no symbol of ${version}, it needs ${name}`);
      const tooNew = floor !== undefined && number !== undefined && compareVersions(number, floor) > 0;
      expect(!tooNew, `expected to need at most glibc ${floor}, ${name} needs ${version}`);
    } else if (fromRuntime(name)) {
      expect(
        nodeNames === undefined || nodeNames.has(name),
        `expected only what the oldest Node exports, it needs ${name}`,
      );
    } else if (!(weak && optional.test(name))) {
      const ofMusl = libc === 'musl' && (muslNames === undefined || muslNames.has(name));
      const sources = `${libc}, Node-API${variant === 'node' ? ', OpenSSL and libuv' : ''}`;
      expect(ofMusl, `expected only symbols of ${sources}, it needs ${name}`);
    }
  }
  const foreign = image.exported.filter((name) => !exported.includes(name));
  expect(foreign.length === 0, `expected to export only ${exported.join(' and ')}, it exports ${foreign.join(', ')}`);
  const absent = exported.filter((name) => !image.exported.includes(name));
  expect(absent.length === 0, `expected to export ${absent.join(' and ')}`);

  return [...problems, ...hardeningProblems(image, libc)];
}
