import type { Presence } from '../engine.js';
import { PARTITIONS } from '../partitions.js';
import type { Core } from './core.js';
import { userKeys } from './keys.js';
import { PartitionTurns } from './partition-turns.js';

/** Users that one call asks for at most. */
const MOST = 64;

interface Question {
  readonly id: string;
  readonly resolve: (state: Presence) => void;
  readonly reject: (error: unknown) => void;
}

/** Questions for the states of users: script presence. */
export class Presences {
  readonly #waiting = Array.from({ length: PARTITIONS }, (): Question[] => []);
  readonly #turns = new PartitionTurns((partition) => this.#ask(partition));

  constructor(private readonly core: Core) {}

  /** The states, in the order asked. */
  async of(appId: string, userIds: readonly string[]): Promise<Presence[]> {
    const states = userIds.map((userId) => {
      const { partition, id } = userKeys(appId, userId);
      return new Promise<Presence>((resolve, reject) => {
        this.#waiting[partition]?.push({ id, resolve, reject });
        this.#turns.want(partition);
      });
    });
    return Promise.all(states);
  }

  async #ask(partition: number): Promise<boolean> {
    const all = this.#waiting[partition] as Question[];
    const asked = all.splice(0, MOST);
    if (asked.length === 0) return false;
    try {
      const ids = asked.map(({ id }) => id);
      const states = await this.core.scripts.call<Buffer[]>(partition, 'presence', undefined, ids);
      for (const [index, question] of asked.entries()) question.resolve(Number(String(states[index])) as Presence);
    } catch (error) {
      for (const question of asked) question.reject(error);
    }
    return all.length > 0;
  }
}
