import { clearLine, clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { columnsOf } from '../terminal/printable.js';
import type { Terminal } from '../terminal/terminal.js';

/**
 * The lines of a chat: what is typed below, what arrives above it. In a pipe there is no prompt and nothing is
 * repainted.
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
      this.#clear();
      this.#closed = true;
    });
  }

  /** Typed lines, until the end of input or {@link close}. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    for await (const line of this.#typed) {
      this.#takeBack(line);
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
    this.#clear();
    this.#terminal.print(line);
    this.#prompt();
  }

  /** Calls back when Ctrl-C is pressed at the prompt, where it is a key and not a signal. */
  onInterrupt(callback: () => void): void {
    this.#readline.on('SIGINT', callback);
  }

  /** Ends the input. */
  close(): void {
    if (!this.#closed) this.#readline.close();
  }

  /** Removes what was typed: the line comes again with its time and what became of it. */
  #takeBack(line: string): void {
    if (!this.#terminal.interactive) return;
    const { output } = this.#terminal;
    const typed = columnsOf(this.#readline.getPrompt() + line);
    moveCursor(output, 0, -1 - Math.floor(typed / (output.columns ?? 80)));
    cursorTo(output, 0);
    clearScreenDown(output);
  }

  /** Empties the line of the prompt. */
  #clear(): void {
    if (!this.#terminal.interactive || this.#closed) return;
    cursorTo(this.#terminal.output, 0);
    clearLine(this.#terminal.output, 0);
  }

  #prompt(): void {
    if (this.#terminal.interactive && !this.#closed) this.#readline.prompt(true);
  }
}
