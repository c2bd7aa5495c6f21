import { createHash, randomBytes } from 'node:crypto';
import {
  type OpenOutcome,
  type OpenRequest,
  type ResumeOutcome,
  type ResumeRequest,
  ResumeStatus,
  SessionEnd,
} from '../engine.js';
import type { News } from '../mailboxes.js';
import { PARTITIONS, splitId } from '../partitions.js';
import type { Core } from './core.js';
import { field, number, text, unpack } from './fields.js';
import { type Scoped, userKeys } from './keys.js';

/** A session that lives on this node, as far as the node knows. */
export interface LocalSession {
  readonly appId: string;
  readonly userId: string;
  readonly user: Scoped;
  readonly sessionId: string;
  loop: number;
  fence: number;
  /** Of its last peer message that was told, or left out because it had been told. */
  offset: number;
  /** Of the last one that was told. */
  told: number;
  /** Offsets of those told that may come again, by the sender's session and number. */
  readonly unconfirmed: Map<string, number>;
  /** Delivery was started under this fence. */
  delivering: boolean;
  /** What this node has acknowledged. */
  acknowledged: number;
  ended: boolean;
  grace: NodeJS.Timeout | undefined;
}

/** A login or resume whose answer is on its way. News of the session may overtake it, and then has to wait. */
interface Arrival {
  readonly started: (fence: number) => void;
  readonly later: (() => void)[];
}

const RETRY_MS = 1000;
const NO_TOKEN = new Uint8Array(16);

const hashOf = (token: Uint8Array): string => createHash('sha256').update(token).digest('base64');

function newEpoch(): string {
  for (;;) {
    const epoch = randomBytes(8).toString('hex');
    if (!/^0+$/.test(epoch)) return epoch;
  }
}

/** Sessions and their inboxes: scripts user, open, resume and peer. */
export class Users {
  readonly sessions = new Map<string, LocalSession>();
  readonly #byPartition = Array.from({ length: PARTITIONS }, () => new Set<LocalSession>());
  readonly #arriving = new Map<string, Arrival>();

  constructor(private readonly core: Core) {}

  // ---- messages -------------------------------------------------------------------------------------------------

  acknowledge(appId: string, userId: string, fence: number, offset: number): void {
    const user = userKeys(appId, userId);
    const session = this.#find(user, fence);
    if (session === undefined) this.#note(user, 'ack', [String(fence), String(offset)]);
    else this.#acknowledge(session, offset);
  }

  /** The client has everything up to `offset`, and so what was left out behind it. */
  #acknowledge(session: LocalSession, offset: number): void {
    const upTo = offset >= session.told ? Math.max(offset, session.offset) : offset;
    if (upTo > session.acknowledged) session.acknowledged = upTo;
    this.#note(session.user, 'ack', [String(session.fence), String(upTo)], () => {
      // What another primary confirms may have been lost with the message itself, which is then on its way once more.
      if (this.core.scripts.movedLately(session.user.partition)) return;
      for (const [key, at] of session.unconfirmed) {
        if (at > upTo) break;
        session.unconfirmed.delete(key);
      }
    });
  }

  // ---- sessions -------------------------------------------------------------------------------------------------

  async open(request: OpenRequest): Promise<OpenOutcome> {
    const user = userKeys(request.appId, request.userId);
    const token = randomBytes(16);
    const epoch = newEpoch();
    const { sessionId } = request.address;
    const call = (again: boolean, overrule: boolean) =>
      this.core.scripts.call<Buffer[]>(user.partition, 'open', user.keys, [
        user.id,
        this.core.node,
        String(request.address.loop),
        sessionId,
        String(request.capabilities),
        hashOf(token),
        epoch,
        String(this.core.settings.offlineRetentionMs),
        again ? '1' : '0',
        overrule ? '1' : '0',
      ]);
    const waited = new Promise<number>((resolve) => this.#arriving.set(sessionId, { started: resolve, later: [] }));
    try {
      let reply = await call(false, false);
      let fence: number | undefined;
      if (text(reply, 0) === 'W') {
        if (!this.core.isDead(text(reply, 1))) fence = await this.#startedWithin(waited);
        if (fence === undefined) reply = await call(true, true);
        else if (Number.isNaN(fence)) return superseded();
      }
      if (fence === undefined && text(reply, 0) !== 'O') return superseded();
      fence ??= number(reply, 1);
      this.#begin(request, user, fence, 0);
      setImmediate(() => this.startDelivery(request.appId, request.userId, fence));
      return { opened: true, fence, resumeToken: token, inboxEpoch: epoch, inboxOffset: 0 };
    } catch (error) {
      // It may exist, and nobody would ever end it.
      this.abort(user, sessionId);
      throw error;
    } finally {
      this.#arrived(sessionId);
    }
  }

  /** When whoever asked has the answer, it hears what happened to the session meanwhile. */
  #arrived(sessionId: string): void {
    setImmediate(() => {
      const arrival = this.#arriving.get(sessionId);
      this.#arriving.delete(sessionId);
      for (const tell of arrival?.later ?? []) tell();
    });
  }

  /** The fence when the news comes that the session has begun; NaN: it never will; undefined: the time is over. */
  async #startedWithin(waited: Promise<number>): Promise<number | undefined> {
    const timeout = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), this.core.settings.overruleMs).unref();
    });
    return Promise.race([waited, timeout]);
  }

  abort(user: Scoped, sessionId: string): void {
    this.#note(user, 'abort', [user.id, sessionId, String(this.core.settings.offlineRetentionMs)]);
  }

  #begin(request: OpenRequest | ResumeRequest, user: Scoped, fence: number, offset: number): void {
    const { sessionId, loop } = request.address;
    const known = this.sessions.get(sessionId);
    if (known !== undefined) {
      clearTimeout(known.grace);
      // What the client does not have is told once more.
      for (const [key, at] of known.unconfirmed) if (at > offset) known.unconfirmed.delete(key);
      Object.assign(known, {
        loop,
        fence,
        offset,
        told: offset,
        acknowledged: offset,
        delivering: false,
        ended: false,
        grace: undefined,
      });
      return;
    }
    const { appId, userId } = request;
    const session = {
      appId,
      userId,
      user,
      sessionId,
      loop,
      fence,
      offset,
      told: offset,
      unconfirmed: new Map<string, number>(),
      acknowledged: offset,
      delivering: false,
      ended: false,
      grace: undefined,
    };
    this.sessions.set(sessionId, session);
    this.#byPartition[user.partition]?.add(session);
  }

  async resume(request: ResumeRequest): Promise<ResumeOutcome> {
    const user = userKeys(request.appId, request.userId);
    const token = randomBytes(16);
    const { sessionId } = request.address;
    // Two resumes at the same time: what waits, waits for the last one.
    const later = this.#arriving.get(sessionId)?.later ?? [];
    this.#arriving.set(sessionId, { started: () => undefined, later });
    try {
      return await this.#resume(request, user, token);
    } finally {
      this.#arrived(sessionId);
    }
  }

  async #resume(request: ResumeRequest, user: Scoped, token: Buffer): Promise<ResumeOutcome> {
    const { sessionId, loop } = request.address;
    const reply = await this.core.scripts.call<Buffer[]>(user.partition, 'resume', user.keys, [
      user.id,
      this.core.node,
      String(loop),
      sessionId,
      hashOf(request.token),
      hashOf(token),
      String(request.capabilities),
      request.inboxEpoch,
      String(request.inboxOffset),
    ]);
    const status = number(reply, 0) as ResumeStatus;
    if (status !== ResumeStatus.Resumed) return { status, fence: 0, resumeToken: NO_TOKEN, inboxComplete: false };
    const complete = number(reply, 2) === 1;
    const fence = number(reply, 1);
    const known = this.sessions.get(sessionId);
    const here = known !== undefined && text(reply, 3) === this.core.node;
    // It was here before it was elsewhere, and the news that it went has not come yet.
    if (known !== undefined && !here) this.drop(sessionId, known.loop, known.fence);
    this.#begin(request, user, fence, complete ? request.inboxOffset : 0);
    const outcome = { status, fence, resumeToken: token, inboxComplete: complete };
    return here ? { ...outcome, previous: { loop: number(reply, 4), sessionId } } : outcome;
  }

  startDelivery(appId: string, userId: string, fence: number): void {
    const user = userKeys(appId, userId);
    const session = this.#find(user, fence);
    if (session !== undefined) session.delivering = true;
    this.#note(user, 'deliver', [String(fence)]);
  }

  confirmResume(appId: string, userId: string, fence: number): void {
    this.#note(userKeys(appId, userId), 'confirm', [String(fence)]);
  }

  linkLost(appId: string, userId: string, fence: number, graceMs: number): void {
    const user = userKeys(appId, userId);
    const session = this.#find(user, fence);
    this.#note(user, 'lost', [String(fence), String(graceMs)]);
    if (session === undefined) return;
    clearTimeout(session.grace);
    session.grace = setTimeout(() => this.close(appId, userId, fence, SessionEnd.GraceOver), graceMs).unref();
  }

  /** Tries until Redis has it, or the session is another one. */
  close(appId: string, userId: string, fence: number, reason: SessionEnd): void {
    const user = userKeys(appId, userId);
    this.#close(user, String(fence), reason).catch(() => {
      setTimeout(() => {
        if (!this.core.closed && this.#find(user, fence)) this.close(appId, userId, fence, reason);
      }, RETRY_MS).unref();
    });
  }

  async closeUser(appId: string, userId: string, reason: SessionEnd): Promise<boolean> {
    return (await this.#close(userKeys(appId, userId), '', reason)) === 1;
  }

  #close(user: Scoped, fence: string, reason: SessionEnd): Promise<number> {
    const args = [user.id, fence, String(reason), String(this.core.settings.offlineRetentionMs)];
    return this.core.scripts.call<number>(user.partition, 'close', user.keys, args);
  }

  ended(appId: string, userId: string, sessionId: string): void {
    this.forget(sessionId);
    const user = userKeys(appId, userId);
    this.#note(user, 'ended', [user.id, sessionId, String(this.core.settings.offlineRetentionMs)]);
  }

  forget(sessionId: string): void {
    const session = this.sessions.get(sessionId);
    if (session === undefined) return;
    clearTimeout(session.grace);
    this.sessions.delete(sessionId);
    this.#byPartition[session.user.partition]?.delete(session);
  }

  stop(): void {
    for (const session of this.sessions.values()) clearTimeout(session.grace);
  }

  #find(user: Scoped, fence: number): LocalSession | undefined {
    for (const session of this.#byPartition[user.partition] ?? []) {
      if (session.fence === fence && session.user.id === user.id) return session;
    }
    return undefined;
  }

  /**
   * Without an answer that matters: what fails is found and mended by the next audit, or was for a session long gone.
   */
  #note(user: Scoped, script: string, args: string[], done = () => {}): void {
    this.core.scripts.call(user.partition, script, user.keys, args).then(done, (error: unknown) => {
      if (!this.core.closed) this.core.settings.log('warn', `engine: ${script} failed: ${String(error)}`);
    });
  }

  // ---- news -----------------------------------------------------------------------------------------------------

  handle(letter: string, news: News): void {
    switch (letter) {
      case 'P':
        this.peerMessage(text(news, 2), number(news, 3), news.slice(4));
        return;
      case 'O':
        this.#arriving.get(text(news, 1))?.started(text(news, 2) === '' ? Number.NaN : number(news, 2));
        return;
      case 'E':
        this.#inTurn(text(news, 2), (sid) => {
          const known = this.sessions.has(sid);
          this.end(sid, number(news, 1), number(news, 4) as SessionEnd);
          // Nobody here has anything to clear away, so nobody would say when that is done.
          const { appId, name } = splitId(field(news, 3));
          if (!known) this.ended(appId, name, sid);
        });
        return;
      case 'D':
        this.#inTurn(text(news, 2), (sid) => this.drop(sid, number(news, 1), number(news, 3)));
        return;
    }
  }

  #inTurn(sessionId: string, tell: (sessionId: string) => void): void {
    const arrival = this.#arriving.get(sessionId);
    if (arrival === undefined) tell(sessionId);
    else arrival.later.push(() => tell(sessionId));
  }

  peerMessage(sessionId: string, fence: number | undefined, entry: News): void {
    const session = this.sessions.get(sessionId);
    if (session === undefined || session.ended) return;
    const offset = number(entry, 0);
    // Handed over to a link that is gone, or twice.
    if ((fence !== undefined && fence !== session.fence) || offset <= session.offset) return;
    session.offset = offset;
    const cached = text(entry, 1) === 'S';
    if (!cached) {
      // A failover lost it after it was told, and its sender's node has sent it again.
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
      flags: cached ? 1 : 0,
      serverTimeMs: number(entry, 5),
      requiredCapabilities: number(entry, 6),
      content: field(entry, 9),
      cached,
    });
  }

  end(sessionId: string, loop: number, reason: SessionEnd): void {
    const session = this.sessions.get(sessionId);
    if (session?.ended) return;
    if (session !== undefined) {
      session.ended = true;
      clearTimeout(session.grace);
    }
    this.core.news.endSession({ loop: session?.loop ?? loop, sessionId }, reason);
  }

  /** The session is elsewhere, or nowhere, unless it has come back under a newer fence. */
  drop(sessionId: string, loop: number, fence: number): void {
    const session = this.sessions.get(sessionId);
    if (session !== undefined && session.fence > fence) return;
    this.forget(sessionId);
    this.core.news.dropSession({ loop: session?.loop ?? loop, sessionId });
  }

  // ---- after lost news ------------------------------------------------------------------------------------------

  questions(partition: number): (string | Buffer)[] {
    const ask: string[] = [];
    for (const session of this.#byPartition[partition] ?? []) {
      if (!session.ended)
        ask.push('s', session.user.id, session.sessionId, String(session.fence), String(session.offset));
    }
    return ask;
  }

  /** The answer to what `questions` asked of a session. */
  sessionState(answer: readonly unknown[]): void {
    const [, sid, fence, state, detail, ...kept] = answer as [Buffer, Buffer, Buffer, Buffer, unknown, Buffer, Buffer];
    const session = this.sessions.get(String(sid));
    // Asked before a resume, answered after it.
    if (session === undefined || session.ended || String(fence) !== String(session.fence)) return;
    if (String(state) === 'ended') {
      this.end(session.sessionId, session.loop, Number(String(detail)) as SessionEnd);
      return;
    }
    if (String(state) === 'gone') {
      this.drop(session.sessionId, session.loop, session.fence);
      return;
    }
    for (const entry of detail as Buffer[]) this.peerMessage(session.sessionId, undefined, unpack(entry));
    // A failover may have lost what was done last.
    const { appId, userId, fence: mine, acknowledged } = session;
    const [ack, at] = kept.map(String);
    if (acknowledged > Number(ack)) this.#note(session.user, 'ack', [String(mine), String(acknowledged)]);
    if (at === 'R' && session.delivering) this.startDelivery(appId, userId, mine);
  }

  /** Sessions that Redis has here and this node does not. */
  strays(known: readonly (readonly [Buffer, string])[]): [Scoped, string][] {
    return known
      .filter(([, sessionId]) => !this.sessions.has(sessionId) && !this.#arriving.has(sessionId))
      .map(([id, sessionId]) => {
        const { appId, name } = splitId(id);
        return [userKeys(appId, name), sessionId];
      });
  }
}

const superseded = (): OpenOutcome => ({
  opened: false,
  fence: 0,
  resumeToken: NO_TOKEN,
  inboxEpoch: '0'.repeat(16),
  inboxOffset: 0,
});
