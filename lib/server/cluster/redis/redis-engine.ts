import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryFilter, HistoryPage } from '../../storage/message-store.js';
import { Answers } from '../answers.js';
import type {
  Attributes,
  AttributeWrite,
  Engine,
  EngineNews,
  JoinOutcome,
  JoinRequest,
  OpenOutcome,
  OpenRequest,
  PeerSend,
  Presence,
  Publish,
  ResumeOutcome,
  ResumeRequest,
  SessionEnd,
} from '../engine.js';
import { Lease } from '../lease.js';
import { Mailboxes, type News } from '../mailboxes.js';
import { PARTITIONS } from '../partitions.js';
import { Reaper } from '../reaper.js';
import { AttributeCalls } from './attributes.js';
import { Channels } from './channels.js';
import type { MakeClient } from './client.js';
import type { Core } from './core.js';
import { RedisDirectory } from './directory.js';
import { number, text, unpack } from './fields.js';
import { History } from './history.js';
import type { Settings } from './options.js';
import { Replicas } from './replicas.js';
import { ScriptCalls } from './script-calls.js';
import { Sends } from './sends.js';
import { Shards } from './shards.js';
import { Users } from './users.js';
import { Watches } from './watches.js';

/** Each partition's mailbox is compared so often; a stray session must be seen twice. */
const AUDIT_MS = 5000;
const STEP_MS = 10;

/** The cluster engine over Redis or Valkey: one node's part of it. */
export class RedisEngine implements Engine {
  readonly #shards: Shards;
  readonly #scripts: ScriptCalls;
  readonly #mailboxes: Mailboxes;
  readonly #lease: Lease;
  readonly #reaper: Reaper;
  readonly #users: Users;
  readonly #sends: Sends;
  readonly #channels: Channels;
  readonly #watches: Watches;
  readonly #attributes: AttributeCalls;
  readonly #history: History;
  readonly #answers: Answers;
  readonly #strays = new Set<string>();
  #news: EngineNews | undefined;
  #audit: NodeJS.Timeout | undefined;
  #suspended = false;
  #closed = false;

  /** By {@link createRedisEngine}. */
  constructor(
    make: MakeClient,
    private readonly settings: Settings,
  ) {
    this.#mailboxes = new Mailboxes({
      handle: (partition, news) => this.#handle(partition, news),
      resync: (partition) => this.#resync(partition),
      synced: (partition, seq, anew) => this.#answers.synced(partition, seq, anew),
    });
    this.#shards = new Shards(make, settings, {
      news: (partition, message) => {
        const [seq, ...news] = unpack(message);
        if (seq !== undefined) this.#mailboxes.news(partition, Number(seq.toString('latin1')), news);
      },
      renewed: (partition) => this.#mailboxes.renewed(partition),
    });
    this.#scripts = new ScriptCalls(this.#shards, settings.operationTimeoutMs, settings.observe, (partition) =>
      this.#sends.owed(partition),
    );
    const directory = new RedisDirectory(this.#scripts, settings);
    this.#lease = new Lease(directory, settings, {
      endangered: () => this.#suspend(),
      safe: () => this.#restored(),
      renamed: (node) => this.#renamed(node),
      dead: (nodes) => this.#reaper.see(nodes),
    });
    const engine = this;
    const core: Core = {
      settings,
      scripts: this.#scripts,
      get news() {
        return engine.#news as EngineNews;
      },
      get node() {
        return engine.#lease.node;
      },
      get closed() {
        return engine.#closed;
      },
      isDead: (node) => engine.#lease.isDead(node),
    };
    this.#answers = new Answers(this.#mailboxes);
    this.#reaper = new Reaper(directory, settings, core);
    this.#users = new Users(core);
    const replicas = new Replicas(this.#shards, settings.waitReplicas, () => core.node);
    this.#sends = new Sends(core, replicas, (sessionId) => this.#users.sessions.get(sessionId)?.loop);
    this.#channels = new Channels(core, this.#answers, (sessionId) => this.#users.sessions.get(sessionId)?.fence);
    this.#watches = new Watches(core, this.#answers);
    this.#attributes = new AttributeCalls(core);
    this.#history = new History(core);
  }

  /** `<node id>.<boot>` */
  get name(): string {
    return this.#lease.node;
  }

  async start(news: EngineNews): Promise<void> {
    this.#news = news;
    try {
      await this.#shards.open();
      await this.#lease.take();
    } catch (error) {
      this.#stop();
      throw error;
    }
    this.#shards.listenAs(this.#lease.node);
    this.#lease.start();
    const limit = performance.now() + this.settings.operationTimeoutMs;
    while (!this.#mailboxes.inStep && performance.now() < limit) await sleep(STEP_MS);
    let partition = 0;
    this.#audit = setInterval(() => {
      this.#sends.tick();
      // One sixteenth at a time.
      for (let i = 0; i < PARTITIONS / 16; i++) {
        void this.#auditOne(partition);
        partition = (partition + 1) % PARTITIONS;
      }
    }, AUDIT_MS / 16).unref();
    this.settings.log('info', `engine: node ${this.#lease.node} takes part`);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#lease.close(true);
    this.#stop();
  }

  /** Stops like a process that was killed: no word to anybody, and the lease runs out. For tests. */
  async abandon(): Promise<void> {
    await this.#lease.close(false);
    this.#stop();
  }

  #stop(): void {
    this.#closed = true;
    clearInterval(this.#audit);
    this.#mailboxes.close();
    this.#users.stop();
    this.#channels.stop();
    this.#scripts.close();
    this.#shards.close();
  }

  get channels(): number {
    return this.#channels.size;
  }

  // ---- operations -----------------------------------------------------------------------------------------------

  sendToPeer(op: PeerSend): void {
    this.#sends.send(op);
  }

  publish(op: Publish): void {
    this.#channels.publish(op);
  }

  acknowledge(appId: string, userId: string, fence: number, offset: number): void {
    this.#users.acknowledge(appId, userId, fence, offset);
  }

  openSession(request: OpenRequest): Promise<OpenOutcome> {
    return this.#users.open(request);
  }

  resumeSession(request: ResumeRequest): Promise<ResumeOutcome> {
    return this.#users.resume(request);
  }

  startDelivery(appId: string, userId: string, fence: number): void {
    this.#users.startDelivery(appId, userId, fence);
  }

  confirmResume(appId: string, userId: string, fence: number): void {
    this.#users.confirmResume(appId, userId, fence);
  }

  linkLost(appId: string, userId: string, fence: number, graceMs: number): void {
    this.#users.linkLost(appId, userId, fence, graceMs);
  }

  closeSession(appId: string, userId: string, fence: number, reason: SessionEnd): void {
    this.#users.close(appId, userId, fence, reason);
  }

  closeUser(appId: string, userId: string, reason: SessionEnd): Promise<boolean> {
    return this.#users.closeUser(appId, userId, reason);
  }

  kick(appId: string, userId: string, channelId: string): Promise<boolean> {
    return this.#channels.kick(appId, userId, channelId);
  }

  sessionEnded(appId: string, userId: string, sessionId: string): void {
    this.#users.ended(appId, userId, sessionId);
  }

  join(request: JoinRequest): Promise<JoinOutcome> {
    return this.#channels.join(request);
  }

  leave(appId: string, channelId: string, userId: string, fence: number): Promise<boolean> {
    return this.#channels.leave(appId, channelId, userId, fence);
  }

  members(
    appId: string,
    channelId: string,
    userId: string,
    fence: number,
    limit: number,
  ): Promise<string[] | undefined> {
    return this.#channels.members(appId, channelId, userId, fence, limit);
  }

  memberCount(appId: string, channelId: string): Promise<number> {
    return this.#channels.memberCount(appId, channelId);
  }

  presence(appId: string, userIds: readonly string[]): Promise<Presence[]> {
    return this.#watches.presence(appId, userIds);
  }

  watch(loop: number, appId: string, userIds: readonly string[]): Promise<void> {
    return this.#watches.watch(loop, appId, userIds);
  }

  unwatch(loop: number, appId: string, userIds: readonly string[]): void {
    this.#watches.unwatch(loop, appId, userIds);
  }

  noteSilence(appId: string, userId: string, fence: number, silent: boolean): void {
    this.#watches.noteSilence(appId, userId, fence, silent);
  }

  writeUserAttributes(write: AttributeWrite): Promise<number> {
    return this.#attributes.writeUser(write);
  }

  userAttributes(appId: string, userId: string, keys: readonly string[]): Promise<Attributes> {
    return this.#attributes.readUser(appId, userId, keys);
  }

  writeChannelAttributes(write: AttributeWrite): Promise<number> {
    return this.#attributes.writeChannel(write);
  }

  channelAttributes(appId: string, channelId: string, keys: readonly string[]): Promise<Attributes> {
    return this.#attributes.readChannel(appId, channelId, keys);
  }

  queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    return this.#history.query(appId, filter);
  }

  // ---- news -----------------------------------------------------------------------------------------------------

  #handle(_partition: number, news: News): number | undefined {
    const letter = text(news, 0);
    if (letter === 'R') this.#sends.handle(news);
    else if ('POED'.includes(letter)) {
      if (letter === 'D') this.#channels.forgetSession(text(news, 2));
      this.#users.handle(letter, news);
    } else if ('CMNKA'.includes(letter)) this.#channels.handle(letter, news);
    else if (letter === 'W') this.#watches.handle(news);
    else return this.#answers.marked(number(news, 1));
    return undefined;
  }

  async #resync(partition: number): Promise<number> {
    const args = [
      this.#lease.node,
      ...this.#users.questions(partition),
      ...this.#sends.questions(partition),
      ...this.#channels.questions(partition),
      ...this.#watches.questions(partition),
    ];
    const [seq, ...answers] = await this.#scripts.call<[Buffer, ...unknown[][]]>(partition, 'resync', undefined, args);
    if (this.#closed) return 0;
    for (const answer of answers) {
      const kind = String(answer[0]);
      if (kind === 's') this.#users.sessionState(answer);
      else if (kind === 'r') this.#sends.state(answer);
      else if (kind === 'c') this.#channels.channelState(answer);
      else if (kind === 'm') this.#channels.memberState(answer);
      else this.#watches.state(String(answer[1]), Number(String(answer[2])) as Presence);
    }
    return Number(String(seq));
  }

  async #auditOne(partition: number): Promise<void> {
    const node = this.#lease.node;
    const next = this.#mailboxes.next(partition);
    const reply = await this.#scripts.call<Buffer[]>(partition, 'audit', undefined, [node]).catch(() => undefined);
    if (reply === undefined || this.#closed || node !== this.#lease.node) return;
    if (next !== undefined) this.#mailboxes.expect(partition, number(reply, 0), next);
    const known: [Buffer, string][] = [];
    for (let i = 1; i + 1 < reply.length; i += 2) known.push([reply[i] as Buffer, text(reply, i + 1)]);
    for (const [user, sessionId] of this.#users.strays(known)) {
      if (this.#strays.delete(sessionId)) this.#users.abort(user, sessionId);
      else this.#strays.add(sessionId);
    }
  }

  // ---- the lease ------------------------------------------------------------------------------------------------

  #suspend(): void {
    if (this.#closed || this.#suspended) return;
    this.#suspended = true;
    this.settings.log('error', 'engine: cut off from Redis; clients are sent away');
    this.#news?.suspend(this.settings.retryAfterMs);
  }

  async #restored(): Promise<void> {
    if (this.#closed || !this.#suspended) return;
    this.#suspended = false;
    for (let partition = 0; partition < PARTITIONS; partition++) this.#mailboxes.resync(partition);
    this.settings.log('info', 'engine: the lease holds again; clients are welcome');
    this.#news?.resume();
  }

  async #renamed(node: string): Promise<void> {
    for (const session of [...this.#users.sessions.values()]) {
      this.#users.drop(session.sessionId, session.loop, session.fence);
    }
    this.#channels.reset();
    this.#mailboxes.reset();
    this.#shards.listenAs(node);
    await this.#watches.renew();
  }
}
