import { clearLine, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { Terminal } from './terminal.js';

/**
 * The lines of a chat: what is typed below, what arrives above it. In a pipe there is no prompt and nothing is repainted.
 */
export class ChatScreen {
  readonly #terminal: Terminal;
  readonly #readline: Interface;
  readonly #typed: AsyncIterableIterator<string>;
  #closed = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#readline = createInterface({
      input: terminal.input,
      ...(terminal.interactive && { output: terminal.output }),
      terminal: terminal.interactive,
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    // From now on: a pipe may be at its end before anybody asks for its first line.
    this.#typed = this.#readline[Symbol.asyncIterator]();
    this.#readline.on('close', () => {
      this.#closed = true;
    });
  }

  /** Typed lines, until the end of input or {@link close}. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    for await (const line of this.#typed) {
      if (this.#terminal.interactive) {
        // Takes back what was typed: the line comes again with its time and what became of it.
        moveCursor(this.#terminal.output, 0, -1);
        cursorTo(this.#terminal.output, 0);
        clearLine(this.#terminal.output, 0);
      }
      yield line;
      this.#prompt();
    }
  }

  /** Sets what stands before the typed text. */
  setPrompt(prompt: string): void {
    this.#readline.setPrompt(prompt);
    this.#prompt();
  }

  /** Shows a line above the prompt, and leaves what is being typed alone. */
  print(line: string): void {
    if (this.#terminal.interactive && !this.#closed) {
      cursorTo(this.#terminal.output, 0);
      clearLine(this.#terminal.output, 0);
    }
    this.#terminal.print(line);
    this.#prompt();
  }

  /** Calls back when Ctrl-C is pressed at the prompt, where it is a key and not a signal. */
  onInterrupt(callback: () => void): void {
    this.#readline.on('SIGINT', callback);
  }

  /** Ends the input. */
  close(): void {
    if (this.#closed) return;
    if (this.#terminal.interactive) {
      cursorTo(this.#terminal.output, 0);
      clearLine(this.#terminal.output, 0);
    }
    this.#readline.close();
  }

  #prompt(): void {
    if (this.#terminal.interactive && !this.#closed) this.#readline.prompt(true);
  }
}
