import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BatchReader } from '../../lib/native/decode.js';
import { EventKind, type ServiceSink, type Sinks } from '../../lib/native/event-kinds.js';
import { Pump } from '../../lib/native/pump.js';
import { BatchWriter, FakeSource } from './batch-writer.js';

/** A pump over a fake source; every event advances the clock by `cost` ms and is noted by its message id. */
function setUp(onEvent: (id: number) => void = () => {}, cost = 0) {
  const source = new FakeSource();
  const delivered: number[] = [];
  const scheduled: (() => void)[] = [];
  let time = 0;
  const sink: Partial<ServiceSink> = {
    onPeerSendResult: (id) => {
      time += cost;
      delivered.push(id);
      onEvent(id);
    },
  };
  const sinks: Sinks = { get: () => sink as ServiceSink, onClientLog: () => {} };
  const reader = new BatchReader(source.columns, source);
  const pump = new Pump(reader, sinks, { now: () => time, later: (run) => scheduled.push(run) });
  pump.attach(source);
  let next = 0;
  const put = (events: number) => {
    const writer = new BatchWriter();
    for (let i = 0; i < events; i++) writer.record(EventKind.PeerSendResult, 1).word(0).number(next++);
    source.put(writer);
  };
  /** Runs the scheduled work once, as a turn of the event loop does. */
  const turn = () => {
    for (const run of scheduled.splice(0)) run();
  };
  return { pump, source, delivered, scheduled, put, turn };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('pumping', () => {
  it('delivers all batches in order and then rests', () => {
    const { pump, delivered, scheduled, put } = setUp();
    put(3);
    put(1);
    put(256);
    pump.run();
    expect(delivered).toEqual(upTo(260));
    expect(scheduled).toEqual([]);
  });

  it('gives other work its turn after 4 ms and goes on where it was', () => {
    const { pump, delivered, scheduled, put, turn } = setUp(undefined, 0.25);
    put(100);
    put(10);
    pump.run();
    expect(delivered.length).toBeGreaterThanOrEqual(16);
    expect(delivered.length).toBeLessThanOrEqual(24);
    expect(scheduled).toHaveLength(1);
    for (let i = 0; i < 20; i++) turn();
    expect(delivered).toEqual(upTo(110));
    expect(scheduled).toEqual([]);
  });

  it('delivers events that came while a listener ran', () => {
    const { pump, delivered, put } = setUp((id) => {
      if (id === 0) put(2);
    });
    put(1);
    pump.run();
    expect(delivered).toEqual([0, 1, 2]);
  });

  it('is not entered twice', () => {
    const { pump, delivered, put } = setUp(() => pump.run());
    put(3);
    pump.run();
    expect(delivered).toEqual([0, 1, 2]);
  });
});

describe('a throwing listener', () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => void uncaught.push(error);
  let others: NodeJS.UncaughtExceptionListener[];

  beforeEach(() => {
    uncaught.length = 0;
    others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', note);
  });
  afterEach(() => {
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
  });

  it('does not lose the rest, and its error is uncaught before the next event', async () => {
    const order: unknown[] = [];
    const { pump, delivered, put, turn } = setUp((id) => {
      order.push(id);
      if (id % 4 === 1) throw new Error(`listener of ${id}`);
    });
    process.on('uncaughtException', (error) => void order.push(error.message));
    put(6);
    pump.run();
    expect(delivered).toEqual([0, 1]);
    await vi.waitFor(() => expect(uncaught).toHaveLength(1));
    turn();
    await vi.waitFor(() => expect(uncaught).toHaveLength(2));
    turn();
    expect(delivered).toEqual(upTo(6));
    expect(order).toEqual([0, 1, 'listener of 1', 2, 3, 4, 5, 'listener of 5']);
  });
});
