// A way between a client and a server that treats datagrams as weak networks do: it loses, delays and doubles them, and
// goes dark. The client talks to a port of this process; the server sees one port for each client.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What happens to each datagram of one direction. */
export interface Weather {
  /** The share that gets lost, 0 to 1. */
  readonly loss?: number;
  readonly delayMs?: number;
  /** Up to so much more, each for itself: datagrams overtake each other. */
  readonly jitterMs?: number;
  /** The share that comes twice, 0 to 1. */
  readonly doubled?: number;
}

/** Numbers from 0 to 1 that depend on the seed alone (xorshift32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export class DatagramForwarder {
  readonly #near: Socket;
  readonly #far = new Map<number, Socket>();
  readonly #random: () => number;
  #weather: Weather = {};
  #dark = false;
  forwarded = 0;
  lost = 0;

  private constructor(near: Socket, serverPort: number, seed: number) {
    this.#near = near;
    this.#random = randomOf(seed);
    near.on('message', (datagram, { port }) =>
      this.#pass(datagram, (bytes) => this.#farOf(port).send(bytes, serverPort, '127.0.0.1')),
    );
  }

  /** Listens on a port of 127.0.0.1, in front of a server at `serverPort` there. */
  static async start(serverPort: number, seed = 1): Promise<DatagramForwarder> {
    const near = createSocket('udp4');
    near.bind(0, '127.0.0.1');
    await once(near, 'listening');
    return new DatagramForwarder(near, serverPort, seed);
  }

  get port(): number {
    return this.#near.address().port;
  }

  /** From now on, in both directions. */
  set weather(weather: Weather) {
    this.#weather = weather;
  }

  /** While true everything is lost. */
  set dark(dark: boolean) {
    this.#dark = dark;
  }

  /** From now on the server sees other ports, as behind a NAT that has forgotten its clients. */
  changePorts(): void {
    for (const socket of this.#far.values()) socket.close();
    this.#far.clear();
  }

  close(): void {
    this.changePorts();
    this.#near.close();
  }

  #farOf(clientPort: number): Socket {
    const known = this.#far.get(clientPort);
    if (known !== undefined) return known;
    const socket = createSocket('udp4');
    socket.on('message', (datagram) =>
      this.#pass(datagram, (bytes) => this.#near.send(bytes, clientPort, '127.0.0.1')),
    );
    this.#far.set(clientPort, socket);
    return socket;
  }

  #pass(datagram: Buffer, send: (bytes: Buffer) => void): void {
    const { loss = 0, delayMs = 0, jitterMs = 0, doubled = 0 } = this.#weather;
    if (this.#dark || this.#random() < loss) {
      this.lost += 1;
      return;
    }
    const times = this.#random() < doubled ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      this.forwarded += 1;
      const after = delayMs + this.#random() * jitterMs;
      if (after === 0) send(datagram);
      else setTimeout(() => this.#sendUnlessClosed(send, datagram), after);
    }
  }

  #sendUnlessClosed(send: (bytes: Buffer) => void, datagram: Buffer): void {
    try {
      send(datagram);
    } catch {
      // The port was changed while the datagram was on its way.
    }
  }
}
