import { createHash, randomBytes } from 'node:crypto';
import {
  type OpenOutcome,
  type OpenRequest,
  OpenStatus,
  type ResumeOutcome,
  type ResumeRequest,
  ResumeStatus,
  SessionEnd,
} from '../engine.js';
import type { News } from '../mailboxes.js';
import { splitId } from '../partitions.js';
import type { Core } from './core.js';
import { field, number, text, unpack } from './fields.js';
import type { Inboxes } from './inboxes.js';
import { type Scoped, userKeys } from './keys.js';
import type { LocalSessions } from './local-sessions.js';
import { openArguments, resumeArguments } from './script-arguments.js';

/** A login or resume whose answer is on its way. News of the session that overtakes the answer waits for it. */
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

/** Logins, resumes and ends of sessions: scripts user, open and resume. */
export class Users {
  readonly #arriving = new Map<string, Arrival>();

  constructor(
    private readonly core: Core,
    private readonly sessions: LocalSessions,
    private readonly inboxes: Inboxes,
  ) {}

  async open(request: OpenRequest): Promise<OpenOutcome> {
    const user = userKeys(request.appId, request.userId);
    const token = randomBytes(16);
    const epoch = newEpoch();
    const { sessionId } = request.address;
    const call = (again: boolean, overrule: boolean) =>
      this.core.scripts.call<Buffer[]>(
        user.partition,
        'open',
        user.keys,
        openArguments(
          {
            id: user.id,
            node: this.core.node,
            loop: request.address.loop,
            sessionId,
            capabilities: request.capabilities,
            tokenHash: hashOf(token),
            epoch,
            again,
            overrule,
          },
          this.core.settings,
        ),
      );
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
      this.sessions.begin(request, user, fence, 0);
      setImmediate(() => this.inboxes.startDelivery(request.appId, request.userId, fence));
      return { status: OpenStatus.Opened, fence, resumeToken: token, inboxEpoch: epoch, inboxOffset: 0 };
    } catch (error) {
      // The session may exist in Redis, and nothing else would end it.
      this.abort(user, sessionId);
      throw error;
    } finally {
      this.#arrived(sessionId);
    }
  }

  /** Tells the news that has waited for the answer, once the caller has the answer. */
  #arrived(sessionId: string): void {
    setImmediate(() => {
      const arrival = this.#arriving.get(sessionId);
      this.#arriving.delete(sessionId);
      for (const tell of arrival?.later ?? []) tell();
    });
  }

  /**
   * Resolves with the fence when the news comes that the session has begun; with NaN if it never will; with undefined
   * when the time is over.
   */
  async #startedWithin(waited: Promise<number>): Promise<number | undefined> {
    const timeout = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), this.core.settings.overruleMs).unref();
    });
    return Promise.race([waited, timeout]);
  }

  abort(user: Scoped, sessionId: string): void {
    this.core.note(user, 'abort', [user.id, sessionId, String(this.core.settings.offlineRetentionMs)]);
  }

  async resume(request: ResumeRequest): Promise<ResumeOutcome> {
    const user = userKeys(request.appId, request.userId);
    const token = randomBytes(16);
    const { sessionId } = request.address;
    // Of two resumes at the same time, waiting news waits for the last one.
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
    const args = resumeArguments(
      {
        id: user.id,
        node: this.core.node,
        loop,
        sessionId,
        tokenHash: hashOf(request.token),
        newTokenHash: hashOf(token),
        capabilities: request.capabilities,
        epoch: request.inboxEpoch,
        offset: request.inboxOffset,
      },
      this.core.settings,
    );
    const reply = await this.core.scripts.call<Buffer[]>(user.partition, 'resume', user.keys, args);
    const status = number(reply, 0) as ResumeStatus;
    if (status !== ResumeStatus.Resumed) return { status, fence: 0, resumeToken: NO_TOKEN, inboxComplete: false };
    const complete = number(reply, 2) === 1;
    const fence = number(reply, 1);
    const known = this.sessions.get(sessionId);
    const here = known !== undefined && text(reply, 3) === this.core.node;
    // The session was here and then elsewhere, and the news that it went has not come yet.
    if (known !== undefined && !here) this.drop(sessionId, known.loop, known.fence);
    this.sessions.begin(request, user, fence, complete ? request.inboxOffset : 0);
    const outcome = { status, fence, resumeToken: token, inboxComplete: complete };
    return here ? { ...outcome, previous: { loop: number(reply, 4), sessionId } } : outcome;
  }

  confirmResume(appId: string, userId: string, fence: number): void {
    this.core.note(userKeys(appId, userId), 'confirm', [String(fence)]);
  }

  linkLost(appId: string, userId: string, fence: number, graceMs: number): void {
    const user = userKeys(appId, userId);
    const session = this.sessions.find(user, fence);
    this.core.note(user, 'lost', [String(fence), String(graceMs)]);
    if (session === undefined) return;
    clearTimeout(session.grace);
    session.grace = setTimeout(() => this.close(appId, userId, fence, SessionEnd.GraceOver), graceMs).unref();
  }

  /** Ends a session. Tries until Redis has it, or the session has another fence. */
  close(appId: string, userId: string, fence: number, reason: SessionEnd): void {
    const user = userKeys(appId, userId);
    this.#close(user, String(fence), reason).catch(() => {
      setTimeout(() => {
        if (!this.core.closed && this.sessions.find(user, fence)) this.close(appId, userId, fence, reason);
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
    this.sessions.forget(sessionId);
    const user = userKeys(appId, userId);
    this.core.note(user, 'ended', [user.id, sessionId, String(this.core.settings.offlineRetentionMs)]);
  }

  // ---- news -----------------------------------------------------------------------------------------------------

  handle(letter: string, news: News): void {
    switch (letter) {
      case 'P':
        this.inboxes.message(text(news, 2), number(news, 3), news.slice(4));
        return;
      case 'O':
        this.#arriving.get(text(news, 1))?.started(text(news, 2) === '' ? Number.NaN : number(news, 2));
        return;
      case 'E':
        this.#inTurn(text(news, 2), (sid) => {
          const known = this.sessions.has(sid);
          this.end(sid, number(news, 1), number(news, 4) as SessionEnd);
          // This node does not know the session, so the data plane would never confirm its end.
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

  end(sessionId: string, loop: number, reason: SessionEnd): void {
    const session = this.sessions.get(sessionId);
    if (session?.ended) return;
    if (session !== undefined) {
      session.ended = true;
      clearTimeout(session.grace);
    }
    this.core.news.endSession({ loop: session?.loop ?? loop, sessionId }, reason);
  }

  /** The session is on another node or gone, unless it has come back under a newer fence. */
  drop(sessionId: string, loop: number, fence: number): void {
    const session = this.sessions.get(sessionId);
    if (session !== undefined && session.fence > fence) return;
    this.sessions.forget(sessionId);
    this.core.news.dropSession({ loop: session?.loop ?? loop, sessionId });
  }

  // ---- after lost news ------------------------------------------------------------------------------------------

  questions(partition: number): (string | Buffer)[] {
    const ask: string[] = [];
    for (const session of this.sessions.in(partition)) {
      if (!session.ended)
        ask.push('s', session.user.id, session.sessionId, String(session.fence), String(session.offset));
    }
    return ask;
  }

  /** The answer to what `questions` asked of a session. */
  sessionState(answer: readonly unknown[]): void {
    const [, sid, fence, state, detail, ...kept] = answer as [Buffer, Buffer, Buffer, Buffer, unknown, Buffer, Buffer];
    const session = this.sessions.get(String(sid));
    // The question was asked before a resume, and the answer came after it.
    if (session === undefined || session.ended || String(fence) !== String(session.fence)) return;
    if (String(state) === 'ended') {
      this.end(session.sessionId, session.loop, Number(String(detail)) as SessionEnd);
      return;
    }
    if (String(state) === 'gone') {
      this.drop(session.sessionId, session.loop, session.fence);
      return;
    }
    for (const entry of detail as Buffer[]) this.inboxes.message(session.sessionId, undefined, unpack(entry));
    const [acknowledged, at] = kept.map(String);
    this.inboxes.repeat(session, Number(acknowledged), at ?? '');
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
  status: OpenStatus.Superseded,
  fence: 0,
  resumeToken: NO_TOKEN,
  inboxEpoch: '0'.repeat(16),
  inboxOffset: 0,
});
