import { RtmError } from '../errors.js';
import type { ServerSink } from '../event-kinds.js';
import type { RawServerOptions } from '../native.js';
import { LivenessShare } from '../registry.js';
import type { Runtime } from '../runtime.js';
import type { RtmServerStats } from './rtm-server.js';
import type { ServerLog } from './server-options.js';

/** Names of the numbers of `ServerStats`, in the order of the C++ struct. */
const STATS = [
  'connections',
  'sessions',
  'channels',
  'logins',
  'loginFailures',
  'resumes',
  'kicks',
  'messagesIn',
  'messagesOut',
  'malformed',
  'slowConsumers',
] as const satisfies readonly (keyof RtmServerStats)[];

/** Bits of `LogLevel` in C++. */
const LEVELS = new Map<number, Parameters<ServerLog>[0]>([
  [0x1, 'info'],
  [0x2, 'warning'],
  [0x4, 'error'],
  [0x8, 'critical'],
  [0x800, 'debug'],
]);

/** A promise with its ends in hand (`Promise.withResolvers` is not in Node 20). */
class Deferred {
  resolve!: () => void;
  reject!: (reason: unknown) => void;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** What stands behind an `RtmServer`: starting and closing happen on another thread and are reported as events. */
export class ServerCore implements ServerSink {
  port = 0;
  fingerprint = '';
  readonly #runtime: Runtime;
  readonly #log: ServerLog | undefined;
  readonly #alive: LivenessShare;
  readonly #started = new Deferred();
  readonly #handle: number;
  #closed: Deferred | undefined;
  #lastStats: RtmServerStats | undefined;

  private constructor(runtime: Runtime, options: RawServerOptions, log: ServerLog | undefined) {
    this.#runtime = runtime;
    this.#log = log;
    this.#alive = new LivenessShare(runtime.liveness);
    this.#handle = runtime.port.startServer(options);
    runtime.objects.add(this.#handle, this, () => {});
    runtime.objects.hold(this.#handle, true); // until it is closed: it goes on by itself
    this.#alive.wanted = true;
  }

  static async start(
    runtime: Runtime,
    { logSink, ...options }: RawServerOptions & { logSink: ServerLog | undefined },
  ): Promise<ServerCore> {
    const core = new ServerCore(runtime, options, logSink);
    await core.#started.promise;
    return core;
  }

  get listening(): boolean {
    return this.port !== 0 && this.#closed === undefined;
  }

  stats(): RtmServerStats {
    const numbers = this.#runtime.port.serverStats(this.#handle);
    if (numbers || !this.#lastStats) {
      this.#lastStats = Object.fromEntries(
        STATS.map((name, index) => [name, numbers?.[index] ?? 0]),
      ) as unknown as RtmServerStats;
    }
    return this.#lastStats;
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.stats();
      this.#closed = new Deferred();
      this.#runtime.port.closeServer(this.#handle);
    }
    return this.#closed.promise;
  }

  setReferenced(referenced: boolean): void {
    this.#alive.referenced = referenced;
  }

  onServerStarted(port: number, fingerprint: string, failure: string): void {
    if (failure === '') {
      this.port = port;
      this.fingerprint = fingerprint;
      this.#started.resolve();
      return;
    }
    this.#end();
    this.#started.reject(new RtmError('ERR_RTM_SERVER_START', failure, { operation: 'start' }));
  }

  onServerClosed(): void {
    this.#end();
    this.#closed?.resolve();
  }

  onLog(level: number, line: string): void {
    try {
      this.#log?.(LEVELS.get(level) ?? 'info', line);
    } catch (error) {
      this.#runtime.report(error);
    }
  }

  #end(): void {
    this.#runtime.objects.delete(this.#handle);
    this.#runtime.port.releaseServer(this.#handle);
    this.#alive.wanted = false;
  }
}
