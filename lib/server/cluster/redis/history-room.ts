import { CLUSTER_HISTORY_ENTRY_BYTES } from '../../storage/store-constants.js';
import { EngineError } from '../lanes.js';
import { PARTITIONS_ABREAST } from '../reaper.js';
import type { Core } from './core.js';
import { number, text } from './fields.js';
import { endsOf, type Part, partsOf } from './history-ages.js';

/** Each text is with its receiver and with its sender. */
const COPIES = 2;
/** This part of the bound becomes free at a time, so that few texts wait for room to be made. */
const FREED = 1 / 64;

/** Bytes of an App's records, by partition and in all. */
interface App {
  readonly parts: Map<number, number>;
  bytes: number;
}

interface PartitionAges {
  readonly partition: number;
  readonly parts: readonly Part[];
}

const bytesOf = (record: Buffer): number => CLUSTER_HISTORY_ENTRY_BYTES + record.length;

/**
 * The bound of each App's history (`retention.historyBytes`). Redis counts what a partition has in the script that keeps a
 * record, and this node learns it from its audit and adds what it keeps itself. Above the bound the oldest records go,
 * whoever wrote them and wherever they are: the node asks each partition how old its records are, finds the time before
 * which there is too much, and has all of that dropped. Two nodes that do so at once find the same time.
 */
export class HistoryRoom {
  readonly #apps = new Map<string, App>();
  readonly #evicting = new Set<string>();

  constructor(private readonly core: Core) {}

  /** Whether a text alone has at most as many bytes as the bound. */
  fits(record: Buffer): boolean {
    return COPIES * bytesOf(record) <= this.core.settings.historyBytes;
  }

  refusal(record: Buffer): EngineError {
    const text = `a text of ${COPIES * bytesOf(record)} bytes`;
    const most = `the history of an App has ${this.core.settings.historyBytes}`;
    return new EngineError(`${text}, ${most}: raise retention.historyBytes`, false);
  }

  /** A partition has kept a record. */
  kept(partition: number, appId: string, record: Buffer): void {
    this.#put(appId, partition, (this.#apps.get(appId)?.parts.get(partition) ?? 0) + bytesOf(record));
  }

  /** An audit has told what the Apps have in the partition: App IDs and bytes by turns. */
  seen(partition: number, usage: readonly Buffer[]): void {
    const now = new Map<string, number>();
    for (let i = 0; i + 1 < usage.length; i += 2) now.set(text(usage, i), number(usage, i + 1));
    for (const [appId, { parts }] of this.#apps) {
      if (parts.has(partition) && !now.has(appId)) this.#put(appId, partition, 0);
    }
    for (const [appId, bytes] of now) this.#put(appId, partition, bytes);
  }

  #put(appId: string, partition: number, bytes: number): void {
    const app = this.#apps.get(appId) ?? { parts: new Map<number, number>(), bytes: 0 };
    app.bytes += bytes - (app.parts.get(partition) ?? 0);
    if (bytes > 0) app.parts.set(partition, bytes);
    else app.parts.delete(partition);
    if (app.parts.size > 0) this.#apps.set(appId, app);
    else this.#apps.delete(appId);
    if (this.#excessOf(appId) > 0) this.#makeRoom(appId);
  }

  #excessOf(appId: string): number {
    return (this.#apps.get(appId)?.bytes ?? 0) - this.core.settings.historyBytes;
  }

  #makeRoom(appId: string): void {
    if (this.#evicting.has(appId) || this.core.closed) return;
    this.#evicting.add(appId);
    // If Redis does not answer, the next audit begins anew.
    this.#evict(appId)
      .catch(() => undefined)
      .finally(() => this.#evicting.delete(appId));
  }

  async #evict(appId: string): Promise<void> {
    while (!this.core.closed) {
      const ages = await this.#ages(appId);
      // Another node may have made room.
      const excess = this.#excessOf(appId);
      if (excess <= 0) return;
      const before = endsOf(ages, excess + this.core.settings.historyBytes * FREED);
      if (before === undefined) return;
      const old = ages.filter(({ parts }) => parts.some(({ timeMs }) => timeMs < before));
      await abreast(old, ({ partition }) => this.#drop(appId, partition, before));
    }
  }

  /** How old the records of an App are, in each partition that has some. */
  async #ages(appId: string): Promise<PartitionAges[]> {
    const all: PartitionAges[] = [];
    await abreast([...(this.#apps.get(appId)?.parts.keys() ?? [])], async (partition) => {
      const reply = await this.core.scripts.call<(Buffer | number)[]>(partition, 'historyAges', undefined, [appId]);
      const [bytes = 0, count = 0, ...begins] = reply.map((each) => Number(String(each)));
      this.#put(appId, partition, bytes);
      all.push({ partition, parts: partsOf(bytes, count, begins) });
    });
    return all;
  }

  async #drop(appId: string, partition: number, before: number): Promise<void> {
    for (let more = true; more && !this.core.closed; ) {
      const args = [appId, String(before)];
      const [bytes, again] = await this.core.scripts.call<[Buffer, number]>(partition, 'evictHistory', undefined, args);
      this.#put(appId, partition, Number(String(bytes)));
      more = again === 1;
    }
  }
}

/** Does work for each item, for a few at a time. The first failure ends it. */
async function abreast<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: PARTITIONS_ABREAST }, worker));
}
