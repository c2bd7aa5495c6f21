import type { Mailboxes } from '../mailboxes.js';
import { PARTITIONS } from '../partitions.js';
import type { Core } from './core.js';
import { number, text } from './fields.js';
import type { Users } from './users.js';

/** Each partition is looked at so often. */
const AUDIT_MS = 5000;
/** Partitions are looked at in so many parts, one after another. */
const PARTS = 16;

/**
 * Compares Redis with what this node knows, partition by partition: whether news is missing at the end of a mailbox, and
 * whether Redis has sessions here that this node does not have.
 */
export class Audit {
  /** Sessions that Redis had here and this node did not. A session that is seen twice is ended. */
  readonly #strays = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly core: Core,
    private readonly mailboxes: Mailboxes,
    private readonly users: Users,
  ) {}

  /** @param also - is called at each step */
  start(also: () => void): void {
    let partition = 0;
    this.#timer = setInterval(() => {
      also();
      for (let i = 0; i < PARTITIONS / PARTS; i++) {
        void this.#look(partition);
        partition = (partition + 1) % PARTITIONS;
      }
    }, AUDIT_MS / PARTS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(partition: number): Promise<void> {
    const { node } = this.core;
    const next = this.mailboxes.next(partition);
    const reply = await this.core.scripts.call<Buffer[]>(partition, 'audit', undefined, [node]).catch(() => undefined);
    if (reply === undefined || this.core.closed || node !== this.core.node) return;
    if (next !== undefined) this.mailboxes.expect(partition, number(reply, 0), next);
    const known: [Buffer, string][] = [];
    for (let i = 1; i + 1 < reply.length; i += 2) known.push([reply[i] as Buffer, text(reply, i + 1)]);
    for (const [user, sessionId] of this.users.strays(known)) {
      if (this.#strays.delete(sessionId)) this.users.abort(user, sessionId);
      else this.#strays.add(sessionId);
    }
  }
}
