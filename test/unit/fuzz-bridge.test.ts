// Records of the bridge. Random values come back as they were written, at the same place; and a reader never reads behind the
// end of what it got, whatever stands in it.
import { expect, it } from 'vitest';
import { ServerBridge } from '../../lib/server/bridge/bridge.js';
import { engineOperations } from '../../lib/server/bridge/engine-operations.js';
import { AnswerKind, Operation } from '../../lib/server/bridge/operations.js';
import { RecordReader, RecordWriter } from '../../lib/server/bridge/record.js';
import * as records from '../../lib/server/bridge/records.js';
import { storeOperations } from '../../lib/server/bridge/store-operations.js';
import type { Engine } from '../../lib/server/cluster/engine.js';
import type { MessageStore } from '../../lib/server/storage/message-store.js';
import { FUZZ_TIMEOUT, fuzz } from '../integration/support/fuzz.js';
import type { Random } from '../integration/support/random.js';

const bufferOf = (bytes: Uint8Array) => Uint8Array.from(bytes).buffer as ArrayBuffer;
const apps = ['0123456789abcdef0123456789abcdef'];

interface Field {
  readonly write: (writer: RecordWriter, value: never) => unknown;
  readonly read: (reader: RecordReader) => unknown;
  readonly make: (random: Random) => unknown;
}

const fields: readonly Field[] = [
  {
    write: (writer, value) => writer.byte(value),
    read: (reader) => reader.byte(),
    make: (random) => random.below(256),
  },
  {
    write: (writer, value) => writer.flag(value),
    read: (reader) => reader.flag(),
    make: (random) => random.below(2) === 1,
  },
  {
    write: (writer, value) => writer.word(value),
    read: (reader) => reader.word(),
    make: (random) => random.number32(),
  },
  {
    write: (writer, value) => writer.number(value),
    read: (reader) => reader.number(),
    make: (random) => random.number32() * 2 ** random.below(21),
  },
  {
    write: (writer, value) => writer.id(value),
    read: (reader) => reader.id(),
    make: (random) => Buffer.from(random.bytes(8)).toString('hex'),
  },
  {
    write: (writer, value) => writer.text(value),
    read: (reader) => reader.text(),
    make: (random) => random.text(random.below(9)),
  },
  {
    write: (writer, value) => writer.bytes(value),
    read: (reader) => Uint8Array.from(reader.bytes()),
    make: (random) => random.bytes(random.below(40)),
  },
];

it('values come back as they were written', { timeout: FUZZ_TIMEOUT }, async () => {
  await fuzz((random) => {
    const chosen = Array.from({ length: random.below(12) }, () => random.oneOf(fields));
    const values = chosen.map(({ make }) => make(random));
    const writer = new RecordWriter();
    writer.record((record) => {
      for (const [index, { write }] of chosen.entries()) write(record, values[index] as never);
    });
    const reader = new RecordReader(bufferOf(writer.take()));
    expect(reader.word()).toBe(reader.left);
    expect(chosen.map(({ read }) => read(reader))).toEqual(values);
    expect(reader.left).toBe(0);
  });
});

const readers = Object.entries(records)
  .filter(([name]) => /^read[A-Z]/.test(name))
  .map(([, read]) => read as (reader: RecordReader, served: readonly string[]) => unknown);

/** Bytes with many zeros and small counts, so that records get further than their first length. */
function anyBytes(random: Random): Uint8Array {
  const bytes = Uint8Array.from(random.bytes(random.below(200)), (byte) => (byte < 170 ? 0 : byte));
  for (let left = random.below(6); left > 0 && bytes.length > 0; left--)
    bytes[random.below(bytes.length)] = random.below(5);
  return bytes;
}

it('a record that is not whole ends in a RangeError, and reads nothing else', { timeout: FUZZ_TIMEOUT }, async () => {
  expect(readers.length).toBeGreaterThan(8);
  await fuzz((random) => {
    const bytes = anyBytes(random);
    for (const read of readers) {
      const reader = new RecordReader(bufferOf(bytes));
      try {
        read(reader, apps);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      expect(reader.at).toBeLessThanOrEqual(bytes.length);
    }
  });
});

it('an operation with any fields is answered once, or has no answer', { timeout: FUZZ_TIMEOUT }, async () => {
  const numbers = Object.values(Operation);
  /** A store or an engine that takes every call. */
  const yielding = () =>
    new Proxy({}, { get: () => () => Promise.resolve(undefined) }) as unknown as Engine & MessageStore;
  await fuzz(async (random) => {
    const writer = new RecordWriter();
    const requests = Array.from({ length: 1 + random.below(5) }, (_, index) => index + 1);
    for (const request of requests) {
      const fields = anyBytes(random);
      const operation = random.below(8) === 0 ? random.below(256) : random.oneOf(numbers);
      writer.record((record) => record.byte(operation).number(request).raw(fields, fields.length));
    }
    let batch: ArrayBuffer | undefined = bufferOf(writer.take());
    const answered: number[] = [];
    const port = {
      takeOperations: () => {
        const taken = batch;
        batch = undefined;
        return taken;
      },
      answer: (bytes: Uint8Array) => {
        const reader = new RecordReader(bufferOf(bytes));
        while (reader.left > 0) {
          reader.within(reader.word(), () => {
            const kind = reader.byte();
            expect([AnswerKind.Done, AnswerKind.Failed]).toContain(kind);
            answered.push(reader.number());
          });
        }
      },
    };
    const all = { ...storeOperations(yielding(), apps), ...engineOperations(yielding(), apps) };
    const bridge = new ServerBridge(port, all, () => {});
    bridge.run();
    await bridge.settled();
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(new Set(answered).size).toBe(answered.length);
    for (const request of answered) expect(requests).toContain(request);
  });
});
