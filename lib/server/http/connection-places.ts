import { isIPv6 } from 'node:net';

/** A connection that has a place. */
export interface Placed {
  /** Closes the connection at once. */
  destroy(): unknown;
}

interface Place {
  readonly prefix: string;
  /** True while the server answers a request of the connection. */
  answering: boolean;
}

/** What counts as one sender: an IPv4 address, or the /64 of an IPv6 address. */
export function prefixOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':').filter(Boolean);
  if (tail !== undefined) {
    const rest = tail.split(':').filter(Boolean);
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return groups.slice(0, 4).join(':');
}

/**
 * The places of a listener with few connections. A newcomer always gets a place. If none is left, the prefix with the most
 * connections loses one: the connection that waited longest for its client, and only if there is none, the oldest.
 */
export class ConnectionPlaces {
  readonly #most: number;
  /** In the order in which they began to wait. */
  readonly #places = new Map<Placed, Place>();
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#places.size;
  }

  add(connection: Placed, address: string): void {
    const victim = this.#places.size < this.#most ? undefined : this.#victim();
    if (victim !== undefined) {
      this.remove(victim);
      victim.destroy();
    }
    const prefix = prefixOf(address);
    this.#places.set(connection, { prefix, answering: false });
    this.#counts.set(prefix, (this.#counts.get(prefix) ?? 0) + 1);
  }

  /** A whole request has come, or its answer has gone. A connection whose answer has gone waits again. */
  setAnswering(connection: Placed, answering: boolean): void {
    const place = this.#places.get(connection);
    if (place === undefined) return;
    place.answering = answering;
    if (answering) return;
    this.#places.delete(connection);
    this.#places.set(connection, place);
  }

  remove(connection: Placed): void {
    const place = this.#places.get(connection);
    if (place === undefined) return;
    this.#places.delete(connection);
    const left = (this.#counts.get(place.prefix) ?? 1) - 1;
    if (left === 0) this.#counts.delete(place.prefix);
    else this.#counts.set(place.prefix, left);
  }

  #victim(): Placed | undefined {
    const most = Math.max(...this.#counts.values());
    let oldest: Placed | undefined;
    for (const [connection, { prefix, answering }] of this.#places) {
      if (this.#counts.get(prefix) !== most) continue;
      if (!answering) return connection;
      oldest ??= connection;
    }
    return oldest;
  }
}
