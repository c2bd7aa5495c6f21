// A TCP proxy in front of a server that damages connections as networks do: cuts, resets, stalls, delays, half-closes,
// and lets connections through in another order than they came. By hand, or by a script that a seed decides.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { RtmServer } from 'rtm-native';

/** One step of a script: what happens to the network. Times in milliseconds. */
export type Fault =
  | { readonly do: 'cut'; readonly forMs: number }
  | { readonly do: 'stall'; readonly forMs: number }
  | { readonly do: 'delay'; readonly byMs: number; readonly forMs: number }
  | { readonly do: 'reorder'; readonly forMs: number }
  | { readonly do: 'reset' }
  | { readonly do: 'halfClose'; readonly side: 'client' | 'server' }
  | { readonly do: 'nothing'; readonly forMs: number };

/** One connection through the proxy. */
interface Way {
  readonly near: Socket;
  readonly far: Socket;
}

/** One direction of a connection: later bytes never overtake delayed ones. */
class Lane {
  readonly #to: Socket;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(to: Socket) {
    this.#to = to;
  }

  write(data: Buffer, delayMs: number): void {
    this.take(() => void this.#to.write(data), delayMs);
  }

  take(work: () => void, delayMs: number): void {
    if (delayMs === 0 && this.#waiting === 0) {
      work();
      return;
    }
    this.#waiting++;
    const due = new Promise<void>((resolve) => setTimeout(resolve, delayMs));
    this.#last = Promise.all([this.#last, due]).then(() => {
      this.#waiting--;
      work();
    });
  }
}

export class FaultProxy {
  /** Arrival of each connection, by `performance.now()`; refused connections included. */
  readonly attempts: number[] = [];
  readonly #port: number;
  readonly #url: string;
  readonly #ways = new Set<Way>();
  readonly #server: Server;
  #held: Socket[] = [];
  #broken = false;
  #frozen = false;
  #reorder = false;
  #delayMs = 0;
  #trap: { kind: number; spring: () => void } | undefined;
  #quota: { left: number; spring: () => void } | undefined;

  private constructor(port: number, url: string) {
    this.#port = port;
    this.#url = url;
    // Half-open on both sides, so that the end of one direction is not the end of the other.
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near));
  }

  /** A proxy in front of a server of this process, or of a port of this machine whose connect string is given. */
  static async start(server: Pick<RtmServer, 'port' | 'connectString'>): Promise<FaultProxy> {
    const proxy = new FaultProxy(server.port, server.connectString);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The server's connect string with the proxy's address. */
  get connectString(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    return this.#url.replace(`:${this.#port}`, `:${address.port}`);
  }

  #accept(near: Socket): void {
    this.attempts.push(performance.now());
    near.on('error', () => near.destroy());
    if (this.#broken) {
      near.destroy();
      return;
    }
    this.#held.push(near);
    // The last of those that wait goes first, as soon as there are two.
    if (this.#reorder && this.#held.length < 2) return;
    this.#letThrough();
  }

  #letThrough(): void {
    for (const near of this.#held.splice(0).reverse()) if (!near.destroyed) this.#join(near);
  }

  #join(near: Socket): void {
    const far = connect({ port: this.#port, host: '127.0.0.1', allowHalfOpen: true });
    const way = { near, far };
    this.#ways.add(way);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const lane = new Lane(to);
      from.on('error', () => from.destroy());
      from.on('end', () => lane.take(() => void to.end(), this.#delayMs));
      from.on('close', () => {
        this.#ways.delete(way);
        to.destroy();
      });
      from.on('data', (data: Buffer) => this.#carry(way, from, lane, data));
      if (this.#frozen) from.pause();
    }
  }

  #carry({ near }: Way, from: Socket, lane: Lane, data: Buffer): void {
    if (this.#trap !== undefined && from === near && data[3] === this.#trap.kind) {
      this.#trap.spring();
      this.#trap = undefined;
      this.freeze(); // first: a flowing socket would hand the data out again at once
      from.unshift(data);
      return;
    }
    lane.write(data, this.#delayMs);
    if (this.#quota === undefined || from !== near) return;
    this.#quota.left -= data.length;
    if (this.#quota.left > 0) return;
    this.freeze();
    this.#quota.spring();
    this.#quota = undefined;
  }

  #sockets(): Socket[] {
    return [...this.#held, ...[...this.#ways].flatMap(({ near, far }) => [near, far])];
  }

  /** Cuts all connections and refuses new ones. */
  cut(): void {
    this.#broken = true;
    for (const socket of this.#sockets()) socket.destroy();
  }

  /** Ends all connections by a reset; accepts new ones. */
  reset(): void {
    for (const socket of this.#sockets()) socket.resetAndDestroy();
  }

  /** Ends one direction of each connection; the other direction still carries bytes. */
  halfClose(side: 'client' | 'server'): void {
    for (const { near, far } of this.#ways) (side === 'client' ? near : far).end();
  }

  /** Goes silent without closing anything: connections stay, new ones are accepted, and no byte moves. */
  freeze(): void {
    this.#frozen = true;
    for (const { near, far } of this.#ways) for (const socket of [near, far]) socket.pause();
  }

  /** Holds back what the server sends on the present connections; what clients send still arrives. */
  mute(): void {
    for (const { far } of this.#ways) far.pause();
  }

  /** Goes silent as soon as a client of a plaintext server sends a frame of that kind, which is held back. */
  freezeAt(kind: number): Promise<void> {
    return new Promise((spring) => {
      this.#trap = { kind, spring };
    });
  }

  /** Goes silent as soon as clients have sent this number of further bytes. */
  freezeAfter(bytes: number): Promise<void> {
    return new Promise((spring) => {
      this.#quota = { left: bytes, spring };
    });
  }

  /** From now on every byte is delayed by this time. */
  delay(byMs: number): void {
    this.#delayMs = byMs;
  }

  /** Holds each connection back until the next one has been let through. */
  reorder(): void {
    this.#reorder = true;
  }

  /** Lets everything through again; held bytes arrive now. */
  mend(): void {
    this.#broken = false;
    this.#frozen = false;
    this.#reorder = false;
    this.#trap = undefined;
    this.#letThrough();
    for (const { near, far } of this.#ways) for (const socket of [near, far]) socket.resume();
  }

  /** Does one step after the other; the network works at the end. */
  async run(script: readonly Fault[]): Promise<void> {
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    for (const fault of script) {
      if (fault.do === 'cut') this.cut();
      else if (fault.do === 'stall') this.freeze();
      else if (fault.do === 'reorder') this.reorder();
      else if (fault.do === 'reset') this.reset();
      else if (fault.do === 'halfClose') this.halfClose(fault.side);
      else if (fault.do === 'delay') this.delay(fault.byMs);
      if (!('forMs' in fault)) continue;
      await pause(fault.forMs);
      this.mend();
      this.delay(0);
    }
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
