// What a library or program was built with against errors in memory, read back from the file with binutils.
import { run } from './tools.mjs';

async function read(command, ...args) {
  const { ok, output } = await run(command, args, { capture: true, timeout: 60 });
  if (!ok) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
  return output;
}

/** The first instruction of the first function that a library exports. */
async function firstInstruction(file) {
  const symbols = await read('nm', '-D', '--defined-only', file);
  const address = /^([0-9a-f]+) T /m.exec(symbols)?.[1];
  if (address === undefined) return undefined;
  const range = [`--start-address=0x${address}`, `--stop-address=0x${(BigInt(`0x${address}`) + 8n).toString(16)}`];
  const code = await read('objdump', '-d', '--no-show-raw-insn', ...range, file);
  return /^\s+[0-9a-f]+:\s+(\S+)/m.exec(code)?.[1];
}

/**
 * The protections that a file lacks, each as a sentence; none if it has them all.
 * @param {string} file an ELF file for this machine
 * @param {{ optimised?: boolean }} how optimised: the checked functions of the C library are expected, too
 */
export async function missingHardening(file, { optimised = true } = {}) {
  const text = await read('readelf', '--wide', '--file-header', '--program-headers', '--dynamic', '--dyn-syms', file);
  const isProgram = /^\s+INTERP\s/m.test(text);
  const problems = [];
  const expect = (condition, problem) => {
    if (!condition) problems.push(problem);
  };
  expect(/^\s*Type:\s+DYN\b/m.test(text), 'expected position-independent code (-fPIE, -pie), found a fixed address');
  if (isProgram) expect(/\(FLAGS_1\).*\bPIE\b/.test(text), 'expected a position-independent program (-pie)');
  expect(/^\s+GNU_RELRO\s/m.test(text), 'expected read-only relocations (-z relro)');
  expect(/\(FLAGS(_1)?\).*\b(BIND_)?NOW\b/.test(text), 'expected all symbols bound at load (-z now)');
  expect(/^\s+GNU_STACK\s.*\sRW\s/m.test(text), 'expected a stack that is not executable (-z noexecstack)');
  expect(!/\(TEXTREL\)/.test(text), 'expected no relocations in code');
  expect(/\b__stack_chk_fail\b/.test(text), 'expected a stack protector (-fstack-protector-strong)');
  if (optimised) {
    expect(/\b__(?!stack_)\w+_chk\b/.test(text), 'expected checked functions (-D_FORTIFY_SOURCE=2, with optimisation)');
  }
  if (process.arch === 'x64' && !isProgram) {
    const first = await firstInstruction(file);
    expect(first === 'endbr64', `expected marked targets of jumps (-fcf-protection), a function begins with ${first}`);
  }
  return problems;
}
