import { type Carrier, Lanes, type OwedRequest, type Refusal } from '../lanes.js';
import type { Client } from './client.js';
import { partitionKey } from './keys.js';
import type { Shards } from './shards.js';

/** A call of a script. */
export interface ScriptCall {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly (string | Buffer)[];
}

export type OwedCall = OwedRequest<ScriptCall>;

/** Errors of a Redis that cannot serve the call at the moment, but will later. */
const PASSING =
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|READONLY|MASTERDOWN|NOREPLICAS|BUSY|UNBLOCKED)|READONLY|Function not found|non local key|Script attempted to access/;
const REPLY_ERROR = /^[A-Z]{2,}( |$)/;

/**
 * Calls of scripts, in order within each partition; see {@link Lanes}. Every script answers a repeat like the first
 * call.
 */
export class ScriptCalls {
  readonly #lanes: Lanes<Client, ScriptCall>;

  /**
   * @param observe - told how long each call took, in milliseconds
   * @param owed - see {@link Lanes}
   */
  constructor(
    shards: Shards,
    timeoutMs: number,
    observe: (script: string, ms: number) => void = () => {},
    owed: (partition: number) => readonly OwedCall[] = () => [],
  ) {
    this.#lanes = new Lanes(new RedisCarrier(shards, observe), timeoutMs, owed);
  }

  /** `keys` without the partition's own, if only that one is needed. Rejects with an `EngineError`. */
  call<Reply = unknown>(
    partition: number,
    script: string,
    keys: readonly string[] | undefined,
    args: readonly (string | Buffer)[],
    timeoutMs?: number,
  ): Promise<Reply> {
    return this.#lanes.call(partition, { script, keys: keys ?? [partitionKey(partition)], args }, timeoutMs);
  }

  /** Whether a partition's calls have gone over another connection lately, perhaps to another primary. */
  movedLately(partition: number): boolean {
    return this.#lanes.movedLately(partition);
  }

  close(): void {
    this.#lanes.close();
  }
}

/** Carries calls of scripts to the primary of their partition. */
class RedisCarrier implements Carrier<Client, ScriptCall> {
  readonly store = 'Redis';

  constructor(
    private readonly shards: Shards,
    private readonly observe: (script: string, ms: number) => void,
  ) {}

  connection(partition: number): Client | undefined {
    return this.shards.of(partition)?.calls.client;
  }

  carry(client: Client, { script, keys, args }: ScriptCall): Promise<unknown> {
    const name = this.shards.library.prefix + script;
    return client.sendCommand(['FCALL', name, String(keys.length), ...keys, ...args]);
  }

  answered({ script }: ScriptCall, ms: number): void {
    this.observe(script, ms);
  }

  nameOf({ script }: ScriptCall): string {
    return script;
  }

  judge(error: unknown): Refusal {
    const text = error instanceof Error ? error.message : String(error);
    if (!REPLY_ERROR.test(text)) return 'unanswered';
    return PASSING.test(text) ? 'passing' : 'final';
  }

  mend(client: Client | undefined, error: unknown): void {
    if (!/Function not found/.test(String(error))) void this.shards.refresh();
    else if (client !== undefined) void this.shards.install(client).catch(() => undefined);
  }
}
