import { BUILD_NEEDS } from '../../native/load-failure.js';

/** The machine, as far as compiling depends on it. */
export interface BuildMachine {
  /** Whether one of these programs is on the PATH. */
  has(...programs: readonly string[]): boolean;
  /** The C++ compiler that node-gyp will take. */
  readonly compiler: string;
  /** Compiles and links a program. The output is what the compiler says. */
  compile(source: string): { readonly ok: boolean; readonly output: string };
  /** First line of `<compiler> --version`. */
  compilerVersion(): string;
}

/** Uses what the oldest compilers lack, and the libraries that are linked in. */
const PROBE = `#include <concepts>
#include <memory>
#include <zlib.h>
int main() {
  auto bytes = std::make_shared_for_overwrite<char[]>(8);
  return zlibVersion() == nullptr || bytes == nullptr;
}
`;

/** What this machine lacks to compile the addon, in one line; undefined if it lacks nothing. */
export function missingForBuild(machine: BuildMachine): string | undefined {
  const lacks: string[] = [];
  const packages: string[] = [];
  const lack = (what: string, debianPackage: string) => {
    lacks.push(what);
    packages.push(debianPackage);
  };
  if (!machine.has('make', 'gmake')) lack('make is missing', 'make');
  if (!machine.has('python3', 'python')) lack('Python 3 is missing', 'python3');
  if (machine.has(machine.compiler)) {
    const { ok, output } = machine.compile(PROBE);
    if (!ok && /zlib\.h|libz\.a/.test(output)) lack('zlib with its header and libz.a is missing', 'zlib1g-dev');
    else if (!ok) lacks.push(`${machine.compilerVersion() || machine.compiler} is too old or incomplete`);
  } else {
    lack(`the compiler ${machine.compiler} is missing`, 'g++');
    packages.push('zlib1g-dev');
  }
  if (lacks.length === 0) return undefined;
  const debian =
    machine.has('apt-get') && packages.length > 0
      ? `; on Debian and Ubuntu: apt-get install -y ${packages.join(' ')}`
      : '';
  return `${lacks.join(', ')}. The addon needs ${BUILD_NEEDS}${debian}`;
}
