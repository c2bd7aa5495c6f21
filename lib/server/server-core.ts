import { invalidArgValue, RtmError } from '../errors.js';
import { LOG_LEVELS, type LogLevelName } from '../log-levels.js';
import type { NativeEnvironment, NativeRule, NativeServerOptions } from '../native/environment.js';
import type { ServerSink } from '../native/event-kinds.js';
import { LivenessShare } from '../native/registry.js';
import type { Runtime } from '../native/runtime.js';
import { ServerBridge } from './bridge/bridge.js';
import { calloutOperations } from './bridge/callout-operations.js';
import { EngineNewsWriter } from './bridge/engine-news.js';
import { engineOperations } from './bridge/engine-operations.js';
import { storeOperations } from './bridge/store-operations.js';
import { Callout } from './callout/callout.js';
import type { Engine } from './cluster/engine.js';
import { startFailure } from './cluster-node.js';
import type { CalloutSettings } from './options/callout-options.js';
import type { ServerLog } from './options/server-options.js';
import { type RtmServerStats, unpackStats } from './stats/stats.js';
import { type RtmServerUsage, unpackUsage } from './stats/usage.js';
import type { MessageStore } from './storage/message-store.js';

const LEVELS = new Map(Object.entries(LOG_LEVELS).map(([name, bit]) => [bit as number, name as LogLevelName]));

/** A promise with its functions (`Promise.withResolvers` is not in Node 20). */
class Deferred<T = void> {
  resolve!: (value: T) => void;
  reject!: (reason: unknown) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** Checked options for the native server, and options that stay in JavaScript. */
export type ServerCoreOptions = Omit<NativeServerOptions, 'store' | 'engine' | 'callout'> & {
  logSink: ServerLog | undefined;
  /** Closed by the server, also if it does not start. */
  store?: MessageStore | undefined;
  /** State shared with other servers; started and closed by this one. */
  clusterEngine?: Engine | undefined;
  /** Who is asked about logins and joins. */
  callout?: CalloutSettings | undefined;
  /** Called with true when the engine is suspended, and with false when it goes on. */
  onSuspended?: ((now: boolean) => void) | undefined;
};

/** The native server behind an `RtmServer`. It starts and closes on another thread, and events report both. */
export class ServerCore implements ServerSink {
  port = 0;
  fingerprint = '';
  readonly #runtime: Runtime;
  readonly #log: ServerLog | undefined;
  readonly #alive: LivenessShare;
  readonly #started = new Deferred();
  readonly #handle: number;
  readonly #appIds: readonly string[];
  /** Commands without an outcome yet, by their numbers. */
  readonly #commands = new Map<number, { readonly operation: string; readonly done: Deferred<boolean> }>();
  #lastCommand = 0;
  readonly #store: MessageStore | undefined;
  readonly #engine: Engine | undefined;
  readonly #callout: Callout | undefined;
  readonly #bridge: ServerBridge | undefined;
  #drained: Promise<void> | undefined;
  #closed: Deferred | undefined;
  #lastStats: RtmServerStats | undefined;

  private constructor(runtime: Runtime, options: ServerCoreOptions, news: EngineNewsWriter | undefined) {
    const { logSink, store, clusterEngine: engine, callout, onSuspended: _heard, ...raw } = options;
    this.#runtime = runtime;
    this.#log = logSink;
    this.#store = store;
    this.#engine = engine;
    this.#callout = callout && new Callout(callout);
    this.#alive = new LivenessShare(runtime.liveness);
    this.#appIds = raw.apps.map(({ appId }) => appId);
    this.#handle = runtime.environment.startServer({
      ...raw,
      store: store !== undefined,
      engine: engine !== undefined,
      callout: callout?.ask ?? [],
    });
    if (store || engine || callout) this.#bridge = this.#makeBridge(raw.apps);
    if (news) news.bridge = this.#bridge;
    runtime.objects.add(this.#handle, this, () => {});
    runtime.objects.hold(this.#handle, true); // until the server is closed: it runs without the program's references
    this.#alive.wanted = true;
  }

  static async start(runtime: Runtime, options: ServerCoreOptions): Promise<ServerCore> {
    const { clusterEngine: engine, store, apps, onSuspended } = options;
    const news =
      engine &&
      new EngineNewsWriter(
        apps.map(({ appId }) => appId),
        onSuspended,
      );
    try {
      if (engine && news) await engine.start(news.news);
    } catch (error) {
      await store?.close();
      throw startFailure(error);
    }
    const core = new ServerCore(runtime, options, news);
    await core.#started.promise;
    news?.repeat();
    return core;
  }

  get listening(): boolean {
    return this.port !== 0 && this.#closed === undefined;
  }

  stats(): RtmServerStats {
    const numbers = this.#runtime.environment.serverStats(this.#handle);
    if (numbers || !this.#lastStats) {
      const stats = unpackStats(numbers);
      this.#lastStats = this.#engine ? { ...stats, channels: this.#engine.channels } : stats;
    }
    return this.#lastStats;
  }

  usage(most: number): RtmServerUsage {
    const native = this.#runtime.environment.serverUsage(this.#handle, most);
    const { memoryUsed: used, memoryLimit: limit } = this.stats();
    return { used, limit, ...unpackUsage(native ?? [[], [], []], this.#appIds) };
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.stats();
      this.#closed = new Deferred();
      this.#runtime.environment.closeServer(this.#handle);
    }
    return this.#closed.promise;
  }

  ban(appId: string, userId: string, untilMs: number): Promise<boolean> {
    return this.#command('ban', (environment, request) =>
      environment.serverBan(this.#handle, request, appId, userId, untilMs),
    );
  }

  unban(appId: string, userId: string): void {
    this.#checkListening('unban');
    this.#runtime.environment.serverUnban(this.#handle, appId, userId);
  }

  disconnect(appId: string, userId: string): Promise<boolean> {
    return this.#command('disconnect', (environment, request) =>
      environment.serverDisconnect(this.#handle, request, appId, userId),
    );
  }

  kickFromChannel(appId: string, channelId: string, userId: string): Promise<boolean> {
    return this.#command('kickFromChannel', (environment, request) =>
      environment.serverKick(this.#handle, request, appId, channelId, userId),
    );
  }

  setRules(appId: string, rules: readonly NativeRule[]): Promise<boolean> {
    return this.#command('setRules', (environment, request) => {
      const failure = environment.serverSetRules(this.#handle, request, appId, { rules });
      if (failure !== '') throw invalidArgValue('rules', 'rules that the server takes', failure);
    });
  }

  reloadCertificate(certificatePem: string, keyPem: string): void {
    const operation = 'reloadCertificate';
    this.#checkListening(operation);
    const { environment } = this.#runtime;
    const failure = environment.serverReloadCertificate(this.#handle, certificatePem, keyPem);
    if (failure !== '') throw new RtmError('ERR_RTM_SERVER_CERTIFICATE', failure, { operation });
    this.fingerprint = environment.serverFingerprint(this.#handle);
  }

  drain(endpoints: readonly string[], overMs: number): Promise<void> {
    if (!this.#drained) {
      const gone = this.#command('drain', (environment, request) => {
        const failure = environment.serverDrain(this.#handle, request, endpoints, overMs);
        if (failure !== '') throw invalidArgValue('options.endpoints', 'endpoints of servers', failure);
      });
      this.#drained = gone.then(() => {});
    }
    return this.#drained;
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
    const error = new RtmError('ERR_RTM_SERVER_START', failure, { operation: 'start' });
    void this.#closeState().finally(() => this.#started.reject(error));
  }

  onServerDone(request: number, outcome: boolean): void {
    const command = this.#commands.get(request);
    this.#commands.delete(request);
    command?.done.resolve(outcome);
  }

  onServerOperations(): void {
    this.#bridge?.run();
  }

  onServerClosed(): void {
    this.#end();
    for (const { operation, done } of this.#commands.values()) {
      // A closed server has no clients, so the drain has succeeded.
      if (operation === 'drain') done.resolve(true);
      else done.reject(new RtmError('ERR_RTM_CLOSED', `${operation}: the server closed before`, { operation }));
    }
    this.#commands.clear();
    void this.#closeState().finally(() => this.#closed?.resolve());
  }

  onLog(level: number, line: string): void {
    try {
      this.#log?.(LEVELS.get(level) ?? 'info', line);
    } catch (error) {
      this.#runtime.report(error);
    }
  }

  #makeBridge(served: NativeServerOptions['apps']): ServerBridge {
    const { environment } = this.#runtime;
    const apps = served.map(({ appId }) => appId);
    const native = {
      takeOperations: () => environment.serverTakeOperations(this.#handle),
      answer: (batch: Uint8Array) => environment.serverAnswer(this.#handle, batch),
    };
    const operations = {
      ...(this.#store && storeOperations(this.#store, apps)),
      ...(this.#engine && engineOperations(this.#engine, apps)),
      ...(this.#callout && calloutOperations(this.#callout, apps)),
    };
    return new ServerBridge(native, operations, (line) => this.#complain(line));
  }

  /** Closes store and engine after the last operation; the native side asks for none any more. */
  async #closeState(): Promise<void> {
    this.#callout?.close();
    await this.#bridge?.settled();
    const parts = { engine: this.#engine, store: this.#store };
    for (const [name, part] of Object.entries(parts)) {
      try {
        await part?.close();
      } catch (error) {
        this.#complain(`the ${name} does not close: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** A line of the server's log, as an error. */
  #complain(line: string): void {
    this.onLog(LOG_LEVELS.error, line);
  }

  #checkListening(operation: string): void {
    if (!this.listening) throw new RtmError('ERR_RTM_CLOSED', `${operation}: the server is closed`, { operation });
  }

  /** Gives a command to the native server, and resolves with its outcome. Throws what `give` throws. */
  #command(operation: string, give: (environment: NativeEnvironment, request: number) => void): Promise<boolean> {
    this.#checkListening(operation);
    const request = ++this.#lastCommand;
    give(this.#runtime.environment, request);
    const done = new Deferred<boolean>();
    this.#commands.set(request, { operation, done }); // its event comes in a later turn at the earliest
    return done.promise;
  }

  #end(): void {
    this.#runtime.objects.delete(this.#handle);
    this.#runtime.environment.releaseServer(this.#handle);
    this.#alive.wanted = false;
  }
}
