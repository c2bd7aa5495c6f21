// One node of a cluster without a data plane: an engine whose news are recorded and handled as a data plane handles
// them.
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type {
  AttributeWrite,
  ChannelMessage,
  EngineNews,
  JoinOutcome,
  PeerSend,
  Presence,
  SessionAddress,
  SessionEnd,
  StoredAttribute,
} from '../../../lib/server/cluster/engine.js';
import { OpenStatus } from '../../../lib/server/cluster/engine.js';
import { loadRedis } from '../../../lib/server/cluster/redis/client.js';
import { type RedisEngineOptions, settingsOf } from '../../../lib/server/cluster/redis/options.js';
import { RedisEngine } from '../../../lib/server/cluster/redis/redis-engine.js';

/**
 * Content of these tests is bare text. Behind a stored one stands its number (field 9 of the wire's Content, a varint), and before
 * that, if an ended session was handed it, its place there (fields 7 and 8).
 */
function textOf(content: Uint8Array): string {
  const bytes = Buffer.from(content).toString('latin1');
  const bare = bytes.replace(/H[\x80-\xff]*[\0-\x7f]$/s, '').replace(/9.{8}@[\x80-\xff]*[\0-\x7f]$/s, '');
  return Buffer.from(bare, 'latin1').toString();
}

export const APP = 'a'.repeat(32);
export const NO_EPOCH = '0'.repeat(16);

export interface Received {
  readonly offset: number;
  readonly from: string;
  readonly text: string;
  readonly cached: boolean;
}

/** A session as its data plane holds it. */
export class Session {
  readonly inbox: Received[] = [];
  readonly results: [seq: number, code: number][] = [];
  readonly channels = new Set<string>();
  end: SessionEnd | undefined;
  dropped = false;
  seq = 0;
  /** What the notices of its writes cost: bytes times members. */
  noticeBytes = 0;
  autoAck = true;
  complete = true;
  /** Of the last peer message that was seen. */
  offset = 0;

  constructor(
    readonly node: Node,
    readonly userId: string,
    readonly address: SessionAddress,
    public fence: number,
    public token: Uint8Array,
    public epoch: string,
  ) {}

  send(to: string, text: string, options: Partial<PeerSend> = {}): number {
    const seq = options.seq ?? ++this.seq;
    this.node.engine.sendToPeer({
      appId: APP,
      sender: this.address,
      senderId: this.userId,
      receiverId: to,
      flags: 0,
      serverTimeMs: Date.now(),
      requiredCapabilities: 0,
      content: Buffer.from(text),
      ...options,
      seq,
    });
    return seq;
  }

  publish(channelId: string, text: string, seq = ++this.seq, fence = this.fence): number {
    this.node.engine.publish({
      appId: APP,
      sender: this.address,
      fence,
      seq,
      senderId: this.userId,
      channelId,
      flags: 0,
      serverTimeMs: Date.now(),
      requiredCapabilities: 0,
      content: Buffer.from(text),
    });
    return seq;
  }

  /** The result of a send, when it has come. */
  async result(seq: number): Promise<number> {
    const mine = () => this.results.find(([each]) => each === seq);
    await this.node.until(() => mine() !== undefined);
    return mine()?.[1] as number;
  }

  async join(channelId: string, again?: { epoch: string; offset: number }): Promise<JoinOutcome> {
    const outcome = await this.node.engine.join({
      appId: APP,
      channelId,
      userId: this.userId,
      address: this.address,
      fence: this.fence,
      again: again !== undefined,
      epoch: again?.epoch ?? NO_EPOCH,
      offset: again?.offset ?? 0,
    });
    if (outcome.joined) this.channels.add(channelId);
    return outcome;
  }

  async leave(channelId: string): Promise<boolean> {
    this.channels.delete(channelId);
    return this.node.engine.leave(APP, channelId, this.userId, this.fence);
  }

  async write(
    action: AttributeWrite['action'],
    entries: [string, string][],
    more: Partial<AttributeWrite> = {},
  ): Promise<number> {
    const write = {
      appId: APP,
      owner: this.userId,
      writerId: this.userId,
      sessionId: this.address.sessionId,
      fence: this.fence,
      requestId: ++this.seq,
      serverTimeMs: 1_700_000_000_000,
      notify: false,
      inDebt: false,
      action,
      entries,
      ...more,
    };
    const { engine } = this.node;
    if (write.owner === this.userId) return engine.writeUserAttributes(write);
    const { code, noticeBytes } = await engine.writeChannelAttributes(write);
    this.noticeBytes += noticeBytes;
    return code;
  }

  close(reason: SessionEnd = 0): void {
    this.node.engine.closeSession(APP, this.userId, this.fence, reason);
  }
}

export class Node implements EngineNews {
  readonly sessions = new Map<string, Session>();
  readonly messages: (ChannelMessage & { channelId: string; except: string; text: string })[] = [];
  readonly members: { channelId: string; joined: readonly string[]; left: readonly string[]; count: number }[] = [];
  readonly counts: [channelId: string, count: number][] = [];
  readonly presences: [loop: number, userId: string, state: Presence][] = [];
  readonly kicks: [userId: string, channelId: string][] = [];
  readonly attributes: [channelId: string, entries: readonly StoredAttribute[]][] = [];
  readonly ended: [userId: string, reason: SessionEnd][] = [];
  suspended = 0;
  resumed = 0;
  /** Answers of this node to `endSession` are kept back. */
  deaf = false;
  readonly #changed = new EventEmitter().setMaxListeners(0);

  private constructor(readonly engine: RedisEngine) {}

  static async make(options: RedisEngineOptions): Promise<Node> {
    const settings = settingsOf(options);
    return new Node(new RedisEngine(loadRedis(settings), settings));
  }

  static async start(options: RedisEngineOptions): Promise<Node> {
    const node = await Node.make(options);
    await node.engine.start(node);
    return node;
  }

  /** Ends all sessions, and forgets all news. */
  async clear(): Promise<void> {
    this.deaf = false;
    const left = [...this.sessions.values()];
    for (const session of left) {
      await this.engine.closeUser(APP, session.userId, 0);
      // Of a session that ended while this node was deaf.
      this.engine.sessionEnded(APP, session.userId, session.address.sessionId);
    }
    await Promise.all(left.flatMap((session) => [...session.channels].map((channelId) => session.leave(channelId))));
    this.sessions.clear();
    for (const list of [this.messages, this.members, this.counts, this.presences, this.kicks]) list.length = 0;
    this.attributes.length = 0;
    this.ended.length = 0;
  }

  /** Waits for news until `condition` holds. */
  async until(condition: () => boolean, ms = 10_000): Promise<void> {
    const signal = AbortSignal.timeout(ms);
    while (!condition()) {
      try {
        await once(this.#changed, 'news', { signal });
      } catch {
        throw new Error(`still not true after ${ms} ms: ${condition}`);
      }
    }
  }

  #tell(): void {
    this.#changed.emit('news');
  }

  /** Logs in; undefined: a later login of the user came first. */
  async tryOpen(userId: string, loop = 0, capabilities = 0): Promise<Session | undefined> {
    const address = { loop, sessionId: randomBytes(8).toString('hex') };
    const opened = await this.engine.openSession({ appId: APP, userId, address, capabilities });
    if (opened.status !== OpenStatus.Opened) return undefined;
    const session = new Session(this, userId, address, opened.fence, opened.resumeToken, opened.inboxEpoch);
    this.sessions.set(address.sessionId, session);
    return session;
  }

  async open(userId: string, loop = 0, capabilities = 0): Promise<Session> {
    const session = await this.tryOpen(userId, loop, capabilities);
    if (session === undefined) throw new Error(`${userId} was overtaken`);
    return session;
  }

  /** Resumes a session of whichever node here. */
  async take(from: Session, token = from.token, loop = 0): Promise<Session | number> {
    const address = { loop, sessionId: from.address.sessionId };
    const outcome = await this.engine.resumeSession({
      appId: APP,
      userId: from.userId,
      address,
      token,
      capabilities: 0,
      inboxEpoch: from.epoch,
      inboxOffset: from.offset,
    });
    if (outcome.status !== 0) return outcome.status;
    const session = new Session(this, from.userId, address, outcome.fence, outcome.resumeToken, from.epoch);
    session.offset = from.offset;
    session.complete = outcome.inboxComplete;
    session.seq = from.seq;
    this.sessions.set(address.sessionId, session);
    this.engine.startDelivery(APP, from.userId, outcome.fence);
    return session;
  }

  // ---- EngineNews

  sendResults(to: SessionAddress, firstSeq: number, count: number, code: number): void {
    const session = this.sessions.get(to.sessionId);
    for (let i = 0; i < count; i++) session?.results.push([firstSeq + i, code]);
    this.#tell();
  }

  peerMessage(to: SessionAddress, offset: number, message: Parameters<EngineNews['peerMessage']>[2]): void {
    const session = this.sessions.get(to.sessionId);
    if (session !== undefined) {
      const { senderId: from, cached } = message;
      session.inbox.push({ offset, from, text: textOf(message.content), cached });
      session.offset = offset;
      if (session.autoAck) this.engine.acknowledge(APP, session.userId, session.fence, offset);
    }
    this.#tell();
  }

  channelMessage(_appId: string, channelId: string, message: ChannelMessage, except: string): void {
    this.messages.push({ ...message, channelId, except, text: Buffer.from(message.content).toString() });
    this.#tell();
  }

  memberEvent(
    _appId: string,
    channelId: string,
    joined: readonly string[],
    left: readonly string[],
    count: number,
  ): void {
    this.members.push({ channelId, joined, left, count });
    this.#tell();
  }

  memberCount(_appId: string, channelId: string, count: number): void {
    this.counts.push([channelId, count]);
    this.#tell();
  }

  channelAttributes(_appId: string, channelId: string, entries: readonly StoredAttribute[]): void {
    this.attributes.push([channelId, entries]);
    this.#tell();
  }

  presence(loop: number, _appId: string, userId: string, state: Presence): void {
    this.presences.push([loop, userId, state]);
    this.#tell();
  }

  kicked(address: SessionAddress, channelId: string): void {
    const session = this.sessions.get(address.sessionId);
    if (session?.channels.has(channelId)) {
      this.kicks.push([session.userId, channelId]);
      session.leave(channelId).catch(() => undefined);
    }
    this.#tell();
  }

  endSession(address: SessionAddress, reason: SessionEnd): void {
    const session = this.sessions.get(address.sessionId);
    if (session !== undefined && !this.deaf) {
      session.end = reason;
      this.sessions.delete(address.sessionId);
      this.ended.push([session.userId, reason]);
      void Promise.allSettled([...session.channels].map((channelId) => session.leave(channelId))).then(() =>
        this.engine.sessionEnded(APP, session.userId, address.sessionId),
      );
    }
    this.#tell();
  }

  dropSession(address: SessionAddress): void {
    const session = this.sessions.get(address.sessionId);
    if (session !== undefined) session.dropped = true;
    this.sessions.delete(address.sessionId);
    this.#tell();
  }

  suspend(): void {
    this.suspended++;
    this.#tell();
  }

  resume(): void {
    this.resumed++;
    this.#tell();
  }
}
