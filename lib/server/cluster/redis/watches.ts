import type { Answers } from '../answers.js';
import type { Presence } from '../engine.js';
import type { News } from '../mailboxes.js';
import { PARTITIONS } from '../partitions.js';
import type { Core } from './core.js';
import { number, text } from './fields.js';
import { type Scoped, userKeys } from './keys.js';
import { PartitionTurns } from './partition-turns.js';

/** A loop waits to be told the present state. */
interface Asking {
  readonly loop: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Watch {
  readonly appId: string;
  readonly userId: string;
  readonly user: Scoped;
  readonly loops: Set<number>;
  asking: Asking[];
  /** Redis may have this watch. */
  set: boolean;
  told: Presence | undefined;
}

/** What waits in one partition. */
interface Part {
  readonly watches: Set<Watch>;
  /** The watches of which Redis has to hear. */
  readonly changed: Set<Watch>;
}

const RETRY_MS = 1000;
/** Users that one call names at most. */
const MOST = 64;

/**
 * The watches of this node: Redis knows which nodes watch a user, and the node knows which of its loops do. A watch that
 * is dropped before its turn costs Redis nothing. Script presence.
 */
export class Watches {
  readonly #watches = new Map<string, Watch>();
  readonly #parts: readonly Part[] = Array.from({ length: PARTITIONS }, () => ({
    watches: new Set(),
    changed: new Set(),
  }));
  readonly #turns = new PartitionTurns((partition) => this.#work(partition));

  constructor(
    private readonly core: Core,
    private readonly answers: Answers,
  ) {}

  /** Resolves when the loop has been told the state of each user that it still watches. */
  async watch(loop: number, appId: string, userIds: readonly string[]): Promise<void> {
    await Promise.all(userIds.map((userId) => this.#watch(loop, appId, userId)));
  }

  #watch(loop: number, appId: string, userId: string): Promise<void> {
    const user = userKeys(appId, userId);
    let watch = this.#watches.get(user.id);
    if (watch === undefined) {
      watch = { appId, userId, user, loops: new Set(), asking: [], set: false, told: undefined };
      this.#watches.set(user.id, watch);
      this.#partOf(watch).watches.add(watch);
    }
    const asked = watch;
    asked.loops.add(loop);
    this.#changed(asked);
    return new Promise((resolve, reject) => asked.asking.push({ loop, resolve, reject }));
  }

  unwatch(loop: number, appId: string, userIds: readonly string[]): void {
    for (const userId of userIds) {
      const watch = this.#watches.get(userKeys(appId, userId).id);
      if (watch === undefined || !watch.loops.delete(loop) || watch.loops.size > 0) continue;
      if (watch.set) this.#changed(watch);
      else this.#forget(watch);
    }
  }

  #partOf(watch: Watch): Part {
    return this.#parts[watch.user.partition] as Part;
  }

  #changed(watch: Watch): void {
    this.#partOf(watch).changed.add(watch);
    this.#turns.want(watch.user.partition);
  }

  /** Nobody watches the user, and Redis does not have the watch. */
  #forget(watch: Watch): void {
    this.#watches.delete(watch.user.id);
    const part = this.#partOf(watch);
    part.watches.delete(watch);
    part.changed.delete(watch);
    for (const { resolve } of watch.asking.splice(0)) resolve();
  }

  /** Tells Redis of some changes. Returns whether there are more. */
  async #work(partition: number): Promise<boolean> {
    const part = this.#parts[partition] as Part;
    const some = [...part.changed].slice(0, MOST);
    for (const watch of some) part.changed.delete(watch);
    const wanted = some.filter((watch) => watch.loops.size > 0);
    const dropped = some.filter((watch) => watch.loops.size === 0);
    await Promise.all([this.#set(partition, wanted), this.#unset(partition, dropped)]);
    return part.changed.size > 0;
  }

  async #set(partition: number, watches: readonly Watch[]): Promise<void> {
    if (watches.length === 0) return;
    const asking = new Map(watches.map((watch) => [watch, watch.asking.splice(0)]));
    for (const watch of watches) watch.set = true;
    try {
      await this.answers.ask<[number, Buffer[]]>(
        partition,
        (request) => this.core.scripts.call(partition, 'watch', undefined, this.#args(watches, String(request))),
        ([seq]) => seq,
        ([, states]) => {
          for (const [index, watch] of watches.entries()) this.#tell(watch, number(states, index) as Presence, asking);
        },
      );
    } catch (error) {
      for (const watch of watches) {
        for (const each of asking.get(watch) ?? []) {
          each.reject(error);
          // Watchers are not told to ask again: the loop is told its state when Redis answers.
          watch.asking.push({ ...each, resolve: () => undefined, reject: () => undefined });
        }
        this.#later(watch);
      }
    }
  }

  #args(watches: readonly Watch[], ...more: readonly string[]): string[] {
    return [this.core.node, ...more, ...watches.map((watch) => watch.user.id)];
  }

  /** Tells the present state to the loops that have asked, and to the others if they know another one. */
  #tell(watch: Watch, state: Presence, asking: ReadonlyMap<Watch, readonly Asking[]>): void {
    const loops = new Set((asking.get(watch) ?? []).map(({ loop }) => loop));
    if (watch.told !== state) for (const loop of watch.loops) loops.add(loop);
    watch.told = state;
    for (const loop of loops) {
      if (watch.loops.has(loop)) this.core.news.presence(loop, watch.appId, watch.userId, state);
    }
    for (const { resolve } of asking.get(watch) ?? []) resolve();
  }

  async #unset(partition: number, watches: readonly Watch[]): Promise<void> {
    if (watches.length === 0) return;
    try {
      await this.core.scripts.call(partition, 'unwatch', undefined, this.#args(watches));
      for (const watch of watches) {
        watch.set = false;
        if (watch.loops.size === 0) this.#forget(watch);
      }
    } catch {
      for (const watch of watches) this.#later(watch);
    }
  }

  #later(watch: Watch): void {
    setTimeout(() => {
      if (this.#watches.get(watch.user.id) === watch && !this.core.closed) this.#changed(watch);
    }, RETRY_MS).unref();
  }

  noteSilence(appId: string, userId: string, fence: number, silent: boolean): void {
    const user = userKeys(appId, userId);
    const args = [user.id, String(fence), silent ? '1' : '0'];
    this.core.scripts.call(user.partition, 'silence', user.keys, args).catch(() => undefined);
  }

  handle(news: News): void {
    this.state(text(news, 1), number(news, 2) as Presence);
  }

  state(id: string, state: Presence): void {
    const watch = this.#watches.get(id);
    if (watch === undefined || watch.told === state) return;
    watch.told = state;
    for (const loop of watch.loops) this.core.news.presence(loop, watch.appId, watch.userId, state);
  }

  questions(partition: number): string[] {
    return [...(this.#parts[partition]?.watches ?? [])].flatMap((watch) => ['w', watch.user.id]);
  }

  /** Sets all watches again under the new name of this node, which Redis does not know yet. */
  renew(): void {
    for (const watch of this.#watches.values()) this.#changed(watch);
  }
}
