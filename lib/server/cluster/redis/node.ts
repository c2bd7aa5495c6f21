import { setTimeout as sleep } from 'node:timers/promises';
import { Answers } from '../answers.js';
import type { EngineNews, Presence } from '../engine.js';
import { Lease } from '../lease.js';
import { Mailboxes, type News } from '../mailboxes.js';
import { PARTITIONS } from '../partitions.js';
import { Reaper } from '../reaper.js';
import { AttributeCalls } from './attributes.js';
import { Audit } from './audit.js';
import { ChannelNews } from './channel-news.js';
import { Channels } from './channels.js';
import type { MakeClient } from './client.js';
import type { Core } from './core.js';
import { RedisDirectory } from './directory.js';
import { number, text, unpack } from './fields.js';
import { History } from './history.js';
import { HistoryRoom } from './history-room.js';
import { Inboxes } from './inboxes.js';
import { LocalChannels } from './local-channels.js';
import { LocalSessions } from './local-sessions.js';
import type { Settings } from './options.js';
import { Presences } from './presences.js';
import { Replicas } from './replicas.js';
import { ScriptCalls } from './script-calls.js';
import { Sends } from './sends.js';
import { Shards } from './shards.js';
import { StoredShares } from './stored-shares.js';
import { Users } from './users.js';
import { Watches } from './watches.js';

const LOOK_AGAIN_MS = 10;

/** One node of the cluster: its parts, its lease, and the news that come to it. */
export class RedisNode {
  readonly #shards: Shards;
  readonly #scripts: ScriptCalls;
  readonly #mailboxes: Mailboxes;
  readonly #lease: Lease;
  readonly #reaper: Reaper;
  readonly localChannels: LocalChannels;
  readonly #sessions = new LocalSessions();
  readonly #channelNews: ChannelNews;
  readonly inboxes: Inboxes;
  readonly users: Users;
  readonly sends: Sends;
  readonly channels: Channels;
  readonly watches: Watches;
  readonly presences: Presences;
  readonly attributes: AttributeCalls;
  readonly history: History;
  readonly #answers: Answers;
  #news: EngineNews | undefined;
  readonly #audit: Audit;
  #suspended = false;
  #closed = false;

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
      this.sends.owed(partition),
    );
    const directory = new RedisDirectory(this.#scripts, settings);
    this.#lease = new Lease(directory, settings, {
      endangered: () => this.#suspend(),
      safe: () => this.#restored(),
      renamed: (node) => this.#renamed(node),
      dead: (nodes) => this.#reaper.see(nodes),
    });
    const self = this;
    const core: Core = {
      settings,
      scripts: this.#scripts,
      get news() {
        return self.#news as EngineNews;
      },
      get node() {
        return self.#lease.node;
      },
      get closed() {
        return self.#closed;
      },
      note: (user, script, args, done = () => {}) => {
        self.#scripts.call(user.partition, script, user.keys, args).then(done, (error: unknown) => {
          if (!self.#closed) settings.log('warning', `engine: ${script} failed: ${String(error)}`);
        });
      },
      isDead: (node) => self.#lease.isDead(node),
    };
    this.#answers = new Answers(this.#mailboxes);
    this.#reaper = new Reaper(directory, settings, core);
    this.inboxes = new Inboxes(core, this.#sessions);
    this.users = new Users(core, this.#sessions, this.inboxes);
    const replicas = new Replicas(this.#shards, settings.waitReplicas, () => core.node);
    const historyRoom = new HistoryRoom(core);
    this.history = new History(core, historyRoom);
    const shares = new StoredShares(core);
    this.sends = new Sends(core, replicas, this.history, shares, (sessionId) => this.#sessions.get(sessionId)?.loop);
    this.localChannels = new LocalChannels(core);
    this.channels = new Channels(core, this.#answers, this.localChannels, this.history);
    this.#channelNews = new ChannelNews(core, this.localChannels, (sessionId) => this.#sessions.get(sessionId)?.fence);
    this.watches = new Watches(core, this.#answers);
    this.presences = new Presences(core);
    this.attributes = new AttributeCalls(core);
    this.#audit = new Audit(core, this.#mailboxes, this.users, shares, historyRoom);
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
    while (!this.#mailboxes.inStep && performance.now() < limit) await sleep(LOOK_AGAIN_MS);
    this.#audit.start(() => this.sends.tick());
    this.settings.log('info', `engine: node ${this.#lease.node} takes part`);
  }

  /** Gives the lease back with `release`; otherwise it runs out. */
  async close(release: boolean): Promise<void> {
    if (this.#closed) return;
    await this.#lease.close(release);
    this.#stop();
  }

  #stop(): void {
    this.#closed = true;
    this.#audit.stop();
    this.#mailboxes.close();
    this.#sessions.stop();
    this.channels.stop();
    this.#scripts.close();
    this.#shards.close();
  }

  // ---- news -----------------------------------------------------------------------------------------------------

  #handle(_partition: number, news: News): number | undefined {
    const letter = text(news, 0);
    if (letter === 'R') this.sends.handle(news);
    else if ('POED'.includes(letter)) {
      if (letter === 'D') this.localChannels.forgetSession(text(news, 2));
      this.users.handle(letter, news);
    } else if ('CMNKAa'.includes(letter)) this.#channelNews.handle(letter, news);
    else if (letter === 'W') this.watches.handle(news);
    else return this.#answers.marked(number(news, 1));
    return undefined;
  }

  async #resync(partition: number): Promise<number> {
    const args = [
      this.#lease.node,
      ...this.users.questions(partition),
      ...this.sends.questions(partition),
      ...this.#channelNews.questions(partition),
      ...this.watches.questions(partition),
    ];
    const [seq, ...answers] = await this.#scripts.call<[Buffer, ...unknown[][]]>(partition, 'resync', undefined, args);
    if (this.#closed) return 0;
    for (const answer of answers) {
      const kind = String(answer[0]);
      if (kind === 's') this.users.sessionState(answer);
      else if (kind === 'r') this.sends.state(answer);
      else if (kind === 'c') this.#channelNews.channelState(answer);
      else if (kind === 'm') this.#channelNews.memberState(answer);
      else this.watches.state(String(answer[1]), Number(String(answer[2])) as Presence);
    }
    return Number(String(seq));
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
    for (const session of this.#sessions.all()) {
      this.users.drop(session.sessionId, session.loop, session.fence);
    }
    this.channels.reset();
    this.#mailboxes.reset();
    this.#shards.listenAs(node);
    this.watches.renew();
  }
}
