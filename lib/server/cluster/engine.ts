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
 * - 64-bit ids (`sessionId`, `epoch`) are 16 lower-case hex digits; times are milliseconds; codes are the codes of the
 *   SDK.
 * - Offsets rise by one, except for a jump where a failover may have lost some. No offset is used twice.
 */

import type { EngineOperations, Presence, SessionAddress, SessionEnd, StoredAttribute } from './engine-seam.js';

export * from './engine-seam.js';

/** A message of a channel, as its members get it. */
export interface ChannelMessage {
  readonly epoch: string;
  readonly offset: number;
  readonly senderId: string;
  readonly flags: number;
  readonly serverTimeMs: number;
  readonly requiredCapabilities: number;
  readonly content: Uint8Array;
}

/** The state that nodes share: its operations, and what else a node needs of it. */
export interface Engine extends EngineOperations {
  /**
   * Connects, takes the node's lease, and tells `news` from then on. Rejects with an error that says what is wrong and
   * what to do about it.
   */
  start(news: EngineNews): Promise<void>;
  /** How many channels have members on this node now. */
  readonly channels: number;
  /** Gives the lease back. Another node removes the sessions that are left on this one. */
  close(): Promise<void>;
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
