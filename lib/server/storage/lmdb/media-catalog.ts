import type { MediaRecord } from '../message-store.js';
import type { Tables } from './environment.js';
import { fitsKey, lastNumber, NO_PREFIX, nameKey, namesOf, numberKey, Refusal } from './keys.js';
import { decodeMedia, encodeMedia } from './records.js';

/**
 * The media bodies that were uploaded completely. Tables: `media`, (app, media id) → record; `mediaTimes`, (end,
 * number) → (app, media id); `mediaOwners`, (app, media id) → user.
 */
export class MediaCatalog {
  #tables: Tables;
  readonly #nextNumber: () => number;

  constructor(tables: Tables, nextNumber: () => number) {
    this.#tables = tables;
    this.#nextNumber = nextNumber;
  }

  reset(tables: Tables): void {
    this.#tables = tables;
  }

  find(appId: string, mediaId: string, nowMs: number): MediaRecord | undefined {
    if (!fitsKey(mediaId)) return undefined;
    const value = this.#tables.media.get(nameKey(appId, mediaId));
    const record = value === undefined ? undefined : this.#decode(value, appId, mediaId);
    return record !== undefined && record.expiresAtMs > nowMs ? record : undefined;
  }

  /** Inside a transaction. */
  add(record: MediaRecord): void {
    const key = nameKey(record.appId, record.mediaId);
    if (this.#tables.media.has(key)) throw new Refusal(`media id ${record.mediaId}: there is one already`);
    this.#tables.media.put(key, encodeMedia(record));
    this.#tables.mediaOwners.put(key, Buffer.from(record.userId, 'utf8'));
    this.#tables.mediaTimes.put(numberKey(NO_PREFIX, record.expiresAtMs, this.#nextNumber()), key);
  }

  hasExpired(nowMs: number): boolean {
    for (const key of this.#tables.mediaTimes.keys({ limit: 1 })) return lastNumber(key, 1) <= nowMs;
    return false;
  }

  /** Inside a transaction. */
  takeExpired(nowMs: number, most: number): MediaRecord[] {
    const taken: MediaRecord[] = [];
    for (const { key, value } of this.#tables.mediaTimes.range({ limit: most })) {
      if (lastNumber(key, 1) > nowMs) break;
      this.#tables.mediaTimes.remove(key);
      const record = this.#tables.media.get(value);
      if (record === undefined) continue;
      const [appId, mediaId] = namesOf(value);
      taken.push(this.#decode(record, appId, mediaId));
      this.#tables.media.remove(value);
      this.#tables.mediaOwners.remove(value);
    }
    return taken;
  }

  /** The record of a body of any app, even of an expired one. */
  findListed(mediaId: string): MediaRecord | undefined {
    // One step for each app: the key behind all keys of one app is the first key of the next app.
    let [key] = this.#tables.media.keys({ limit: 1 });
    while (key !== undefined) {
      const [appId] = namesOf(Buffer.from(key));
      const value = this.#tables.media.get(nameKey(appId, mediaId));
      if (value !== undefined) return this.#decode(value, appId, mediaId);
      const behind = Buffer.concat([nameKey(appId), Buffer.from([0xff, 0xff])]);
      [key] = this.#tables.media.keys({ start: behind, limit: 1 });
    }
    return undefined;
  }

  #decode(value: Buffer, appId: string, mediaId: string): MediaRecord {
    const owner = this.#tables.mediaOwners.get(nameKey(appId, mediaId));
    return decodeMedia(value, appId, mediaId, owner?.toString('utf8') ?? '');
  }
}
