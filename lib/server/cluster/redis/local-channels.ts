import type { ChannelMessage, JoinRequest, StoredAttribute } from '../engine.js';
import { LARGE_COUNT_INTERVAL_MS, NOTICE_BURST, SMALL_COUNT_INTERVAL_MS } from '../engine-constants.js';
import type { News } from '../mailboxes.js';
import { PARTITIONS } from '../partitions.js';
import { attributesOf } from './attributes.js';
import type { Core } from './core.js';
import { field, number, text } from './fields.js';
import type { Scoped } from './keys.js';

const NOTICE_RETRY_MS = 1000;
/** No notice is due later, whatever the clock of Redis did. */
const LONGEST_WAIT_MS = LARGE_COUNT_INTERVAL_MS * NOTICE_BURST;

/** The session of a member on this node. */
export interface Member {
  readonly sessionId: string;
  readonly loop: number;
  readonly fence: number;
}

/** A channel with members on this node. */
export interface LocalChannel {
  readonly appId: string;
  readonly channelId: string;
  readonly channel: Scoped;
  readonly members: Map<string, Member>;
  epoch: string;
  /** Offset of the last message that was told. */
  offset: number;
  /** Number of the last join or leave that was told. */
  version: number;
  /** Number of the newest write of its attributes that was told. */
  toldWrite: number;
  /** When its attributes were last told, by the clock of Redis. */
  noticedAt: string;
  /** How many members it has on all nodes. */
  count: number;
  toldAt: number;
  toldCount: number;
  timer: NodeJS.Timeout | undefined;
  /** Runs until the members are told the attributes. */
  noticeTimer: NodeJS.Timeout | undefined;
}

/** Fields of an entry of the replay ring (scripts/channel.lua). */
export function messageOf(epoch: string, entry: News): { message: ChannelMessage; sender: string } {
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

/** The channels with members on this node: who they are, and what these have been told. Each thing is told once. */
export class LocalChannels {
  readonly #channels = new Map<string, LocalChannel>();
  readonly #byPartition = Array.from({ length: PARTITIONS }, () => new Set<LocalChannel>());

  constructor(private readonly core: Core) {}

  get size(): number {
    return this.#channels.size;
  }

  get(id: string): LocalChannel | undefined {
    return this.#channels.get(id);
  }

  /** All channels of a partition. */
  in(partition: number): Iterable<LocalChannel> {
    return this.#byPartition[partition] ?? [];
  }

  /** The channel that a session joins, new or known. */
  enter(request: JoinRequest, channel: Scoped): LocalChannel {
    let local = this.#channels.get(channel.id);
    if (local === undefined) {
      local = {
        appId: request.appId,
        channelId: request.channelId,
        channel,
        members: new Map(),
        epoch: '',
        offset: 0,
        toldWrite: 0,
        noticedAt: '0',
        version: 0,
        count: 0,
        toldAt: -LARGE_COUNT_INTERVAL_MS,
        toldCount: -1,
        timer: undefined,
        noticeTimer: undefined,
      };
      this.#channels.set(channel.id, local);
      this.#byPartition[channel.partition]?.add(local);
    }
    return local;
  }

  exit(local: LocalChannel, userId: string): void {
    local.members.delete(userId);
    if (local.members.size > 0) return;
    clearTimeout(local.timer);
    clearTimeout(local.noticeTimer);
    this.#channels.delete(local.channel.id);
    this.#byPartition[local.channel.partition]?.delete(local);
  }

  /** The session is not on this node any more. */
  forgetSession(sessionId: string): void {
    for (const local of this.#channels.values()) {
      for (const [userId, member] of local.members) if (member.sessionId === sessionId) this.exit(local, userId);
    }
  }

  /** All sessions of this node are gone. */
  clear(): void {
    this.stop();
    this.#channels.clear();
    for (const part of this.#byPartition) part.clear();
  }

  stop(): void {
    for (const local of this.#channels.values()) {
      clearTimeout(local.timer);
      clearTimeout(local.noticeTimer);
    }
  }

  /** A message for the members, unless they have been told it. */
  message(local: LocalChannel, message: ChannelMessage, sender: string): void {
    if (message.epoch === local.epoch && message.offset <= local.offset) return;
    local.epoch = message.epoch;
    local.offset = message.offset;
    this.core.news.channelMessage(local.appId, local.channelId, message, sender);
  }

  /** A user has joined (`+`) or left, unless the members have been told it; `count`: how many there are now. */
  membership(local: LocalChannel, version: number, what: string, user: string, count: number): void {
    if (version <= local.version) return;
    local.version = version;
    const { appId, channelId } = local;
    this.core.news.memberEvent(appId, channelId, what === '+' ? [user] : [], what === '+' ? [] : [user], count);
    this.counted(local, count);
  }

  /**
   * Tells the attributes as write number `write` left them, unless they were told, or newer ones: an answer of a read may
   * come behind the news of a later write.
   */
  attributes(local: LocalChannel, write: number, entries: readonly StoredAttribute[]): void {
    if (write <= local.toldWrite) return;
    local.toldWrite = write;
    this.core.news.channelAttributes(local.appId, local.channelId, entries);
  }

  /** A notice of the attributes is due in `wait` ms: the members get the attributes of that moment. */
  attributesDue(local: LocalChannel, wait: number): void {
    if (local.noticeTimer !== undefined) return;
    const capped = Math.min(wait, LONGEST_WAIT_MS);
    local.noticeTimer = setTimeout(() => void this.#tellAttributes(local), capped).unref();
  }

  async #tellAttributes(local: LocalChannel): Promise<void> {
    const { partition, keys } = local.channel;
    // From here on a write asks for another notice: this read may not see it.
    local.noticeTimer = undefined;
    const present = () => !this.core.closed && this.#channels.get(local.channel.id) === local;
    try {
      const [write, list] = await this.core.scripts.call<[Buffer, Buffer[]]>(partition, 'readChannel', keys, []);
      if (present()) this.attributes(local, Number(String(write)), attributesOf(list, []));
    } catch {
      if (present()) this.attributesDue(local, NOTICE_RETRY_MS);
    }
  }

  /** Tells the size at once after a quiet time, then at most every second or three, always the newest. */
  counted(local: LocalChannel, count: number): void {
    local.count = count;
    if (local.timer !== undefined) return;
    const { noticeLimit } = this.core.settings;
    const interval = noticeLimit === 0 || count <= noticeLimit ? SMALL_COUNT_INTERVAL_MS : LARGE_COUNT_INTERVAL_MS;
    const wait = Math.max(0, local.toldAt + interval - performance.now());
    // Even the first notice waits for a timer: the sessions that join in this turn are told of their own joining first.
    local.timer = setTimeout(() => {
      local.timer = undefined;
      if (this.core.closed || local.count === local.toldCount) return;
      local.toldAt = performance.now();
      local.toldCount = local.count;
      this.core.news.memberCount(local.appId, local.channelId, local.count);
    }, wait).unref();
  }
}
