import type { Mailboxes } from '../mailboxes.js';
import { PARTITIONS } from '../partitions.js';
import type { Core } from './core.js';
import { text } from './fields.js';
import type { HistoryRoom } from './history-room.js';
import type { StoredShares } from './stored-shares.js';
import type { Users } from './users.js';

/** Each partition is looked at so often. */
const AUDIT_MS = 5000;
/** Partitions are looked at in so many parts, one after another. */
const PARTS = 16;

type AuditReply = [seq: Buffer, sessions: Buffer[], stored: unknown[][], history: Buffer[]];

/**
 * Compares Redis with what this node knows, partition by partition: whether news is missing at the end of a mailbox,
 * whether Redis has sessions here that this node does not have, and who has how much of the stored messages and
 * of the history.
 */
export class Audit {
  /** Sessions that Redis had here and this node did not. A session that is seen twice is ended. */
  readonly #strays = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly core: Core,
    private readonly mailboxes: Mailboxes,
    private readonly users: Users,
    private readonly shares: StoredShares,
    private readonly history: HistoryRoom,
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
    const { offlineRetentionMs, historyRetentionMs } = this.core.settings;
    const args = [node, String(offlineRetentionMs), String(historyRetentionMs)];
    const reply = await this.core.scripts.call<AuditReply>(partition, 'audit', undefined, args).catch(() => undefined);
    if (reply === undefined || this.core.closed || node !== this.core.node) return;
    const [seq, sessions, stored, history] = reply;
    this.shares.seen(partition, stored);
    this.history.seen(partition, history);
    if (next !== undefined) this.mailboxes.expect(partition, Number(String(seq)), next);
    const known: [Buffer, string][] = [];
    for (let i = 0; i + 1 < sessions.length; i += 2) known.push([sessions[i] as Buffer, text(sessions, i + 1)]);
    for (const [user, sessionId] of this.users.strays(known)) {
      if (this.#strays.delete(sessionId)) this.users.abort(user, sessionId);
      else this.#strays.add(sessionId);
    }
  }
}
