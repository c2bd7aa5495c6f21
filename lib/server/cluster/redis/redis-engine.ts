import type { HistoryFilter, HistoryPage } from '../../storage/message-store.js';
import type {
  Attributes,
  AttributeWrite,
  ChannelWrite,
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
import type { MakeClient } from './client.js';
import { RedisNode } from './node.js';
import type { Settings } from './options.js';

/** The cluster engine over Redis or Valkey: every operation goes to the part of the node that is about it. */
export class RedisEngine implements Engine {
  readonly #node: RedisNode;

  /** By `createRedisEngine`. */
  constructor(make: MakeClient, settings: Settings) {
    this.#node = new RedisNode(make, settings);
  }

  /** `<node id>.<boot>` */
  get name(): string {
    return this.#node.name;
  }

  get channels(): number {
    return this.#node.localChannels.size;
  }

  start(news: EngineNews): Promise<void> {
    return this.#node.start(news);
  }

  close(): Promise<void> {
    return this.#node.close(true);
  }

  /** Stops like a process that was killed: no word to anybody, and the lease runs out. For tests. */
  abandon(): Promise<void> {
    return this.#node.close(false);
  }

  sendToPeer(op: PeerSend): void {
    this.#node.sends.send(op);
  }

  publish(op: Publish): void {
    this.#node.channels.publish(op);
  }

  acknowledge(appId: string, userId: string, fence: number, offset: number): void {
    this.#node.inboxes.acknowledge(appId, userId, fence, offset);
  }

  openSession(request: OpenRequest): Promise<OpenOutcome> {
    return this.#node.users.open(request);
  }

  resumeSession(request: ResumeRequest): Promise<ResumeOutcome> {
    return this.#node.users.resume(request);
  }

  startDelivery(appId: string, userId: string, fence: number): void {
    this.#node.inboxes.startDelivery(appId, userId, fence);
  }

  confirmResume(appId: string, userId: string, fence: number): void {
    this.#node.users.confirmResume(appId, userId, fence);
  }

  linkLost(appId: string, userId: string, fence: number, graceMs: number): void {
    this.#node.users.linkLost(appId, userId, fence, graceMs);
  }

  closeSession(appId: string, userId: string, fence: number, reason: SessionEnd): void {
    this.#node.users.close(appId, userId, fence, reason);
  }

  closeUser(appId: string, userId: string, reason: SessionEnd): Promise<boolean> {
    return this.#node.users.closeUser(appId, userId, reason);
  }

  kick(appId: string, userId: string, channelId: string): Promise<boolean> {
    return this.#node.channels.kick(appId, userId, channelId);
  }

  sessionEnded(appId: string, userId: string, sessionId: string): void {
    this.#node.users.ended(appId, userId, sessionId);
  }

  join(request: JoinRequest): Promise<JoinOutcome> {
    return this.#node.channels.join(request);
  }

  leave(appId: string, channelId: string, userId: string, fence: number): Promise<boolean> {
    return this.#node.channels.leave(appId, channelId, userId, fence);
  }

  members(
    appId: string,
    channelId: string,
    userId: string,
    fence: number,
    limit: number,
  ): Promise<string[] | undefined> {
    return this.#node.channels.members(appId, channelId, userId, fence, limit);
  }

  memberCount(appId: string, channelId: string): Promise<number> {
    return this.#node.channels.memberCount(appId, channelId);
  }

  presence(appId: string, userIds: readonly string[]): Promise<Presence[]> {
    return this.#node.presences.of(appId, userIds);
  }

  watch(loop: number, appId: string, userIds: readonly string[]): Promise<void> {
    return this.#node.watches.watch(loop, appId, userIds);
  }

  unwatch(loop: number, appId: string, userIds: readonly string[]): void {
    this.#node.watches.unwatch(loop, appId, userIds);
  }

  noteSilence(appId: string, userId: string, fence: number, silent: boolean): void {
    this.#node.watches.noteSilence(appId, userId, fence, silent);
  }

  writeUserAttributes(write: AttributeWrite): Promise<number> {
    return this.#node.attributes.writeUser(write);
  }

  userAttributes(appId: string, userId: string, keys: readonly string[]): Promise<Attributes> {
    return this.#node.attributes.readUser(appId, userId, keys);
  }

  writeChannelAttributes(write: AttributeWrite): Promise<ChannelWrite> {
    return this.#node.attributes.writeChannel(write);
  }

  channelAttributes(appId: string, channelId: string, keys: readonly string[]): Promise<Attributes> {
    return this.#node.attributes.readChannel(appId, channelId, keys);
  }

  queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    return this.#node.history.query(appId, filter);
  }
}
