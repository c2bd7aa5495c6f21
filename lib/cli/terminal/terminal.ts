import { shellWord } from './printable.js';
import { makeStyle, type Style, wantsColor } from './style.js';

/** Where a command reads and writes; the process' own streams, or a test's. */
export interface Terminal {
  readonly input: NodeJS.ReadStream | NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
  /** Colours for `output`. */
  readonly style: Style;
  /** True when a person types and reads: both ends are terminals. */
  readonly interactive: boolean;
  /** Writes one line. */
  print(line?: string): void;
  /** Writes one line to the error output. */
  warn(line: string): void;
  /** The command that runs this program again. */
  readonly command: string;
  /**
   * Calls back at Ctrl-C, SIGTERM or SIGHUP, once; a second Ctrl-C ends the process at once. With `onHangUp`, SIGHUP
   * calls that instead, each time. Returns how to stop it.
   */
  onInterrupt(callback: () => void, onHangUp?: () => void): () => void;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return {
    input: stdin,
    output: stdout,
    env,
    style: makeStyle(wantsColor(stdout, env)),
    interactive: stdin.isTTY === true && stdout.isTTY === true,
    print: (line = '') => void stdout.write(`${line}\n`),
    warn: (line) => void stderr.write(`${line}\n`),
    command: commandName(process.argv[1] ?? ''),
    onInterrupt,
  };
}

/** How this program was started, so that examples can be pasted anywhere: `npx rtm`, `rtm`, or `node <path>`. */
function commandName(script: string): string {
  if (!/[\\/]rtm$/.test(script)) return `node ${shellWord(script)}`;
  return /[\\/]node_modules[\\/]/.test(script) ? 'npx rtm' : 'rtm';
}

function onInterrupt(callback: () => void, onHangUp?: () => void): () => void {
  let count = 0;
  const listener = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && onHangUp) {
      onHangUp();
      return;
    }
    count++;
    if (count === 1) callback();
    else if (signal === 'SIGINT') process.exit(130);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
