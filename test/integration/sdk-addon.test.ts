import { afterAll, describe, expect, it } from 'vitest';
import { BatchReader } from '../../lib/native/decode.js';
import type { Columns, NativeEnvironment } from '../../lib/native/environment.js';
import { EventKind } from '../../lib/native/event-kinds.js';
import { loadAddon } from '../../lib/native/load.js';
import { Pump } from '../../lib/native/pump.js';
import { Operation } from '../../lib/server/bridge/operations.js';

const addon = loadAddon();
const handle = { hasRef: () => false };

function newColumns(): Columns {
  const [words, numbers] = [new Uint32Array(0), new Float64Array(0)];
  return { words, numbers, out: new Float64Array(1), arguments: new Float64Array(3) };
}

function openPort(): { port: NativeEnvironment; columns: Columns } {
  const columns = newColumns();
  return { port: addon.open(() => {}, columns, handle), columns };
}

describe('the addon', () => {
  const { port, columns } = openPort();
  const loose = port as unknown as Record<string, (...args: unknown[]) => unknown>;
  const service = port.createService();
  afterAll(() => port.serviceRelease(service, true));

  it('has the same tables of event kinds and orders as its JavaScript', () => {
    expect(addon.eventKinds).toEqual(EventKind);
    expect(addon.bridgeOperations).toEqual(Operation);
  });

  it('opens only for a function and an object', () => {
    const open = addon.open as unknown as (...args: unknown[]) => unknown;
    for (const args of [[], [1, {}], [() => {}], [() => {}, {}], [() => {}, { out: new Uint8Array(8) }]]) {
      expect(() => open(...args), JSON.stringify(args)).toThrow();
    }
  });

  it('gives every environment ports that know nothing of each other', () => {
    const other = openPort().port;
    expect(other.serviceInitialize(service, '0123456789abcdef0123456789abcdef', true)).toBe(1);
    const own = other.createService();
    expect(other.serviceInitialize(own, '0123456789abcdef0123456789abcdef', true)).toBe(0);
    other.serviceRelease(own, true);
  });

  it('never uses a handle twice', () => {
    const handles = Array.from({ length: 50 }, () => {
      const handle = port.createService();
      port.serviceRelease(handle, false);
      return handle;
    });
    expect(new Set(handles).size).toBe(50);
  });

  it('answers unknown handles as if they were released', () => {
    for (const handle of [0, 4_000_000_000]) {
      expect(port.serviceLogin(handle, null, 'user')).toBe(101);
      expect(port.createChannel(handle, 'room')).toBe(0);
      expect(port.channelJoin(handle)).toBe(101);
      expect(port.channelSend(handle, 1, 1, 'text', undefined, 0, undefined)).toBe(101);
      columns.arguments.set([handle, 1, 0]);
      expect(port.serviceSendText('peer', 'text')).toBe(101);
      expect(port.channelSendText('text')).toBe(101);
      expect(port.serverStats(handle)).toBeUndefined();
      expect(() => {
        port.serviceRelease(handle, true);
        port.channelRelease(handle);
        port.closeServer(handle);
        port.releaseServer(handle);
      }).not.toThrow();
    }
  });

  const wrong: [string, unknown[]][] = [
    ['serviceLogin', [service, 1, 'user']],
    ['serviceLogin', [service, undefined, 'user']],
    ['serviceLogin', ['service', null, 'user']],
    ['serviceLogin', []],
    ['serviceInitialize', [service, 'app', 'yes']],
    ['serviceSend', [service, 'peer', 1n, 1, 'text', undefined, 0]],
    ['serviceSend', [service, 'peer', 1, 1, Symbol('text'), undefined, 0]],
    ['serviceSend', [service, 'peer', 1, 1, 'text', new Float64Array(1), 0]],
    ['serviceSend', [service, 'peer', 1, 1, 'text', [1, 2], 0]],
    ['serviceSendText', [1, 'text']],
    ['serviceSendText', ['peer', 1]],
    ['channelSendText', [undefined]],
    ['queryPeersOnlineStatus', [service, 'peer']],
    ['queryPeersOnlineStatus', [service, [1]]],
    ['setLocalUserAttributes', [service, ['k', null]]],
    ['setAlive', [1]],
    ['startServer', ['options']],
    ['startServer', [{}]],
  ];
  it.each(wrong)('throws a TypeError for %s with %#', (name, args) => {
    expect(() => loose[name]?.(...args)).toThrow(TypeError);
  });

  it('drains nothing when nothing has happened', () => {
    expect(port.drain()).toBeUndefined();
    expect(port.pressure()).toEqual({ bytes: 0, paused: 0 });
  });
});

it('a batch of the addon is read by the JavaScript of the same version', async () => {
  const columns = newColumns();
  const started = new Promise<[number, string, string]>((resolve) => {
    const reader = new BatchReader(columns, { bytes: () => port.bytes(), ownBuffer: (index) => port.ownBuffer(index) });
    const sink = { onServerStarted: (...args: [number, string, string]) => resolve(args) };
    const pump = new Pump(reader, { get: () => sink as never, onClientLog: () => {} });
    const port = addon.open(pump.run, columns, handle);
    pump.attach(port);
    port.setAlive(true);
    port.startServer({
      host: 'no such host, surely',
      apps: [{ appId: '0123456789abcdef0123456789abcdef', certificates: [], rules: [] }],
      tls: true,
      certificatePem: '',
      keyPem: '',
      area: 0,
      limits: { base: 'sdk', values: {}, rates: [] },
      numbers: { port: 0, loops: 1, maxConnections: 0 },
      flags: {},
      groups: { times: {}, admission: {}, media: { storeBytes: 1, life: 1 }, retention: {} },
      exempt: [],
      mediaFolder: '',
      choices: {},
      ownsProcess: false,
      store: false,
      engine: false,
      callout: [],
      log: false,
    });
  });
  const [port, fingerprint, failure] = await started;
  expect([port, fingerprint]).toEqual([0, '']);
  expect(failure).toContain('no such host, surely');
});
