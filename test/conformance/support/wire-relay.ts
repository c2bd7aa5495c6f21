// A relay between one client and the server that knows frames: it can lose a request, change an answer, send a frame in
// the server's name, or take the network away. The link is plaintext, so that the relay can read it.
import { connect, createServer, type Socket } from 'node:net';
import { frameBytes, frameKinds, messageNameOf, schema } from '../../integration/support/wire.js';

// biome-ignore lint/suspicious/noExplicitAny: the fields are those of proto/rtm.proto
type Fields = Record<string, any>;
type Rule = (fields: Fields) => Fields | undefined;

function typeOf(kindName: string) {
  return schema.lookupType(`rtm.${messageNameOf(kindName)}`);
}

function kindOf(kindName: string): number {
  const kind = frameKinds.get(kindName);
  if (kind === undefined) throw new Error(`${kindName}: no frame kind of proto/rtm.proto`);
  return kind;
}

function encodeFrame(kindName: string, fields: Fields): Uint8Array {
  const type = typeOf(kindName);
  return frameBytes({ kind: kindOf(kindName), body: type.encode(type.fromObject(fields)).finish() });
}

/** Cuts a stream of bytes into frames. */
class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);
  *take(chunk: Buffer): Generator<{ kind: number; body: Buffer }> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4) {
      const size = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < size + 4) return;
      yield { kind: this.#rest[3] as number, body: this.#rest.subarray(4, size + 4) };
      this.#rest = this.#rest.subarray(size + 4);
    }
  }
}

export class WireRelay {
  readonly #rules = new Map<number, { name: string; rule: Rule }>();
  readonly #links = new Set<{ near: Socket; far: Socket }>();
  readonly #seen = new Map<number, number>();
  readonly #watchers = new Set<() => void>();
  #down = false;
  #silent = false;
  readonly #server;

  private constructor(serverPort: number) {
    this.#server = createServer((near) => {
      if (this.#down) {
        near.destroy();
        return;
      }
      const link = { near, far: connect(serverPort, '127.0.0.1') };
      this.#links.add(link);
      this.#pass(link.near, link.far);
      this.#pass(link.far, link.near);
    });
  }

  static async start(serverPort: number): Promise<WireRelay> {
    const relay = new WireRelay(serverPort);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  /** Endpoint for clients. */
  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the relay has no port');
    return `rtm://127.0.0.1:${address.port}`;
  }

  #pass(from: Socket, to: Socket): void {
    const cutter = new FrameCutter();
    from.on('data', (chunk) => {
      for (const { kind, body } of cutter.take(chunk)) {
        this.#seen.set(kind, (this.#seen.get(kind) ?? 0) + 1);
        for (const watcher of [...this.#watchers]) watcher();
        if (this.#silent) continue;
        const found = this.#rules.get(kind);
        if (found === undefined) {
          to.write(frameBytes({ kind, body }));
          continue;
        }
        const type = typeOf(found.name);
        const fields = found.rule(type.toObject(type.decode(body), { longs: String, defaults: true }));
        if (fields !== undefined) to.write(encodeFrame(found.name, fields));
      }
    });
    from.on('error', () => from.destroy());
    from.on('close', () => {
      to.destroy();
      for (const link of [...this.#links]) if (link.near === from || link.far === from) this.#links.delete(link);
    });
  }

  /** From now on the relay drops frames of this kind. */
  lose(kindName: string): void {
    this.change(kindName, () => undefined);
  }

  /** From now on the relay changes frames of this kind. */
  change(kindName: string, rule: Rule): void {
    this.#rules.set(kindOf(kindName), { name: kindName, rule });
  }

  /** From now on answers of this kind carry this code. */
  answer(kindName: string, code: number): void {
    this.change(kindName, (fields) => ({ ...fields, code }));
  }

  /** Frames of this kind pass unchanged again. */
  pass(kindName: string): void {
    this.#rules.delete(kindOf(kindName));
  }

  /** Sends a frame to the client in the server's name. */
  say(kindName: string, fields: Fields): void {
    for (const { near } of this.#links) near.write(encodeFrame(kindName, fields));
  }

  /** Sends a frame to the server in the client's name. */
  ask(kindName: string, fields: Fields): void {
    for (const { far } of this.#links) far.write(encodeFrame(kindName, fields));
  }

  /** Resolves when one more frame of this kind has passed. */
  async sees(kindName: string): Promise<void> {
    const kind = kindOf(kindName);
    const before = this.#seen.get(kind) ?? 0;
    await new Promise<void>((resolve) => {
      const watcher = () => {
        if ((this.#seen.get(kind) ?? 0) <= before) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  /** Number of frames of this kind that have passed. */
  count(kindName: string): number {
    return this.#seen.get(kindOf(kindName)) ?? 0;
  }

  /** Ends all links; new ones are refused until `mend`. */
  cut(): void {
    this.#down = true;
    for (const { near, far } of this.#links) {
      near.destroy();
      far.destroy();
    }
  }

  mend(): void {
    this.#down = false;
  }

  /** Links stay open but nothing passes, as when a cable is pulled. */
  hush(): void {
    this.#silent = true;
  }

  speak(): void {
    this.#silent = false;
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
