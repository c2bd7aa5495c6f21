import type { IRtmCallEventHandler } from '../../../lib/sdk/calls.js';
import type { IChannelEventHandler, IRtmServiceEventHandler } from '../../../lib/sdk/handlers.js';

type AnyHandler = IRtmServiceEventHandler & IChannelEventHandler & IRtmCallEventHandler;
export type CallbackName = keyof AnyHandler;

const PATIENCE_MS = 15_000;

/** Records every callback and hands them out one by one, so that a test misses no early callback. */
export class Events {
  /** All callbacks in their order: name, then arguments. */
  readonly calls: [string, ...unknown[]][] = [];
  readonly #taken = new Map<string, number>();
  readonly #wake = new Set<() => void>();
  readonly handler = new Proxy({} as AnyHandler, {
    get: (_target, name) => {
      if (typeof name !== 'string' || !name.startsWith('on')) return undefined;
      return (...args: unknown[]) => {
        this.calls.push([name, ...args]);
        for (const wake of [...this.#wake]) wake();
      };
    },
  });

  /** Arguments of the next callback of this name that no test has taken. Rejects when none comes. */
  // biome-ignore lint/suspicious/noExplicitAny: each callback has arguments of its own
  async take(name: CallbackName): Promise<any[]> {
    const index = this.#taken.get(name) ?? 0;
    this.#taken.set(name, index + 1);
    await this.until(`callback ${index + 1} of ${name}`, () => this.of(name).length > index);
    return this.of(name)[index] as unknown[];
  }

  /** Arguments of all callbacks of this name so far. */
  of(name: CallbackName): unknown[][] {
    return this.calls.filter((call) => call[0] === name).map((call) => call.slice(1));
  }

  /** Waits until callbacks make a condition true. */
  async until(what: string, condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#wake.delete(wake);
        reject(new Error(`${what}: not within ${PATIENCE_MS} ms; there were ${this.names().join(', ') || 'none'}`));
      }, PATIENCE_MS);
      const wake = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#wake.delete(wake);
        resolve();
      };
      this.#wake.add(wake);
    });
  }

  names(): string[] {
    return this.calls.map((call) => call[0]);
  }

  /** Changes of the connection so far: `[state, reason]`. */
  states(): unknown[][] {
    return this.of('onConnectionStateChanged');
  }
}
