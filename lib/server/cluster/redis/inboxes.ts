import { SendFlag } from '../../../common-constants.js';
import type { News } from '../mailboxes.js';
import type { Core } from './core.js';
import { field, number, text } from './fields.js';
import { userKeys } from './keys.js';
import type { LocalSession, LocalSessions } from './local-sessions.js';

/** Peer messages on their way from Redis to the sessions of this node, and their acknowledgements: script peer. */
export class Inboxes {
  constructor(
    private readonly core: Core,
    private readonly sessions: LocalSessions,
  ) {}

  acknowledge(appId: string, userId: string, fence: number, offset: number): void {
    const user = userKeys(appId, userId);
    const session = this.sessions.find(user, fence);
    if (session === undefined) this.core.note(user, 'ack', [String(fence), String(offset)]);
    else this.#acknowledge(session, offset);
  }

  startDelivery(appId: string, userId: string, fence: number): void {
    const user = userKeys(appId, userId);
    const session = this.sessions.find(user, fence);
    if (session !== undefined) session.delivering = true;
    this.core.note(user, 'deliver', [String(fence)]);
  }

  /** The client has all messages up to `offset`, and with them the messages that were left out behind it. */
  #acknowledge(session: LocalSession, offset: number): void {
    const upTo = offset >= session.told ? Math.max(offset, session.offset) : offset;
    if (upTo > session.acknowledged) session.acknowledged = upTo;
    this.core.note(session.user, 'ack', [String(session.fence), String(upTo)], () => {
      // A new primary may have lost the message itself, and the message is then on its way once more: keep its offset.
      if (this.core.scripts.movedLately(session.user.partition)) return;
      for (const [key, at] of session.unconfirmed) {
        if (at > upTo) break;
        session.unconfirmed.delete(key);
      }
    });
  }

  /** A message of a session's inbox; `fence` is undefined if it comes in answer to a question about the session. */
  message(sessionId: string, fence: number | undefined, entry: News): void {
    const session = this.sessions.get(sessionId);
    if (session === undefined || session.ended) return;
    const offset = number(entry, 0);
    // The message was meant for an earlier link, or comes twice.
    if ((fence !== undefined && fence !== session.fence) || offset <= session.offset) return;
    session.offset = offset;
    const kind = text(entry, 1);
    const cached = kind === 'S';
    if (kind === 'L') {
      // A failover lost the message after the client was told it, and the sender's node has sent it again.
      const key = `${text(entry, 2)}:${text(entry, 3)}`;
      if (session.unconfirmed.has(key)) {
        if (session.acknowledged >= session.told) this.#acknowledge(session, session.told);
        return;
      }
      session.unconfirmed.set(key, offset);
    }
    session.told = offset;
    this.core.news.peerMessage({ loop: session.loop, sessionId }, offset, {
      senderId: text(entry, 4),
      flags: cached ? SendFlag.Offline : 0,
      serverTimeMs: number(entry, 5),
      requiredCapabilities: number(entry, 6),
      content: field(entry, 9),
      cached,
    });
  }

  /** Repeats the last calls for a session that a failover may have lost. */
  repeat(session: LocalSession, acknowledged: number, state: string): void {
    const { appId, userId, fence } = session;
    if (session.acknowledged > acknowledged) {
      this.core.note(session.user, 'ack', [String(fence), String(session.acknowledged)]);
    }
    if (state === 'R' && session.delivering) this.startDelivery(appId, userId, fence);
  }
}
