/**
 * The seam between the data plane of a node and state that nodes share: the C++ `EnginePort` and `EngineSink`, seen
 * from JavaScript (docs/decisions/006). Each operation is atomic within the partition of the one user or channel it
 * names.
 *
 * - Order: what a node asks of one user or channel is executed in the order asked; what the engine tells of one user or
 *   channel arrives in the order of its state.
 * - Fences: each login and each resume gets a fence, rising per user. An operation that names an old fence changes
 *   nothing.
 * - Every operation with a promise settles: with an outcome, or rejected with the reason (the data plane then answers
 *   FAILURE, or asks the client to come again), within the engine's own time limit.
 * - 64-bit ids (`sessionId`, `epoch`) are 16 lower-case hex digits; times are milliseconds; codes are those of the SDK.
 * - Offsets rise by one, but for a jump where a failover may have lost some: none is ever used twice.
 */

import type { HistoryFilter, HistoryPage } from '../storage/message-store.js';

/** Where a session lives. `loop` is an I/O thread of that node. */
export interface SessionAddress {
  readonly loop: number;
  readonly sessionId: string;
}

/** Why a session ended; the numbers of `SessionEnd` in C++. */
export const SessionEnd = { Logout: 0, RemoteLogin: 1, Banned: 2, TokenExpired: 3, GraceOver: 4 } as const;
export type SessionEnd = (typeof SessionEnd)[keyof typeof SessionEnd];

/** Where a user stands; the numbers of PEER_ONLINE_STATE (docs/spec/enums.md). */
export const Presence = { Online: 0, Unreachable: 1, Offline: 2 } as const;
export type Presence = (typeof Presence)[keyof typeof Presence];

export interface PeerSend {
  readonly appId: string;
  readonly sender: SessionAddress;
  readonly seq: number;
  readonly senderId: string;
  readonly receiverId: string;
  /** Bit set of wire `SendFlag`: offline, history, and what kind of content. */
  readonly flags: number;
  readonly serverTimeMs: number;
  /** A receiver without these capabilities gets nothing, the sender code 8. */
  readonly requiredCapabilities: number;
  readonly content: Uint8Array;
}

export interface Publish {
  readonly appId: string;
  readonly sender: SessionAddress;
  readonly fence: number;
  readonly seq: number;
  readonly senderId: string;
  readonly channelId: string;
  readonly flags: number;
  readonly serverTimeMs: number;
  readonly requiredCapabilities: number;
  readonly content: Uint8Array;
}

export interface OpenRequest {
  readonly appId: string;
  readonly userId: string;
  readonly address: SessionAddress;
  readonly capabilities: number;
}

export interface OpenOutcome {
  /** False: a later login of the same user came while the previous session was still ending. */
  readonly opened: boolean;
  readonly fence: number;
  /** 16 bytes. */
  readonly resumeToken: Uint8Array;
  readonly inboxEpoch: string;
  readonly inboxOffset: number;
}

export interface ResumeRequest {
  readonly appId: string;
  readonly userId: string;
  /** The session's id and the loop of this node that it moves to. */
  readonly address: SessionAddress;
  readonly token: Uint8Array;
  readonly capabilities: number;
  readonly inboxEpoch: string;
  readonly inboxOffset: number;
}

/** The numbers of `ResumeOutcome::Status` in C++. */
export const ResumeStatus = { Resumed: 0, Unknown: 1, RemoteLogin: 2, Banned: 3, Busy: 4 } as const;
export type ResumeStatus = (typeof ResumeStatus)[keyof typeof ResumeStatus];

export interface ResumeOutcome {
  readonly status: ResumeStatus;
  readonly fence: number;
  readonly resumeToken: Uint8Array;
  /** False: some missed peer messages are lost. */
  readonly inboxComplete: boolean;
  /**
   * Where the session lived until now, if on this node: the data plane moves its state. Absent: it came from another
   * node.
   */
  readonly previous?: SessionAddress;
}

export interface JoinRequest {
  readonly appId: string;
  readonly channelId: string;
  readonly userId: string;
  readonly address: SessionAddress;
  readonly fence: number;
  /**
   * After a resume: keeps the membership, others hear nothing, missed messages come back. Without one: `joined` is
   * false.
   */
  readonly again: boolean;
  /** With `again`: the client's position; an epoch of zeros is unknown, and brings everything since it joined. */
  readonly epoch: string;
  readonly offset: number;
}

export interface ChannelMessage {
  readonly epoch: string;
  readonly offset: number;
  readonly senderId: string;
  readonly flags: number;
  readonly serverTimeMs: number;
  readonly requiredCapabilities: number;
  readonly content: Uint8Array;
}

export interface JoinOutcome {
  readonly joined: boolean;
  readonly epoch: string;
  /** Of the last message before. */
  readonly offset: number;
  readonly memberCount: number;
  /** With `again`: nothing was missed that `replay` does not hold. */
  readonly complete: boolean;
  /** Oldest first, at most 32, of the last 30 s. */
  readonly replay: readonly ChannelMessage[];
  /**
   * With `again`: the members were told the channel's attributes since the client's position, and these are they now.
   */
  readonly missedAttributes?: readonly StoredAttribute[];
}

/** The numbers of wire `AttributeAction`. */
export interface AttributeWrite {
  readonly appId: string;
  /** User id or channel id. */
  readonly owner: string;
  readonly writerId: string;
  readonly sessionId: string;
  readonly fence: number;
  readonly requestId: number;
  readonly serverTimeMs: number;
  /** Channels: members get the whole set. */
  readonly notify: boolean;
  readonly action: number;
  /** Key, value; of equal keys the last counts. */
  readonly entries: readonly (readonly [string, string])[];
}

export interface StoredAttribute {
  readonly key: string;
  readonly value: string;
  readonly updatedBy: string;
  readonly updatedMs: number;
}

export interface Attributes {
  /** Users: is online. Channels: always true. */
  readonly found: boolean;
  /** Keys ascending by bytes. */
  readonly entries: readonly StoredAttribute[];
}

/** What a node asks of the state that nodes share. */
export interface Engine {
  /**
   * Connects, takes the node's lease, and tells `news` from then on. Rejects with what is wrong and what to do about
   * it.
   */
  start(news: EngineNews): Promise<void>;
  /** How many channels have members on this node now. */
  readonly channels: number;
  /** Gives the lease back. The sessions of this node, if any are left, are another node's to remove. */
  close(): Promise<void>;

  /** The outcome comes by {@link EngineNews.sendResults}; see `EnginePort::sendToPeer` for the codes. */
  sendToPeer(op: PeerSend): void;
  /** The outcome comes by {@link EngineNews.sendResults}: 0 = ordered; FAILURE = not a member with this fence. */
  publish(op: Publish): void;
  /** Everything up to `offset` of the inbox was received; its senders get their OK. */
  acknowledge(appId: string, userId: string, fence: number, offset: number): void;

  openSession(request: OpenRequest): Promise<OpenOutcome>;
  resumeSession(request: ResumeRequest): Promise<ResumeOutcome>;
  /** After the resume was answered: peer messages above the client's position come, then what is new. */
  startDelivery(appId: string, userId: string, fence: number): void;
  /** The client has used the new link, so it has the new token. */
  confirmResume(appId: string, userId: string, fence: number): void;
  /** No connection now: the session ends (GraceOver) unless resumed within `graceMs`. */
  linkLost(appId: string, userId: string, fence: number, graceMs: number): void;
  /** The data plane hears {@link EngineNews.endSession}, wherever the session lives. */
  closeSession(appId: string, userId: string, fence: number, reason: SessionEnd): void;
  /** The same for whatever session the user has; whether there was one. */
  closeUser(appId: string, userId: string, reason: SessionEnd): Promise<boolean>;
  /** Puts the user's session out of a channel; whether it was in it. */
  kick(appId: string, userId: string, channelId: string): Promise<boolean>;
  /** The answer to {@link EngineNews.endSession}: the session is in no channel any more. */
  sessionEnded(appId: string, userId: string, sessionId: string): void;

  join(request: JoinRequest): Promise<JoinOutcome>;
  /** Whether the session was a member. One that rejects is still done, unless the session joins again before. */
  leave(appId: string, channelId: string, userId: string, fence: number): Promise<boolean>;
  /** At most `limit` members, at random if there are more; undefined: the asking session is none. */
  members(
    appId: string,
    channelId: string,
    userId: string,
    fence: number,
    limit: number,
  ): Promise<string[] | undefined>;
  memberCount(appId: string, channelId: string): Promise<number>;

  presence(appId: string, userIds: readonly string[]): Promise<Presence[]>;
  /**
   * Loop `loop` watches users: the present state of each comes by {@link EngineNews.presence}, then this resolves. One
   * that rejects is still done, later.
   */
  watch(loop: number, appId: string, userIds: readonly string[]): Promise<void>;
  unwatch(loop: number, appId: string, userIds: readonly string[]): void;
  /** The client has been silent so long that others shall know, or was heard again. */
  noteSilence(appId: string, userId: string, fence: number, silent: boolean): void;

  /** 0, SIZE_OVERFLOW (nothing changed) or FAILURE (old fence). */
  writeUserAttributes(write: AttributeWrite): Promise<number>;
  userAttributes(appId: string, userId: string, keys: readonly string[]): Promise<Attributes>;
  writeChannelAttributes(write: AttributeWrite): Promise<number>;
  channelAttributes(appId: string, channelId: string, keys: readonly string[]): Promise<Attributes>;

  /** What is in the history: the engine keeps it, since a cluster has no other store. */
  queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage>;
}

/** What the shared state tells a node. Never throws; what it names may be gone, which is no error. */
export interface EngineNews {
  /** The outcome of sends; of one told twice the first counts. */
  sendResults(to: SessionAddress, firstSeq: number, count: number, code: number): void;
  /** Peer messages of one session, in the order of its inbox. The engine keeps them until they are acknowledged. */
  peerMessage(
    to: SessionAddress,
    offset: number,
    message: Omit<ChannelMessage, 'epoch' | 'offset'> & { readonly cached: boolean },
  ): void;
  /** A message for all members of a channel on this node, but for one session. */
  channelMessage(appId: string, channelId: string, message: ChannelMessage, exceptSessionId: string): void;
  /** Who joined and who left, and how many there are now; at most 512 members are told of it. */
  memberEvent(
    appId: string,
    channelId: string,
    joined: readonly string[],
    left: readonly string[],
    memberCount: number,
  ): void;
  memberCount(appId: string, channelId: string, count: number): void;
  channelAttributes(appId: string, channelId: string, entries: readonly StoredAttribute[]): void;
  presence(loop: number, appId: string, userId: string, state: Presence): void;
  /** Put out of a channel: its client is told, and the data plane leaves it. */
  kicked(session: SessionAddress, channelId: string): void;
  /** The session is over: the data plane says BYE, leaves all its channels, then calls {@link Engine.sessionEnded}. */
  endSession(session: SessionAddress, reason: SessionEnd): void;
  /** The session was resumed on another node: drop its link and its state, and say nothing to anybody. */
  dropSession(session: SessionAddress): void;
  /**
   * The lease is in danger: send all clients away, to come again in `retryAfterMs`, and let nobody in until resumed.
   */
  suspend(retryAfterMs: number): void;
  /** The engine is back: clients may log in again. */
  resume(): void;
}
