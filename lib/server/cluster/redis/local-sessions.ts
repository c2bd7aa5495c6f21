import type { OpenRequest, ResumeRequest } from '../engine.js';
import { PARTITIONS } from '../partitions.js';
import type { Scoped } from './keys.js';

/** A session that lives on this node, as far as the node knows. */
export interface LocalSession {
  readonly appId: string;
  readonly userId: string;
  readonly user: Scoped;
  readonly sessionId: string;
  loop: number;
  fence: number;
  /** Offset of the last peer message that was told, or was left out because it had been told before. */
  offset: number;
  /** Offset of the last peer message that was told. */
  told: number;
  /** Offsets of the messages told that may come again, by the sender's session and number. */
  readonly unconfirmed: Map<string, number>;
  /** Delivery was started under this fence. */
  delivering: boolean;
  /** Up to this offset this node has acknowledged. */
  acknowledged: number;
  ended: boolean;
  grace: NodeJS.Timeout | undefined;
}

/** The sessions of this node. */
export class LocalSessions {
  readonly #sessions = new Map<string, LocalSession>();
  readonly #byPartition = Array.from({ length: PARTITIONS }, () => new Set<LocalSession>());

  get(sessionId: string): LocalSession | undefined {
    return this.#sessions.get(sessionId);
  }

  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  /** The session of a user with this fence. */
  find(user: Scoped, fence: number): LocalSession | undefined {
    for (const session of this.in(user.partition)) {
      if (session.fence === fence && session.user.id === user.id) return session;
    }
    return undefined;
  }

  /** All sessions whose users are in a partition. */
  in(partition: number): Iterable<LocalSession> {
    return this.#byPartition[partition] ?? [];
  }

  /** All sessions at this moment; the list may be kept while sessions go. */
  all(): LocalSession[] {
    return [...this.#sessions.values()];
  }

  /** A session begins here, or goes on under a new fence. The client has its peer messages up to `offset`. */
  begin(request: OpenRequest | ResumeRequest, user: Scoped, fence: number, offset: number): void {
    const { sessionId, loop } = request.address;
    const position = { loop, fence, offset, told: offset, acknowledged: offset };
    const state = { ...position, delivering: false, ended: false, grace: undefined };
    const known = this.#sessions.get(sessionId);
    if (known !== undefined) {
      clearTimeout(known.grace);
      // The messages that the client does not have are told once more.
      for (const [key, at] of known.unconfirmed) if (at > offset) known.unconfirmed.delete(key);
      Object.assign(known, state);
      return;
    }
    const { appId, userId } = request;
    const session = { appId, userId, user, sessionId, unconfirmed: new Map<string, number>(), ...state };
    this.#sessions.set(sessionId, session);
    this.#byPartition[user.partition]?.add(session);
  }

  forget(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    clearTimeout(session.grace);
    this.#sessions.delete(sessionId);
    this.#byPartition[session.user.partition]?.delete(session);
  }

  stop(): void {
    for (const session of this.#sessions.values()) clearTimeout(session.grace);
  }
}
