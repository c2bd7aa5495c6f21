// The objects that one JavaScript environment (the main thread, or a worker) has once: its native side, the pump, the
// registry.
import { existsSync, readFileSync } from 'node:fs';
import { debuglog } from 'node:util';
import { BatchReader } from './decode.js';
import type { Columns, NativeEnvironment } from './environment.js';
import type { Sink } from './event-kinds.js';
import { loadAddon } from './load.js';
import { Pump } from './pump.js';
import { Liveness, Registry } from './registry.js';

const log = debuglog('rtm');

/** Message ids taken from the core at a time. */
const IDS_AT_ONCE = 64;

/** An object whose sends wait for the end of the turn. */
export interface Flushable {
  flush(alone: boolean): void;
}

/** The objects that this environment shares; see {@link runtime}. */
export class Runtime {
  readonly environment: NativeEnvironment;
  /** Everything that events may be for, by handle. */
  readonly objects = new Registry<Sink>();
  readonly liveness: Liveness;
  /** Request id of the last call that has one. */
  readonly out: Float64Array;
  /** Numbers for the next call; see `Columns.arguments`. */
  readonly arguments: Float64Array;
  readonly #pump: Pump;
  #unflushed: Flushable[] = [];
  #nextId = 0;
  #idsEnd = 0;
  #authoritiesGiven = false;

  constructor() {
    const columns: Columns = {
      words: new Uint32Array(0),
      numbers: new Float64Array(0),
      out: new Float64Array(1),
      arguments: new Float64Array(3),
    };
    const reader = new BatchReader(columns, {
      bytes: () => this.environment.bytes(),
      ownBuffer: (index) => this.environment.ownBuffer(index),
    });
    this.#pump = new Pump(reader, {
      get: (handle) => this.objects.get(handle),
      onClientLog: (_level, line) => log(line),
    });
    this.liveness = new Liveness((alive) => this.environment.setAlive(alive));
    const handle = { hasRef: () => this.liveness.count > 0 };
    this.environment = loadAddon().open(this.#pump.run, columns, handle);
    this.#pump.attach(this.environment);
    this.out = columns.out;
    this.arguments = columns.arguments;
    if (log.enabled) this.environment.observeLog(true);
  }

  /** A new message id. A native call for each would cost as much as the rest of making a message. */
  nextMessageId(): number {
    if (this.#nextId === this.#idsEnd) {
      this.#nextId = this.environment.nextMessageIds(IDS_AT_ONCE);
      this.#idsEnd = this.#nextId + IDS_AT_ONCE;
    }
    return this.#nextId++;
  }

  /**
   * Flushes `sender` when the running piece of JavaScript is over, once for all its sends. If the first send woke the
   * I/O thread, the two threads would compete for the outbox during the others.
   */
  flushSoon(sender: Flushable): void {
    if (this.#unflushed.push(sender) === 1) queueMicrotask(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    const unflushed = this.#unflushed;
    this.#unflushed = [];
    const alone = unflushed.length === 1;
    for (const sender of unflushed) sender.flush(alone);
  };

  /** Takes an error that a listener threw; see {@link Pump.report}. */
  get report(): (error: unknown) => void {
    return this.#pump.report;
  }

  /**
   * Hands over certificates that the core cannot find by itself: the certificates of NODE_EXTRA_CA_CERTS, and Node's
   * own list where the system has no bundle. Once, before the first service.
   */
  provideAuthorities(): void {
    if (this.#authoritiesGiven) return;
    this.#authoritiesGiven = true;
    const pem: string[] = [];
    const extra = process.env['NODE_EXTRA_CA_CERTS'];
    if (extra !== undefined && extra !== '') {
      try {
        pem.push(readFileSync(extra, 'utf8'));
      } catch (error) {
        log('NODE_EXTRA_CA_CERTS: %s', error); // Node itself warns as well and goes on.
      }
    }
    const named = process.env['SSL_CERT_FILE'];
    const bundles = named !== undefined && named !== '' ? [named] : SYSTEM_BUNDLES;
    if (!bundles.some((file) => existsSync(file))) pem.push(...nodeAuthorities());
    if (pem.length > 0) this.environment.setExtraCertificateAuthorities(pem.join('\n'));
  }
}

/** Loading tls costs some milliseconds, its list of certificates more: only where it is needed. */
function nodeAuthorities(): readonly string[] {
  const tls = require('node:tls') as typeof import('node:tls');
  return tls.rootCertificates;
}

/** Where distributions keep the bundle of trusted certificates; the core looks there itself. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

let instance: Runtime | undefined;

/** The runtime of this environment, made (and the addon loaded) at the first use. */
export function runtime(): Runtime {
  instance ??= new Runtime();
  return instance;
}
