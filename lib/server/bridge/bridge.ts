// JavaScript's end of the bridge: takes operations, has them done, hands the answers back. Records: operations.ts.
import { AnswerKind, type NewsKind, Operation } from './operations.js';
import { RecordReader, RecordWriter } from './record.js';

/** Writes the fields of an answer. */
export type WriteAnswer = (writer: RecordWriter) => void;

/**
 * Does one operation: reads its fields before it returns or waits, and returns the writer of the answer's fields;
 * `undefined`: the answer has no fields. An exception or a rejection fails the operation.
 */
export type DoOperation = (reader: RecordReader) => Promise<WriteAnswer> | Promise<void> | undefined;

export type OperationTable = Readonly<Partial<Record<Operation, DoOperation>>>;

/** The native end; {@link NativeEnvironment} with the server's handle, or a stand-in of a test. */
export interface NativeBridge {
  takeOperations(): ArrayBuffer | undefined;
  answer(batch: Uint8Array): void;
}

/** Between two lines about operations that fail. */
const COMPLAINT_MS = 1000;

const NAMES = new Map<number, string>(Object.entries(Operation).map(([name, number]) => [number, name]));

/** One server's bridge. All answers of one turn of the event loop go back in one call. */
export class ServerBridge {
  readonly #native: NativeBridge;
  readonly #operations: OperationTable;
  readonly #log: (line: string) => void;
  readonly #out = new RecordWriter();
  /** Operations under way. */
  readonly #pending = new Set<Promise<void>>();
  #flushing = false;
  #failures = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;

  /** `log` takes lines for the server's log, as errors. */
  constructor(native: NativeBridge, operations: OperationTable, log: (line: string) => void) {
    this.#native = native;
    this.#operations = operations;
    this.#log = log;
  }

  /** Takes the operations that wait. When some are left, the native end rings again. */
  run(): void {
    const batch = this.#native.takeOperations();
    if (!batch) return;
    const reader = new RecordReader(batch);
    while (reader.left > 0) {
      // An operation whose fields are not what its number says fails alone.
      reader.within(reader.word(), () => this.#read(reader));
    }
  }

  /** Tells `loop`, or all of them, something unasked, in one order with the answers. */
  tell(kind: NewsKind, loop: number, write: WriteAnswer): void {
    try {
      this.#out.record((writer) => {
        writer.byte(kind).word(loop);
        write(writer);
      });
      this.#flushLater();
    } catch (error) {
      this.#fail(`news ${kind}`, 0, error); // they are not what their type says
    }
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #read(reader: RecordReader): void {
    let request = 0;
    try {
      const operation = reader.byte();
      request = reader.number();
      this.#do(operation as Operation, request, reader);
    } catch (error) {
      this.#fail('an operation without a number', request, error);
    }
  }

  #do(operation: Operation, request: number, reader: RecordReader): void {
    const name = NAMES.get(operation) ?? `number ${operation}`;
    try {
      const act = this.#operations[operation];
      if (!act) throw new Error('there is nobody here to do it');
      const outcome = act(reader);
      if (!outcome) {
        if (request !== 0) this.#answer(name, request, undefined);
        return;
      }
      const done: Promise<void> = (outcome as Promise<WriteAnswer | undefined>)
        .then(
          (write) => this.#answer(name, request, write),
          (error: unknown) => this.#fail(name, request, error),
        )
        .finally(() => this.#pending.delete(done));
      this.#pending.add(done);
    } catch (error) {
      this.#fail(name, request, error);
    }
  }

  #answer(name: string, request: number, write: WriteAnswer | undefined): void {
    try {
      this.#out.record((writer) => {
        writer.byte(AnswerKind.Done).number(request);
        write?.(writer);
      });
      this.#flushLater();
    } catch (error) {
      this.#fail(name, request, error); // the outcome is not what its type says
    }
  }

  #fail(name: string, request: number, error: unknown): void {
    this.#failures++;
    const now = performance.now();
    if (now - this.#complainedAt >= COMPLAINT_MS) {
      const others = this.#failures > 1 ? ` (and ${this.#failures - 1} others)` : '';
      this.#log(`${name} failed: ${error instanceof Error ? error.message : String(error)}${others}`);
      this.#complainedAt = now;
      this.#failures = 0;
    }
    if (request === 0) return;
    this.#out.record((writer) => void writer.byte(AnswerKind.Failed).number(request));
    this.#flushLater();
  }

  #flushLater(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#native.answer(this.#out.take());
    });
  }
}
