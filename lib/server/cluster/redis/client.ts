import { setTimeout as sleep } from 'node:timers/promises';
import { loadOptional } from '../../../optional.js';
import type { Address, Settings } from './options.js';

/** The part of a client of npm `@redis/client` that the engine uses. */
export interface Client {
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  sendCommand<T = unknown>(args: readonly (string | Buffer)[], options?: object): Promise<T>;
  sSubscribe(channel: string, listener: (message: Buffer) => void, buffers: true): Promise<void>;
  sUnsubscribe(channel: string): Promise<void>;
}

export type MakeClient = (address: Address, purpose?: 'sentinel') => Client;

/** Loads npm `@redis/client`, an optional dependency. */
export function loadRedis(settings: Settings): MakeClient {
  const { createClient, RESP_TYPES } = loadOptional('@redis/client', 'share state between nodes (the option "engine")');
  return (address, purpose) => {
    const password = purpose === 'sentinel' ? settings.sentinelPassword : settings.password;
    const username = purpose === 'sentinel' ? undefined : settings.username;
    const socket = { ...address, connectTimeout: 2000, reconnectStrategy: false as const };
    return createClient({
      socket: settings.tls === undefined ? socket : { ...socket, tls: true as const, ...settings.tls },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(purpose === 'sentinel' ? {} : { database: settings.database }),
      name: `rtm-${settings.nodeId}`,
      disableOfflineQueue: true,
      maintNotifications: 'disabled',
      commandOptions: { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
    }) as unknown as Client;
  };
}

const PROBE_MS = 1000;
const HUNG_MS = 3000;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1000;

/**
 * Keeps one connection to one address, and connects again when the connection breaks or is silent. The client's own
 * reconnects would send its waiting commands again, in another order than `Lanes` promises.
 */
export class Link {
  #client: Client | undefined;
  #ready = false;
  #closed = false;
  #down: (() => void) | undefined;

  /** `prepare` is awaited after each connect, before the link is ready. */
  constructor(
    readonly address: Address,
    private readonly make: MakeClient,
    private readonly prepare: (client: Client) => Promise<void>,
    private readonly changed: (ready: boolean, error?: unknown) => void,
  ) {
    void this.#run();
  }

  /** The client, while it is connected and prepared. */
  get client(): Client | undefined {
    return this.#ready ? this.#client : undefined;
  }

  /** Makes a new connection. Commands in flight fail. */
  renew(): void {
    this.#down?.();
  }

  close(): void {
    this.#closed = true;
    this.#down?.();
  }

  async #run(): Promise<void> {
    for (let delay = FIRST_DELAY_MS; !this.#closed; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
      const client = this.make(this.address);
      this.#client = client;
      const broken = new Promise<unknown>((resolve) => {
        this.#down = () => resolve(undefined);
        client.on('error', resolve);
        client.on('end', () => resolve(undefined));
      });
      let error: unknown;
      try {
        const slow = sleep(HUNG_MS, new Error(`no answer for ${HUNG_MS} ms`), { ref: false });
        const ready = client.connect().then(() => this.prepare(client));
        const late = await Promise.race([ready, broken, slow]);
        if (late instanceof Error) throw late;
        if (!this.#closed) {
          this.#ready = true;
          delay = FIRST_DELAY_MS;
          this.changed(true);
          error = await Promise.race([broken, this.#probe(client)]);
        }
      } catch (cause) {
        error = cause;
      }
      this.#ready = false;
      try {
        client.destroy();
      } catch {
        // It was closed already.
      }
      if (this.#closed) return;
      this.changed(false, error);
      await sleep(delay, undefined, { ref: false });
    }
  }

  /** Resolves when the connection does not answer any more. */
  async #probe(client: Client): Promise<unknown> {
    for (;;) {
      await sleep(PROBE_MS, undefined, { ref: false });
      if (this.#closed || this.#client !== client || !this.#ready) return undefined;
      const hung = Symbol('hung');
      const timer = new AbortController();
      const first = await Promise.race([
        client.sendCommand(['PING']).catch((error: unknown) => error),
        sleep(HUNG_MS, hung, { signal: timer.signal, ref: false }).catch(() => hung),
      ]);
      timer.abort();
      if (first === hung) return new Error(`no answer for ${HUNG_MS} ms`);
    }
  }
}
