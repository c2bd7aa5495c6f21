/**
 * The seam between the data plane of a node and the state that nodes share: the C++ `EngineClient` and `EngineSink`, seen
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
 * - Offsets rise by one, except for a jump where a failover may have lost some. No offset is used twice.
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
  /** Bit set of the wire's `SendFlag`: offline, history, and the kind of content. */
  readonly flags: number;
  readonly serverTimeMs: number;
  /** A receiver without these capabilities does not get the message, and the sender gets code 8. */
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
   * Where the session lived until now, if that was on this node: the data plane moves its state. Absent if the session
   * came from another node.
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
   * A join after a resume: the member keeps its membership, other members hear nothing, and missed messages come back.
   * If the user is no member any more, `joined` is false.
   */
  readonly again: boolean;
  /**
   * With `again` the client's position. An epoch of zeros is unknown, and brings all messages since the user joined.
   */
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
  /** Offset of the last message before the join. */
  readonly offset: number;
  readonly memberCount: number;
  /** With `again`: `replay` has all messages that the client has missed. */
  readonly complete: boolean;
  /** Oldest first, at most 32, of the last 30 s. */
  readonly replay: readonly ChannelMessage[];
  /**
   * With `again`, if the members have been told the channel's attributes since the client's position: the present
   * attributes.
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
  /** Of a channel: all members are told the whole set. */
  readonly notify: boolean;
  readonly action: number;
  /** Pairs of key and value. Of equal keys the last counts. */
  readonly entries: readonly (readonly [string, string])[];
}

export interface StoredAttribute {
  readonly key: string;
  readonly value: string;
  readonly updatedBy: string;
  readonly updatedMs: number;
}

export interface Attributes {
  /** Whether the user is online; always true for a channel. */
  readonly found: boolean;
  /** In ascending order of the bytes of the keys. */
  readonly entries: readonly StoredAttribute[];
}

/** The operations of a node on the state that nodes share. */
export interface Engine {
  /**
   * Connects, takes the node's lease, and tells `news` from then on. Rejects with an error that says what is wrong and
   * what to do about it.
   */
  start(news: EngineNews): Promise<void>;
  /** How many channels have members on this node now. */
  readonly channels: number;
  /** Gives the lease back. Another node removes the sessions that are left on this one. */
  close(): Promise<void>;

  /** The outcome comes by {@link EngineNews.sendResults}; see `EngineClient::sendToPeer` for the codes. */
  sendToPeer(op: PeerSend): void;
  /** The outcome comes by {@link EngineNews.sendResults}: 0 = ordered; FAILURE = not a member with this fence. */
  publish(op: Publish): void;
  /** The client has received all messages of its inbox up to `offset`; their senders get OK. */
  acknowledge(appId: string, userId: string, fence: number, offset: number): void;

  openSession(request: OpenRequest): Promise<OpenOutcome>;
  resumeSession(request: ResumeRequest): Promise<ResumeOutcome>;
  /** The resume has been answered: peer messages above the client's position come, then new ones. */
  startDelivery(appId: string, userId: string, fence: number): void;
  /** The client has used the new link, so it has the new token. */
  confirmResume(appId: string, userId: string, fence: number): void;
  /** No connection now: the session ends (GraceOver) unless resumed within `graceMs`. */
  linkLost(appId: string, userId: string, fence: number, graceMs: number): void;
  /** The data plane hears {@link EngineNews.endSession}, wherever the session lives. */
  closeSession(appId: string, userId: string, fence: number, reason: SessionEnd): void;
  /** Closes the session that the user has, if any; resolves with whether there was one. */
  closeUser(appId: string, userId: string, reason: SessionEnd): Promise<boolean>;
  /** Removes the user's session from a channel; resolves with whether the session was a member. */
  kick(appId: string, userId: string, channelId: string): Promise<boolean>;
  /** The answer to {@link EngineNews.endSession}: the session is in no channel any more. */
  sessionEnded(appId: string, userId: string, sessionId: string): void;

  join(request: JoinRequest): Promise<JoinOutcome>;
  /**
   * Resolves with whether the session was a member. A leave that rejects is still done later, unless the session joins
   * again before.
   */
  leave(appId: string, channelId: string, userId: string, fence: number): Promise<boolean>;
  /** At most `limit` members, chosen at random if there are more; undefined if the asking session is no member. */
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
   * Loop `loop` watches users: the present state of each comes by {@link EngineNews.presence}, then the promise
   * resolves. A watch that rejects is still done later.
   */
  watch(loop: number, appId: string, userIds: readonly string[]): Promise<void>;
  unwatch(loop: number, appId: string, userIds: readonly string[]): void;
  /** The client has been silent for so long that watchers are told, or has been heard again. */
  noteSilence(appId: string, userId: string, fence: number, silent: boolean): void;

  /** 0, SIZE_OVERFLOW (nothing changed) or FAILURE (old fence). */
  writeUserAttributes(write: AttributeWrite): Promise<number>;
  userAttributes(appId: string, userId: string, keys: readonly string[]): Promise<Attributes>;
  writeChannelAttributes(write: AttributeWrite): Promise<number>;
  channelAttributes(appId: string, channelId: string, keys: readonly string[]): Promise<Attributes>;

  /** Queries the history, which the engine keeps, because a cluster has no other store. */
  queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage>;
}

/**
 * News of the shared state for a node. The methods never throw. A session or channel that they name may be gone
 * already.
 */
export interface EngineNews {
  /** The outcome of sends. If a send is told twice, the first outcome counts. */
  sendResults(to: SessionAddress, firstSeq: number, count: number, code: number): void;
  /** Peer messages of one session, in the order of its inbox. The engine keeps them until they are acknowledged. */
  peerMessage(
    to: SessionAddress,
    offset: number,
    message: Omit<ChannelMessage, 'epoch' | 'offset'> & { readonly cached: boolean },
  ): void;
  /** A message for all members of a channel on this node except one session. */
  channelMessage(appId: string, channelId: string, message: ChannelMessage, exceptSessionId: string): void;
  /**
   * Users who have joined and left, and the present number of members. Told only while a channel has at most 512
   * members.
   */
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
  /** The session was removed from a channel: the data plane tells the client and leaves the channel. */
  kicked(session: SessionAddress, channelId: string): void;
  /** The session is over: the data plane says BYE, leaves all its channels, then calls {@link Engine.sessionEnded}. */
  endSession(session: SessionAddress, reason: SessionEnd): void;
  /** The session was resumed on another node: drop its link and its state, and say nothing to anybody. */
  dropSession(session: SessionAddress): void;
  /**
   * The lease is in danger: send all clients away with the advice to come again in `retryAfterMs`, and let nobody log
   * in until {@link resume}.
   */
  suspend(retryAfterMs: number): void;
  /** The engine is back: clients may log in again. */
  resume(): void;
}
