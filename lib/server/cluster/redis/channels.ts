import { randomBytes } from 'node:crypto';
import type { Answers } from '../answers.js';
import type { ChannelMessage, JoinOutcome, JoinRequest, Publish, StoredAttribute } from '../engine.js';
import { EngineError } from '../lanes.js';
import type { News } from '../mailboxes.js';
import { PARTITIONS, splitId } from '../partitions.js';
import { attributesOf } from './attributes.js';
import { historyOf } from './content.js';
import type { Core } from './core.js';
import { field, number, text, unpack } from './fields.js';
import { channelKeys, historyKey, type Scoped, sourceHistoryKey } from './keys.js';

interface Member {
  readonly sessionId: string;
  readonly loop: number;
  readonly fence: number;
}

/** A channel with members on this node. */
interface LocalChannel {
  readonly appId: string;
  readonly channelId: string;
  readonly channel: Scoped;
  readonly members: Map<string, Member>;
  epoch: string;
  /** Of the last message that was told. */
  offset: number;
  /** Number of the last join or leave that was told. */
  version: number;
  /** When its attributes were last told, by the clock of Redis. */
  noticedAt: string;
  count: number;
  toldAt: number;
  toldCount: number;
  timer: NodeJS.Timeout | undefined;
}

interface Leaving {
  again: NodeJS.Timeout | undefined;
}

const leaveKey = (channel: Scoped, userId: string, fence: number) => `${fence} ${channel.id} ${userId}`;

type JoinReply = [
  seq: number,
  epoch: Buffer,
  offset: Buffer,
  count: number,
  complete: number,
  replay: Buffer[],
  attributes: Buffer[],
  noticed?: number,
  version?: Buffer,
];

const CHANNEL_FAILURE = 1;
const RETRY_MS = 1000;
/** How often members are told the size of their channel, at most (docs/spec/limits.md §5). */
const SMALL_INTERVAL_MS = 1000;
const LARGE_INTERVAL_MS = 3000;

/** Fields of an entry of the replay ring (scripts/channel.lua). */
function messageOf(epoch: string, entry: News): { message: ChannelMessage; sender: string } {
  return {
    sender: text(entry, 2),
    message: {
      epoch,
      offset: number(entry, 0),
      senderId: text(entry, 3),
      flags: number(entry, 4),
      serverTimeMs: number(entry, 5),
      requiredCapabilities: number(entry, 6),
      content: field(entry, 7),
    },
  };
}

/** Membership and messages of channels: scripts channel, join and publish. */
export class Channels {
  readonly #channels = new Map<string, LocalChannel>();
  /** Leaves that Redis has not answered with success yet, by {@link leaveKey}. */
  readonly #leaving = new Map<string, Leaving>();
  readonly #byPartition = Array.from({ length: PARTITIONS }, () => new Set<LocalChannel>());

  constructor(
    private readonly core: Core,
    private readonly answers: Answers,
    /** The present fence of a session, if it is on this node. */
    private readonly fenceOf: (sessionId: string) => number | undefined,
  ) {}

  publish(op: Publish): void {
    const channel = channelKeys(op.appId, op.channelId);
    const keys = [
      ...channel.keys,
      historyKey(channel, true),
      sourceHistoryKey(channel.partition, op.appId, op.senderId),
    ];
    const { sessionId } = op.sender;
    const answer = (code: number) => {
      if (!this.core.closed) this.core.news.sendResults(op.sender, op.seq, 1, code);
    };
    this.core.scripts
      .call<Buffer>(channel.partition, 'publish', keys, [
        channel.id,
        op.senderId,
        sessionId,
        String(op.fence),
        String(op.seq),
        String(op.flags),
        String(op.serverTimeMs),
        String(op.requiredCapabilities),
        historyOf(op),
        String(this.core.settings.historyRetentionMs),
        Buffer.from(op.content),
      ])
      .then(
        (code) => answer(Number(String(code))),
        (error: unknown) => {
          if (error instanceof EngineError && !error.uncertain) answer(CHANNEL_FAILURE);
        },
      );
  }

  async join(request: JoinRequest): Promise<JoinOutcome> {
    const channel = channelKeys(request.appId, request.channelId);
    const { loop, sessionId } = request.address;
    this.#forgetLeave(leaveKey(channel, request.userId, request.fence));
    let outcome: JoinOutcome | undefined;
    await this.answers.ask<JoinReply>(
      channel.partition,
      (number_) =>
        this.core.scripts.call<JoinReply>(channel.partition, 'join', channel.keys, [
          channel.id,
          request.userId,
          this.core.node,
          String(loop),
          sessionId,
          String(request.fence),
          request.again ? '1' : '0',
          request.epoch,
          String(request.offset),
          randomBytes(8).toString('hex'),
          String(number_),
          String(this.core.settings.noticeLimit),
        ]),
      (reply) => reply[0],
      (reply) => {
        outcome = this.#joined(request, channel, reply);
      },
    );
    return outcome as JoinOutcome;
  }

  #joined(request: JoinRequest, channel: Scoped, reply: JoinReply): JoinOutcome {
    const [, epoch, offset, count, complete, replay, attributes, noticed, version] = reply;
    if (epoch === undefined) {
      return { joined: false, epoch: '0'.repeat(16), offset: 0, memberCount: 0, complete: false, replay: [] };
    }
    const local = this.#enter(request, channel);
    // Of two answers that waited for lost news, the older one may come last.
    const newer = (local.members.get(request.userId)?.fence ?? 0) > request.fence;
    if (!newer) local.members.set(request.userId, { ...request.address, fence: request.fence });
    const last = Number(String(offset));
    if (local.epoch !== String(epoch)) {
      local.epoch = String(epoch);
      local.offset = last;
      local.version = Number(String(version));
    }
    if (last > local.offset) local.offset = last;
    this.#counted(local, count);
    const outcome: JoinOutcome = {
      joined: true,
      epoch: local.epoch,
      offset: last,
      memberCount: count,
      complete: complete === 1,
      replay: replay.map((entry) => messageOf(local.epoch, unpack(entry)).message),
    };
    return noticed === 1 ? { ...outcome, missedAttributes: attributesOf(attributes, []) } : outcome;
  }

  #enter(request: JoinRequest, channel: Scoped): LocalChannel {
    let local = this.#channels.get(channel.id);
    if (local === undefined) {
      local = {
        appId: request.appId,
        channelId: request.channelId,
        channel,
        members: new Map(),
        epoch: '',
        offset: 0,
        noticedAt: '0',
        version: 0,
        count: 0,
        toldAt: -LARGE_INTERVAL_MS,
        toldCount: -1,
        timer: undefined,
      };
      this.#channels.set(channel.id, local);
      this.#byPartition[channel.partition]?.add(local);
    }
    return local;
  }

  #exit(local: LocalChannel, userId: string): void {
    local.members.delete(userId);
    if (local.members.size > 0) return;
    clearTimeout(local.timer);
    this.#channels.delete(local.channel.id);
    this.#byPartition[local.channel.partition]?.delete(local);
  }

  async leave(appId: string, channelId: string, userId: string, fence: number): Promise<boolean> {
    const channel = channelKeys(appId, channelId);
    const local = this.#channels.get(channel.id);
    if (local?.members.get(userId)?.fence === fence) this.#exit(local, userId);
    return this.#leave(channel, userId, fence);
  }

  /** What fails is tried until Redis has it, or the session joins again: nobody else would end the membership. */
  async #leave(channel: Scoped, userId: string, fence: number): Promise<boolean> {
    const { noticeLimit, attributeAfterlifeMs } = this.core.settings;
    const args = [channel.id, userId, String(fence), String(noticeLimit), String(attributeAfterlifeMs)];
    const key = leaveKey(channel, userId, fence);
    const mine: Leaving = { again: undefined };
    this.#forgetLeave(key);
    this.#leaving.set(key, mine);
    try {
      const left = await this.core.scripts.call<number>(channel.partition, 'leave', channel.keys, args);
      if (this.#leaving.get(key) === mine) this.#leaving.delete(key);
      return left === 1;
    } catch (error) {
      if (this.#leaving.get(key) === mine && !this.core.closed) {
        mine.again = setTimeout(() => this.#leave(channel, userId, fence).catch(() => undefined), RETRY_MS).unref();
      }
      throw error;
    }
  }

  #forgetLeave(key: string): void {
    clearTimeout(this.#leaving.get(key)?.again);
    this.#leaving.delete(key);
  }

  async kick(appId: string, userId: string, channelId: string): Promise<boolean> {
    const channel = channelKeys(appId, channelId);
    const { noticeLimit, attributeAfterlifeMs } = this.core.settings;
    const args = [channel.id, userId, String(noticeLimit), String(attributeAfterlifeMs)];
    return (await this.core.scripts.call<number>(channel.partition, 'kick', channel.keys, args)) === 1;
  }

  async members(
    appId: string,
    channelId: string,
    userId: string,
    fence: number,
    limit: number,
  ): Promise<string[] | undefined> {
    const channel = channelKeys(appId, channelId);
    const args = [userId, String(fence), String(limit)];
    const [member, names] = await this.core.scripts.call<[number, Buffer[]?]>(
      channel.partition,
      'members',
      channel.keys,
      args,
    );
    return member === 1 ? (names ?? []).map(String) : undefined;
  }

  memberCount(appId: string, channelId: string): Promise<number> {
    const channel = channelKeys(appId, channelId);
    return this.core.scripts.call<number>(channel.partition, 'count', channel.keys, []);
  }

  /** All sessions of this node are gone. */
  reset(): void {
    this.stop();
    this.#channels.clear();
    for (const part of this.#byPartition) part.clear();
  }

  /** The session is not here any more. */
  forgetSession(sessionId: string): void {
    for (const local of this.#channels.values()) {
      for (const [userId, member] of local.members) if (member.sessionId === sessionId) this.#exit(local, userId);
    }
  }

  stop(): void {
    for (const local of this.#channels.values()) clearTimeout(local.timer);
    for (const key of [...this.#leaving.keys()]) this.#forgetLeave(key);
  }

  /** With members on this node. */
  get size(): number {
    return this.#channels.size;
  }

  // ---- news -----------------------------------------------------------------------------------------------------

  handle(letter: string, news: News): void {
    const local = this.#channels.get(text(news, 1));
    if (letter === 'K') {
      this.#kicked(news, local);
      return;
    }
    if (local === undefined) return;
    const { appId, channelId } = local;
    switch (letter) {
      case 'C': {
        const { message, sender } = messageOf(text(news, 2), news.slice(3));
        this.#message(local, message, sender);
        return;
      }
      case 'M':
        this.#membership(local, number(news, 5), text(news, 3), text(news, 4), number(news, 2));
        break;
      case 'N':
        this.#counted(local, number(news, 2));
        return;
      case 'A':
        this.core.news.channelAttributes(appId, channelId, attributesOf(news.slice(2), []));
        return;
    }
  }

  #message(local: LocalChannel, message: ChannelMessage, sender: string): void {
    if (message.epoch === local.epoch && message.offset <= local.offset) return;
    local.epoch = message.epoch;
    local.offset = message.offset;
    this.core.news.channelMessage(local.appId, local.channelId, message, sender);
  }

  #membership(local: LocalChannel, version: number, what: string, user: string, count: number): void {
    if (version <= local.version) return;
    local.version = version;
    const { appId, channelId } = local;
    this.core.news.memberEvent(appId, channelId, what === '+' ? [user] : [], what === '+' ? [] : [user], count);
    this.#counted(local, count);
  }

  #kicked(news: News, local: LocalChannel | undefined): void {
    const { name } = splitId(field(news, 1));
    const userId = text(news, 2);
    const sessionId = text(news, 4);
    const member = local?.members.get(userId);
    const mine = member?.sessionId === sessionId;
    if (local !== undefined && mine) this.#exit(local, userId);
    this.core.news.kicked({ loop: mine ? member.loop : number(news, 3), sessionId }, name);
  }

  /** Tells the size at once after a quiet time, then at most every second or three, always the newest. */
  #counted(local: LocalChannel, count: number): void {
    local.count = count;
    if (local.timer !== undefined) return;
    const { noticeLimit } = this.core.settings;
    const interval = noticeLimit === 0 || count <= noticeLimit ? SMALL_INTERVAL_MS : LARGE_INTERVAL_MS;
    const wait = Math.max(0, local.toldAt + interval - performance.now());
    // Even the first one leaves after those who came in this turn are told of their own joining.
    local.timer = setTimeout(() => {
      local.timer = undefined;
      if (this.core.closed || local.count === local.toldCount) return;
      local.toldAt = performance.now();
      local.toldCount = local.count;
      this.core.news.memberCount(local.appId, local.channelId, local.count);
    }, wait).unref();
  }

  // ---- after lost news ------------------------------------------------------------------------------------------

  questions(partition: number): (string | Buffer)[] {
    const ask: string[] = [];
    for (const local of this.#byPartition[partition] ?? []) {
      ask.push('c', local.channel.id, local.epoch, String(local.offset), String(local.version));
      for (const [userId, { sessionId, fence }] of local.members) {
        ask.push('m', local.channel.id, userId, sessionId, String(fence));
      }
    }
    return ask;
  }

  channelState(answer: readonly unknown[]): void {
    const [, id, epoch, offset, count, entries, noticedAt, attributes, version, notices] = answer as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
      number,
      Buffer[],
      Buffer,
      Buffer[],
      Buffer,
      Buffer[],
    ];
    const local = this.#channels.get(String(id));
    if (local === undefined) return;
    for (const entry of notices) {
      const fields = unpack(entry);
      this.#membership(local, number(fields, 0), text(fields, 1), text(fields, 2), count);
    }
    local.version = Number(String(version));
    for (const entry of entries) {
      const { message, sender } = messageOf(String(epoch), unpack(entry));
      this.#message(local, message, sender);
    }
    local.epoch = String(epoch);
    if (Number(String(offset)) > local.offset) local.offset = Number(String(offset));
    if (String(noticedAt) !== local.noticedAt) {
      local.noticedAt = String(noticedAt);
      const entriesNow: readonly StoredAttribute[] = attributesOf(attributes, []);
      this.core.news.channelAttributes(local.appId, local.channelId, entriesNow);
    }
    this.#counted(local, count);
  }

  memberState(answer: readonly unknown[]): void {
    const [, id, user, fence, there] = answer as [Buffer, Buffer, Buffer, Buffer, number];
    const local = this.#channels.get(String(id));
    const member = local?.members.get(String(user));
    if (there === 1 || local === undefined || member === undefined || String(member.fence) !== String(fence)) return;
    // Resumed since: its joining again tells what became of the membership.
    if ((this.fenceOf(member.sessionId) ?? 0) > member.fence) return;
    this.#exit(local, String(user));
    this.core.news.kicked({ loop: member.loop, sessionId: member.sessionId }, local.channelId);
  }
}
