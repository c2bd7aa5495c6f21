/**
 * How the bytes of one store are shared by the Apps of a server; the same rule as cpp/server/store/app_shares.hpp. An App
 * that is alone has all of them. Of several, each has at most half, and leaves to every other what that has not used of
 * its guarantee, which is an equal part of the other half.
 */
export class AppShares {
  /** What an App may have at most. */
  readonly mostOf: number;
  readonly #most: number;
  readonly #guarantee: number;
  /** Of the Apps of the server, and of others that the store still has something of. */
  readonly #bytes = new Map<string, number>();
  readonly #guaranteed: ReadonlySet<string>;
  #all = 0;

  constructor(most: number, appIds: readonly string[]) {
    const alone = appIds.length <= 1;
    this.#most = most;
    this.mostOf = alone ? most : Math.floor(most / 2);
    this.#guarantee = alone ? 0 : Math.floor(most / 2 / appIds.length);
    this.#guaranteed = new Set(appIds);
  }

  /** How many bytes more the App may have now; negative if it has too many. */
  room(appId: string): number {
    let taken = this.#all;
    for (const other of this.#guaranteed) {
      if (other !== appId) taken += Math.max(0, this.#guarantee - this.used(other));
    }
    return Math.min(this.mostOf - this.used(appId), this.#most - taken);
  }

  add(appId: string, bytes: number): void {
    this.#bytes.set(appId, this.used(appId) + bytes);
    this.#all += bytes;
  }

  used(appId: string): number {
    return this.#bytes.get(appId) ?? 0;
  }

  get all(): number {
    return this.#all;
  }

  clear(): void {
    this.#bytes.clear();
    this.#all = 0;
  }
}
