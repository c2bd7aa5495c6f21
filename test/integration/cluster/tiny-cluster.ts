// A minimal cluster: a few maps with the state of several servers of this process, which hear news in the next microtask.
// It knows sessions with fences, inboxes, channels with replay, presence and attributes; it has no offline messages, no
// history, no bounds, and no end of the grace period.
import { randomBytes } from 'node:crypto';
import type {
  AttributeWrite,
  ChannelMessage,
  ChannelWrite,
  Engine,
  EngineNews,
  JoinRequest,
  PeerSend,
  Publish,
  SessionAddress,
  StoredAttribute,
} from '../../../lib/server/cluster/engine.js';
import { OpenStatus, Presence, ResumeStatus, type SessionEnd } from '../../../lib/server/cluster/engine.js';

const FAILURE = 1;
const UNREACHABLE = 3;
const REMOTE_LOGIN = 1;
const id = () => randomBytes(8).toString('hex');

interface Place extends SessionAddress {
  readonly node: TinyNode;
}
interface User {
  fence: number;
  place: Place;
  tokens: Uint8Array[];
  epoch: string;
  offset: number;
  inbox: { offset: number; op: PeerSend; from: Place }[];
  resting: boolean;
  presence: Presence;
  attributes: Map<string, StoredAttribute>;
  ended: () => void;
  gone: Promise<void>;
}
interface Channel {
  epoch: string;
  offset: number;
  members: Map<string, { fence: number; place: Place }>;
  ring: (ChannelMessage & { readonly sender: string })[];
}

/** What the nodes share. */
export class TinyCluster {
  readonly users = new Map<string, User>();
  readonly channels = new Map<string, Channel>();
  readonly channelAttributes = new Map<string, Map<string, StoredAttribute>>();
  readonly watches = new Map<string, Set<{ node: TinyNode; loop: number }>>();
  /** First results of sends, by session and number; undefined: not known yet. */
  readonly sends = new Map<string, number | undefined>();
  readonly nodes: TinyNode[] = [];
  lastFence = 0;
  lastOffset = 0;

  node(): TinyNode {
    const node = new TinyNode(this);
    this.nodes.push(node);
    return node;
  }

  setPresence(key: string, state: Presence): void {
    const user = this.users.get(key);
    if (user) user.presence = state;
    const [appId, userId] = key.split('/') as [string, string];
    for (const { node, loop } of this.watches.get(key) ?? [])
      node.tell((news) => news.presence(loop, appId, userId, state));
  }

  presenceOf = (key: string): Presence => this.users.get(key)?.presence ?? Presence.Offline;
}

function apply(set: Map<string, StoredAttribute>, write: AttributeWrite): void {
  const [SET, ADD, DELETE] = [0, 1, 2];
  if (write.action === SET || write.action > DELETE) set.clear();
  for (const [key, value] of write.entries) {
    if (write.action === DELETE) set.delete(key);
    else if (write.action <= ADD)
      set.set(key, { key, value, updatedBy: write.writerId, updatedMs: write.serverTimeMs });
  }
}

function read(set: Map<string, StoredAttribute>, keys: readonly string[]): StoredAttribute[] {
  const all = [...set.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  return keys.length === 0 ? all : all.filter(({ key }) => keys.includes(key));
}

/** One server's engine. */
export class TinyNode implements Engine {
  readonly #cluster: TinyCluster;
  #news: EngineNews | undefined;
  /** Thrown by the next operations that can fail. */
  failure: Error | undefined;

  constructor(cluster: TinyCluster) {
    this.#cluster = cluster;
  }

  tell(what: (news: EngineNews) => void): void {
    queueMicrotask(() => this.#news && what(this.#news));
  }

  /** Of the whole cluster. */
  get channels(): number {
    return this.#cluster.channels.size;
  }

  async start(news: EngineNews): Promise<void> {
    this.#news = news;
  }

  async close(): Promise<void> {
    this.#news = undefined;
  }

  #user(appId: string, userId: string, fence: number): User | undefined {
    const user = this.#cluster.users.get(`${appId}/${userId}`);
    return user?.fence === fence ? user : undefined;
  }

  #result(from: Place, seq: number, code: number): void {
    this.#cluster.sends.set(`${from.sessionId}/${seq}`, code);
    from.node.tell((news) => news.sendResults(from, seq, 1, code));
  }

  /** True: the send is a repeat, which has its answer or will get it. */
  #repeated(sender: SessionAddress, seq: number): boolean {
    const key = `${sender.sessionId}/${seq}`;
    if (!this.#cluster.sends.has(key)) {
      this.#cluster.sends.set(key, undefined);
      return false;
    }
    const code = this.#cluster.sends.get(key);
    if (code !== undefined) this.tell((news) => news.sendResults(sender, seq, 1, code));
    for (const user of this.#cluster.users.values())
      for (const entry of user.inbox)
        if (entry.op.sender.sessionId === sender.sessionId && entry.op.seq === seq)
          entry.from = { ...sender, node: this };
    return true;
  }

  sendToPeer(op: PeerSend): void {
    if (this.#repeated(op.sender, op.seq)) return;
    const from = { ...op.sender, node: this };
    const user = this.#cluster.users.get(`${op.appId}/${op.receiverId}`);
    if (!user) {
      this.#result(from, op.seq, UNREACHABLE);
      return;
    }
    const entry = { offset: ++user.offset, op: { ...op, content: Uint8Array.from(op.content) }, from };
    user.inbox.push(entry);
    if (!user.resting) this.#hand(user, entry);
  }

  #hand({ place }: User, { offset, op }: User['inbox'][number]): void {
    place.node.tell((news) => news.peerMessage(place, offset, { ...op, cached: false }));
  }

  acknowledge(appId: string, userId: string, fence: number, offset: number): void {
    const user = this.#user(appId, userId, fence);
    while (user?.inbox[0] && user.inbox[0].offset <= offset) {
      const { from, op } = user.inbox.shift() as User['inbox'][number];
      this.#result(from, op.seq, 0);
    }
  }

  publish(op: Publish): void {
    if (this.#repeated(op.sender, op.seq)) return;
    const from = { ...op.sender, node: this };
    const channel = this.#cluster.channels.get(`${op.appId}/${op.channelId}`);
    if (channel?.members.get(op.senderId)?.fence !== op.fence) {
      this.#result(from, op.seq, FAILURE);
      return;
    }
    const { epoch } = channel;
    const { sessionId } = op.sender;
    const message = { ...op, content: Uint8Array.from(op.content), epoch, offset: ++channel.offset, sender: sessionId };
    channel.ring.push(message);
    this.#toNodes((news) => news.channelMessage(op.appId, op.channelId, message, sessionId));
    this.#result(from, op.seq, 0);
  }

  #toNodes(what: (news: EngineNews) => void): void {
    for (const node of this.#cluster.nodes) node.tell(what);
  }

  async openSession({ appId, userId, address }: { appId: string; userId: string; address: SessionAddress }) {
    if (this.failure) throw this.failure;
    const key = `${appId}/${userId}`;
    const previous = this.#cluster.users.get(key);
    if (previous) {
      const { place } = previous;
      place.node.tell((news) => news.endSession(place, REMOTE_LOGIN as SessionEnd));
      await previous.gone;
    }
    let ended = () => {};
    const gone = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const [fence, token, epoch] = [++this.#cluster.lastFence, randomBytes(16), id()];
    const place = { ...address, node: this };
    const fresh = { tokens: [token], epoch, offset: 0, inbox: [], resting: false, attributes: new Map() };
    this.#cluster.users.set(key, { ...fresh, fence, place, presence: Presence.Online, ended, gone });
    this.#cluster.setPresence(key, Presence.Online);
    return { status: OpenStatus.Opened, fence, resumeToken: token, inboxEpoch: epoch, inboxOffset: 0 };
  }

  async resumeSession(request: Parameters<Engine['resumeSession']>[0]) {
    if (this.failure) throw this.failure;
    const { appId, userId, address, token } = request;
    const user = this.#cluster.users.get(`${appId}/${userId}`);
    const known =
      user?.place.sessionId === address.sessionId && user.tokens.some((each) => Buffer.compare(each, token) === 0);
    if (!user || !known)
      return { status: ResumeStatus.Unknown, fence: 0, resumeToken: Buffer.alloc(16), inboxComplete: false };
    const before = user.place;
    const next = randomBytes(16);
    user.fence = ++this.#cluster.lastFence;
    user.tokens = [Uint8Array.from(token), next];
    user.place = { ...address, node: this };
    user.resting = true;
    this.acknowledge(appId, userId, user.fence, request.inboxOffset);
    this.#cluster.setPresence(`${appId}/${userId}`, Presence.Online);
    const outcome = { status: ResumeStatus.Resumed, fence: user.fence, resumeToken: next, inboxComplete: true };
    if (before.node === this) return { ...outcome, previous: { loop: before.loop, sessionId: before.sessionId } };
    before.node.tell((news) => news.dropSession(before));
    return outcome;
  }

  startDelivery(appId: string, userId: string, fence: number): void {
    const user = this.#user(appId, userId, fence);
    if (!user) return;
    user.resting = false;
    for (const entry of user.inbox) this.#hand(user, entry);
  }

  confirmResume(appId: string, userId: string, fence: number): void {
    const user = this.#user(appId, userId, fence);
    if (user) user.tokens = user.tokens.slice(-1);
  }

  linkLost(appId: string, userId: string, fence: number): void {
    const user = this.#user(appId, userId, fence);
    if (user) user.resting = true;
  }

  closeSession(appId: string, userId: string, fence: number, reason: SessionEnd): void {
    const user = this.#user(appId, userId, fence);
    user?.place.node.tell((news) => news.endSession(user.place, reason));
  }

  async closeUser(appId: string, userId: string, reason: SessionEnd): Promise<boolean> {
    const user = this.#cluster.users.get(`${appId}/${userId}`);
    if (user) this.closeSession(appId, userId, user.fence, reason);
    return user !== undefined;
  }

  async kick(appId: string, userId: string, channelId: string): Promise<boolean> {
    const place = this.#cluster.channels.get(`${appId}/${channelId}`)?.members.get(userId)?.place;
    place?.node.tell((news) => news.kicked(place, channelId));
    return place !== undefined;
  }

  sessionEnded(appId: string, userId: string, sessionId: string): void {
    const key = `${appId}/${userId}`;
    const user = this.#cluster.users.get(key);
    if (user?.place.sessionId !== sessionId) return;
    this.#cluster.users.delete(key);
    this.#cluster.setPresence(key, Presence.Offline);
    for (const { op, from } of user.inbox) this.#result(from, op.seq, UNREACHABLE);
    user.ended();
  }

  async join({ appId, channelId, userId, address, fence, again, epoch, offset }: JoinRequest) {
    if (this.failure) throw this.failure;
    const key = `${appId}/${channelId}`;
    const channel = this.#cluster.channels.get(key) ?? { epoch: id(), offset: 0, members: new Map(), ring: [] };
    const member = channel.members.get(userId);
    const place = { ...address, node: this };
    const outcome = { joined: true, epoch: channel.epoch, offset: channel.offset, complete: true };
    if (again && !member) return { ...outcome, joined: false, memberCount: 0, replay: [] };
    this.#cluster.channels.set(key, channel);
    channel.members.set(userId, { fence, place });
    const memberCount = channel.members.size;
    if (!member) this.#toNodes((news) => news.memberEvent(appId, channelId, [userId], [], memberCount));
    const from = epoch === channel.epoch ? offset : 0;
    const missed = channel.ring.filter((each) => each.offset > from && each.sender !== address.sessionId);
    return { ...outcome, memberCount, replay: again ? missed : [] };
  }

  async leave(appId: string, channelId: string, userId: string, fence: number): Promise<boolean> {
    const channel = this.#cluster.channels.get(`${appId}/${channelId}`);
    if (!channel || channel.members.get(userId)?.fence !== fence) return false;
    channel.members.delete(userId);
    this.#toNodes((news) => news.memberEvent(appId, channelId, [], [userId], channel.members.size));
    return true;
  }

  async members(appId: string, channelId: string, userId: string, fence: number, limit: number) {
    if (this.failure) throw this.failure;
    const members = this.#cluster.channels.get(`${appId}/${channelId}`)?.members;
    return members?.get(userId)?.fence === fence ? [...members.keys()].slice(0, limit) : undefined;
  }

  async memberCount(appId: string, channelId: string): Promise<number> {
    if (this.failure) throw this.failure;
    return this.#cluster.channels.get(`${appId}/${channelId}`)?.members.size ?? 0;
  }

  async presence(appId: string, userIds: readonly string[]): Promise<Presence[]> {
    if (this.failure) throw this.failure;
    return userIds.map((userId) => this.#cluster.presenceOf(`${appId}/${userId}`));
  }

  async watch(loop: number, appId: string, userIds: readonly string[]): Promise<void> {
    for (const userId of userIds) {
      const key = `${appId}/${userId}`;
      const watching = this.#cluster.watches.get(key) ?? new Set();
      this.#cluster.watches.set(key, watching.add({ node: this, loop }));
      this.#news?.presence(loop, appId, userId, this.#cluster.presenceOf(key));
    }
  }

  unwatch(loop: number, appId: string, userIds: readonly string[]): void {
    for (const userId of userIds) {
      const watching = this.#cluster.watches.get(`${appId}/${userId}`) ?? new Set();
      for (const each of watching) if (each.node === this && each.loop === loop) watching.delete(each);
    }
  }

  noteSilence(appId: string, userId: string, fence: number, silent: boolean): void {
    if (!this.#user(appId, userId, fence)) return;
    this.#cluster.setPresence(`${appId}/${userId}`, silent ? Presence.Unreachable : Presence.Online);
  }

  async writeUserAttributes(write: AttributeWrite): Promise<number> {
    if (this.failure) throw this.failure;
    const user = this.#user(write.appId, write.owner, write.fence);
    if (user) apply(user.attributes, write);
    return user ? 0 : 2;
  }

  async userAttributes(appId: string, userId: string, keys: readonly string[]) {
    const user = this.#cluster.users.get(`${appId}/${userId}`);
    return { found: user !== undefined, entries: user ? read(user.attributes, keys) : [] };
  }

  async writeChannelAttributes(write: AttributeWrite): Promise<ChannelWrite> {
    const key = `${write.appId}/${write.owner}`;
    const set = this.#cluster.channelAttributes.get(key) ?? new Map();
    this.#cluster.channelAttributes.set(key, set);
    apply(set, write);
    const entries = read(set, []);
    if (write.notify) this.#toNodes((news) => news.channelAttributes(write.appId, write.owner, entries));
    return { code: 0, noticeBytes: 0 };
  }

  async channelAttributes(appId: string, channelId: string, keys: readonly string[]) {
    return {
      found: true,
      entries: read(this.#cluster.channelAttributes.get(`${appId}/${channelId}`) ?? new Map(), keys),
    };
  }

  queryHistory(): Promise<never> {
    return Promise.reject(new Error('this cluster keeps no history'));
  }
}
