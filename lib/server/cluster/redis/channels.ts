import { randomBytes } from 'node:crypto';
import type { Answers } from '../answers.js';
import { ChannelCode } from '../codes.js';
import type { JoinOutcome, JoinRequest, Publish } from '../engine.js';
import { EngineError } from '../lanes.js';
import { attributesOf } from './attributes.js';
import { historyOf, lifeOf } from './content.js';
import type { Core } from './core.js';
import { unpack } from './fields.js';
import type { History } from './history.js';
import { channelKeys, keepingKeys, type Scoped } from './keys.js';
import { type LocalChannels, messageOf } from './local-channels.js';
import { joinArguments, publishArguments } from './script-arguments.js';

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

const RETRY_MS = 1000;
/** Membership and messages of channels: scripts channel, join and publish. */
export class Channels {
  /** Leaves that Redis has not answered with success yet, by {@link leaveKey}. */
  readonly #leaving = new Map<string, Leaving>();

  constructor(
    private readonly core: Core,
    private readonly answers: Answers,
    private readonly local: LocalChannels,
    private readonly history: History,
  ) {}

  publish(op: Publish): void {
    const channel = channelKeys(op.appId, op.channelId);
    const keys = [...channel.keys, ...keepingKeys(channel, true, op.senderId)];
    const { sessionId } = op.sender;
    const record = historyOf(op);
    const kept = this.history.keepable(record);
    const answer = (code: number) => {
      if (!this.core.closed) this.core.news.sendResults(op.sender, op.seq, 1, code);
    };
    const args = publishArguments(
      {
        id: channel.id,
        userId: op.senderId,
        sessionId,
        fence: op.fence,
        seq: op.seq,
        flags: op.flags,
        timeMs: op.serverTimeMs,
        capabilities: op.requiredCapabilities,
        historyRecord: kept,
        content: Buffer.from(op.content),
      },
      this.core.settings,
    );
    const published = async () => {
      const code = Number(String(await this.core.scripts.call<Buffer>(channel.partition, 'publish', keys, args)));
      if (code !== ChannelCode.Ok || record.length === 0) return code;
      if (kept.length > 0) this.history.received(channel.partition, op.appId, kept);
      await this.history.keepSent(op.appId, op.senderId, op.sender, op.seq, record);
      return code;
    };
    published().then(answer, (error: unknown) => {
      if (error instanceof EngineError && !error.uncertain) answer(ChannelCode.Failure);
    });
  }

  async join(request: JoinRequest): Promise<JoinOutcome> {
    const channel = channelKeys(request.appId, request.channelId);
    const { loop, sessionId } = request.address;
    this.#forgetLeave(leaveKey(channel, request.userId, request.fence));
    let outcome: JoinOutcome | undefined;
    await this.answers.ask<JoinReply>(
      channel.partition,
      (number_) =>
        this.core.scripts.call<JoinReply>(
          channel.partition,
          'join',
          channel.keys,
          joinArguments(
            {
              id: channel.id,
              userId: request.userId,
              node: this.core.node,
              loop,
              sessionId,
              fence: request.fence,
              again: request.again,
              epoch: request.epoch,
              offset: request.offset,
              newEpoch: randomBytes(8).toString('hex'),
              request: number_,
            },
            this.core.settings,
          ),
        ),
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
    const local = this.local.enter(request, channel);
    // Two answers may have waited for lost news, and the older one may come last.
    const newer = (local.members.get(request.userId)?.fence ?? 0) > request.fence;
    if (!newer) local.members.set(request.userId, { ...request.address, fence: request.fence });
    const last = Number(String(offset));
    if (local.epoch !== String(epoch)) {
      local.epoch = String(epoch);
      local.offset = last;
      local.version = Number(String(version));
    }
    if (last > local.offset) local.offset = last;
    this.local.counted(local, count);
    const outcome: JoinOutcome = {
      joined: true,
      epoch: local.epoch,
      offset: last,
      memberCount: count,
      complete: complete === 1,
      replay: replay
        .map((entry) => messageOf(local.epoch, unpack(entry)).message)
        .filter((message) => lifeOf(message) > 0),
    };
    return noticed === 1 ? { ...outcome, missedAttributes: attributesOf(attributes, []) } : outcome;
  }

  async leave(appId: string, channelId: string, userId: string, fence: number): Promise<boolean> {
    const channel = channelKeys(appId, channelId);
    const local = this.local.get(channel.id);
    // Its fence may be older than the session's, whose link was lost before it had joined again after a resume.
    if (local !== undefined && (local.members.get(userId)?.fence ?? Infinity) <= fence) this.local.exit(local, userId);
    return this.#leave(channel, userId, fence);
  }

  /**
   * Leaves a channel. A leave that fails is tried until Redis has it or the session joins again, because nothing else
   * would end the membership.
   */
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
    this.local.clear();
    this.#forgetLeaves();
  }

  stop(): void {
    this.local.stop();
    this.#forgetLeaves();
  }

  #forgetLeaves(): void {
    for (const key of [...this.#leaving.keys()]) this.#forgetLeave(key);
  }
}
