import { describe, expect, it } from 'vitest';
import { type NativeBridge, type OperationTable, ServerBridge } from '../../lib/server/bridge/bridge.js';
import { AnswerKind, Operation } from '../../lib/server/bridge/operations.js';
import { RecordReader, RecordWriter } from '../../lib/server/bridge/record.js';
import { storeOperations } from '../../lib/server/bridge/store-operations.js';
import type { MessageStore } from '../../lib/server/storage/message-store.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bufferOf = (bytes: Uint8Array) => Uint8Array.from(bytes).buffer as ArrayBuffer;
/** Two turns: promises settle in the first, their answers leave at its end. */
const turn = async () => {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
};

// test/cpp/server/bridge/bridge_store_test.cpp has the same bytes.
const APPEND_OFFLINE =
  '34000000' +
  '01' +
  '0100000000000000' +
  '01000000' +
  '03000000626f62' +
  '06000000c3a46c696365' +
  '7b68e5cf8b010000' +
  '0500000000000000' +
  '0200000000ff';

/** The addon's end: batches of orders that a test puts in, batches of answers that came. */
class FakeNativeBridge implements NativeBridge {
  readonly orders = new RecordWriter();
  readonly answers: string[] = [];

  order(order: Operation, request: number, fields: (writer: RecordWriter) => void = () => {}): void {
    this.orders.record((writer) => {
      writer.byte(order).number(request);
      fields(writer);
    });
  }
  takeOperations(): ArrayBuffer | undefined {
    return this.orders.size > 0 ? bufferOf(this.orders.take()) : undefined;
  }
  answer(batch: Uint8Array): void {
    this.answers.push(hex(batch));
  }
}

/** An answer without fields. */
function plain(kind: number, request: number): string {
  const writer = new RecordWriter();
  writer.record((record) => void record.byte(kind).number(request));
  return hex(writer.take());
}

function bridgeOf(orders: OperationTable) {
  const port = new FakeNativeBridge();
  const lines: string[] = [];
  return { port, lines, bridge: new ServerBridge(port, orders, (line) => lines.push(line)) };
}

describe('records', () => {
  it('come back as they were written', () => {
    const writer = new RecordWriter();
    const big = new Uint8Array(10_000).fill(7);
    writer.byte(255).flag(true).word(0xffffffff).number(Number.MAX_SAFE_INTEGER).text('\u00e4\u{1F600}\0').bytes(big);
    writer.list(['a', ''], (item) => writer.text(item)).raw(Buffer.from('0123'), 4);
    const reader = new RecordReader(bufferOf(writer.take()));
    expect([reader.byte(), reader.flag(), reader.word(), reader.number()]).toEqual([
      255,
      true,
      0xffffffff,
      Number.MAX_SAFE_INTEGER,
    ]);
    expect(reader.text()).toBe('\u00e4\u{1F600}\0');
    expect(hex(reader.bytes())).toBe(hex(big));
    expect(reader.list((item) => item.text())).toEqual(['a', '']);
    expect(hex(reader.raw(4))).toBe('30313233');
    expect(reader.left).toBe(0);
  });

  it('that are too short fail alone: what stands behind them is not read as a part of them', async () => {
    const seen: string[] = [];
    const { port, bridge, lines } = bridgeOf({
      [Operation.Presence]: (reader) => {
        seen.push(reader.text());
        return undefined;
      },
    });
    port.orders.record((writer) => writer.byte(Operation.Presence).number(1).word(9)); // a text of 9 bytes, and none of them
    port.orders.record((writer) => writer.byte(7)); // no number either
    port.order(Operation.Presence, 2, (writer) => writer.text('whole'));
    bridge.run();
    await turn();
    expect(seen).toEqual(['whole']);
    expect(port.answers.join('')).toBe(plain(AnswerKind.Failed, 1) + plain(AnswerKind.Done, 2));
    expect(lines[0]).toMatch(/^Presence failed: a record ends after \d+ bytes, expected 9 at /);
  });

  it('are not read beyond their end', () => {
    const reader = new RecordReader(bufferOf(Buffer.from('05000000616263', 'hex')));
    expect(() => reader.text()).toThrow(RangeError);
  });

  it('take no number that 53 bits cannot hold', () => {
    const writer = new RecordWriter();
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => writer.number(wrong)).toThrow(RangeError);
    expect(() => writer.raw(Buffer.alloc(3), 32)).toThrow('expected 32 bytes, got 3');
  });

  it('leave nothing behind when they cannot be written', () => {
    const writer = new RecordWriter();
    const fail = () =>
      writer.record(() => {
        writer.text('half of it');
        throw new Error('no');
      });
    expect(fail).toThrow('no');
    expect(writer.size).toBe(0);
  });
});

describe('orders of the store', () => {
  it('are read as the addon packs them', async () => {
    const seen: unknown[] = [];
    const store = { appendOffline: async (...args: unknown[]) => void seen.push(args) } as unknown as MessageStore;
    const { port, bridge } = bridgeOf(storeOperations(store, ['app0', 'app1']));
    port.takeOperations = () => bufferOf(Buffer.from(APPEND_OFFLINE, 'hex'));
    bridge.run();
    await turn();
    const content = Buffer.from([0, 255]);
    const message = { senderId: '\u00e4lice', timeMs: 1_700_000_000_123, requiredCapabilities: 5, content };
    expect(seen).toEqual([['app1', 'bob', message]]);
    expect(port.answers).toEqual([plain(AnswerKind.Done, 1)]);
  });

  it('are answered as the addon reads it', async () => {
    const entry = { id: 42, senderId: 'ann', timeMs: 1, requiredCapabilities: 0, content: Buffer.alloc(0) };
    const store = { loadOffline: async () => [entry] } as unknown as MessageStore;
    const { port, bridge } = bridgeOf(storeOperations(store, ['app']));
    port.order(Operation.LoadOffline, 1, (writer) => writer.word(0).text('bob').number(7));
    bridge.run();
    await turn();
    expect(port.answers).toEqual([
      '30000000' + '01' + '0100000000000000' + '01000000' + '2a00000000000000' + '03000000616e6e' +
        '0100000000000000' + '0000000000000000' + '00000000',
    ]); // biome-ignore format: a field a piece
  });
});

describe('the bridge', () => {
  it('hands back all answers of one turn together, in the order in which they came', async () => {
    let later = () => {};
    const open = new Promise<void>((resolve) => {
      later = resolve;
    });
    const { port, bridge } = bridgeOf({
      [Operation.AppendOffline]: () => open,
      [Operation.RemoveOffline]: async () => {},
    });
    port.order(Operation.AppendOffline, 1);
    port.order(Operation.RemoveOffline, 2);
    port.order(Operation.RemoveOffline, 3);
    bridge.run();
    await turn();
    expect(port.answers).toEqual([plain(AnswerKind.Done, 2) + plain(AnswerKind.Done, 3)]);
    later();
    await bridge.settled();
    await turn();
    expect(port.answers[1]).toBe(plain(AnswerKind.Done, 1));
  });

  it('fails an operation that rejects, throws, has a wrong outcome, or has no receiver; others go on', async () => {
    const { port, lines, bridge } = bridgeOf({
      [Operation.AppendOffline]: () => Promise.reject(new Error('disk full')),
      [Operation.LoadOffline]: () => {
        throw new Error('broken');
      },
      [Operation.QueryHistory]: () => Promise.resolve((writer: RecordWriter) => void writer.number(-1)),
      [Operation.RemoveOffline]: async () => {},
    } as OperationTable);
    const orders = [
      Operation.AppendOffline,
      Operation.LoadOffline,
      Operation.QueryHistory,
      Operation.FindMedia,
      Operation.RemoveOffline,
    ];
    for (const [index, order] of orders.entries()) port.order(order, index + 1, (writer) => writer.text('unread'));
    bridge.run();
    await turn();
    const answers = port.answers.join('');
    for (const failed of [1, 2, 3, 4]) expect(answers).toContain(plain(AnswerKind.Failed, failed));
    expect(answers).toContain(plain(AnswerKind.Done, 5));
    expect(lines).toEqual(['LoadOffline failed: broken']); // one line a second
  });
});
