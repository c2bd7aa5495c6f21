import type { Answers } from '../answers.js';
import type { Presence } from '../engine.js';
import type { News } from '../mailboxes.js';
import { PARTITIONS } from '../partitions.js';
import type { Core } from './core.js';
import { number, text } from './fields.js';
import { type Scoped, userKeys } from './keys.js';

interface Watch {
  readonly appId: string;
  readonly userId: string;
  readonly user: Scoped;
  readonly loops: Set<number>;
  told: Presence | undefined;
}

const RETRY_MS = 1000;

/**
 * The watches of this node: Redis knows which nodes watch a user, and the node knows which of its loops do. Script
 * presence.
 */
export class Watches {
  readonly #watches = new Map<string, Watch>();
  readonly #byPartition = Array.from({ length: PARTITIONS }, () => new Set<Watch>());

  constructor(
    private readonly core: Core,
    private readonly answers: Answers,
  ) {}

  async presence(appId: string, userIds: readonly string[]): Promise<Presence[]> {
    const states = userIds.map((userId) => {
      const user = userKeys(appId, userId);
      return this.core.scripts.call<Buffer>(user.partition, 'presence', user.keys, []);
    });
    return (await Promise.all(states)).map((state) => Number(String(state)) as Presence);
  }

  async watch(loop: number, appId: string, userIds: readonly string[]): Promise<void> {
    await Promise.all(userIds.map((userId) => this.#watch(loop, appId, userId)));
  }

  async #watch(loop: number, appId: string, userId: string): Promise<void> {
    const user = userKeys(appId, userId);
    let watch = this.#watches.get(user.id);
    if (watch === undefined) {
      watch = { appId, userId, user, loops: new Set(), told: undefined };
      this.#watches.set(user.id, watch);
      this.#byPartition[user.partition]?.add(watch);
    }
    watch.loops.add(loop);
    await this.#ask(watch, loop);
  }

  /** Asks for a watch. A call that fails is tried until Redis has it, because watchers are not told to ask again. */
  async #ask(watch: Watch, loop: number): Promise<void> {
    const { appId, userId, user } = watch;
    try {
      await this.answers.ask<[number, Buffer]>(
        user.partition,
        (request) =>
          this.core.scripts.call(user.partition, 'watch', user.keys, [user.id, this.core.node, String(request)]),
        ([seq]) => seq,
        ([, state]) => {
          watch.told = Number(String(state)) as Presence;
          this.core.news.presence(loop, appId, userId, watch.told);
        },
      );
    } catch (error) {
      this.#later(watch, loop);
      throw error;
    }
  }

  #later(watch: Watch, loop: number): void {
    setTimeout(() => {
      const wanted = this.#watches.get(watch.user.id) === watch && watch.loops.has(loop);
      if (wanted && !this.core.closed) this.#ask(watch, loop).catch(() => undefined);
    }, RETRY_MS).unref();
  }

  unwatch(loop: number, appId: string, userIds: readonly string[]): void {
    for (const userId of userIds) {
      const user = userKeys(appId, userId);
      const watch = this.#watches.get(user.id);
      if (watch === undefined || !watch.loops.delete(loop) || watch.loops.size > 0) continue;
      this.#watches.delete(user.id);
      this.#byPartition[user.partition]?.delete(watch);
      this.core.scripts.call(user.partition, 'unwatch', user.keys, [user.id, this.core.node]).catch(() => undefined);
    }
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
    return [...(this.#byPartition[partition] ?? [])].flatMap((watch) => ['w', watch.user.id]);
  }

  /** Sets all watches again under the new name of this node. */
  async renew(): Promise<void> {
    const calls = [...this.#watches.values()].map((watch) => {
      const { partition, id, keys } = watch.user;
      return this.core.scripts.call(partition, 'watch', keys, [id, this.core.node, '0']).catch(() => {
        for (const loop of watch.loops) this.#later(watch, loop);
      });
    });
    await Promise.all(calls);
  }
}
