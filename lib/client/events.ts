import type { CONNECTION_CHANGE_REASON } from '../enums.js';
import type { RtmError } from '../errors.js';
import type { AttributesNotice } from './attributes.js';
import type { QueueOverflow } from './message-queue.js';
import type { ChannelMessage, PeerMessage } from './messages.js';
import type { PresenceNotice } from './presence.js';

/**
 * Where a client stands.
 *
 * - `'connecting'` – the login is under way
 * - `'connected'` – logged in
 * - `'reconnecting'` – logged in, but the link has been lost for 4 s; the client retries for ever by itself
 * - `'aborted'` – the server ended the login: same user elsewhere, ban, token expiry. Only `logout()` leads out
 * - `'disconnected'` – logged out; a client does not come back from here
 */
export type ClientState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'aborted';

/** All states. */
export const CLIENT_STATES: readonly ClientState[] = [
  'disconnected',
  'connecting',
  'connected',
  'reconnecting',
  'aborted',
];

/** Why the state changed. */
export type StateChangeReason =
  | 'login'
  | 'loginSuccess'
  | 'loginFailure'
  | 'loginTimeout'
  | 'interrupted'
  | 'logout'
  | 'bannedByServer'
  | 'remoteLogin'
  | 'tokenExpired';

/** Messages that were lost with the link, or may have been. */
export interface Missed {
  /** Whether messages of peers are missing, or may be. */
  readonly peer: boolean;
  /** Ids of the channels of which messages are missing, or may be. */
  readonly channels: readonly string[];
}

/**
 * A change of {@link ClientState}, or a lost link that is back: then the state is `'connected'`, also if the loss was too
 * short to be a change, so that `previous` is `'connected'`, too.
 */
export interface StateChange {
  /** The state until now. */
  readonly previous: ClientState;
  /** The state from now on, as in `client.state`. */
  readonly current: ClientState;
  /** Why it changed, in a word. */
  readonly reason: StateChangeReason;
  /** The same reason as the SDK's `CONNECTION_CHANGE_REASON`. */
  readonly reasonCode: CONNECTION_CHANGE_REASON;
  /** The error that ended the login; only with `'aborted'`. */
  readonly error?: RtmError | undefined;
  /**
   * True if a lost link is back and the session goes on. False for every other change: also if the link is back, but the
   * server had forgotten the session, so that the client has logged in again and restored channels, attributes and
   * subscriptions.
   */
  readonly resumed: boolean;
  /** What is missing since the loss of the link; nothing, unless the link is back. */
  readonly missed: Missed;
}

/**
 * In a loop over messages with the option `gaps`: here messages are missing, or may be, since the link was lost. Neither
 * text nor raw bytes.
 */
export interface MessageGap {
  /** Tells a gap from a message. */
  readonly type: 'gap';
  /** The channel; undefined in the messages of peers. */
  readonly channelId?: string | undefined;
  /** As in {@link StateChange}. False: the server had forgotten the session, and nobody knows whether anything is missing. */
  readonly resumed: boolean;
  /** A gap has no text. */
  readonly text?: undefined;
  /** A gap has no raw bytes. */
  readonly raw?: undefined;
}

/** About the token in use. */
export interface TokenNotice {
  /** The user whose token it is. */
  readonly userId: string;
}

/** Messages came faster than they were read, and some were lost. Sent once per crossing of the limit. */
export interface SlowConsumer extends QueueOverflow {
  /** The source of the messages: peers, or one channel. */
  readonly source: 'peer' | 'channel';
  /** The channel's id if `source` is `'channel'`. */
  readonly channelId?: string | undefined;
  /**
   * `'error'`: a loop failed. `'dropOldest'`: a loop lost its oldest messages. `'unread'`: nobody was reading, and the
   * oldest waiting messages were lost.
   */
  readonly policy: 'error' | 'dropOldest' | 'unread';
}

/** Another user has joined or left. */
export interface MemberNotice {
  /** Id of the channel. */
  readonly channelId: string;
  /** The user who has joined or left. */
  readonly userId: string;
}

/** How many members a channel has, this one included. */
export interface MemberCount {
  /** Id of the channel. */
  readonly channelId: string;
  /** 1 or more. */
  readonly count: number;
}

/** The end of a membership. */
export interface ChannelLeft {
  /** Id of the channel. */
  readonly channelId: string;
  /** `'left'`: asked for by `leave()`. `'kicked'`: by the server. `'closed'`: the client logged out or was aborted. */
  readonly reason: 'left' | 'kicked' | 'closed';
}

/**
 * The events of an `RtmClient`, one object each. There is no `'error'` event: what fails rejects the call it belongs
 * to, and the loss of the connection is a change of state.
 */
export interface ClientEvents {
  /** A message from a peer. */
  message: [message: PeerMessage];
  /** States of users subscribed to by `presence.subscribe()`: the present ones first, then what changes. */
  presence: [notice: PresenceNotice];
  /** The state changed, or a lost link is back. */
  state: [change: StateChange];
  /** 30 s before the token in use expires; call `renewToken()`. At once after login if less is left. */
  tokenWillExpire: [notice: TokenNotice];
  /** The token has expired. While connected this ends the login; while reconnecting `renewToken()` saves it. */
  tokenExpired: [notice: TokenNotice];
  /** Peer messages were lost to a full queue; a channel reports its own. */
  slowConsumer: [notice: SlowConsumer];
}

/** The events of a `Channel`, one object each. */
export interface ChannelEvents {
  /** A message from another member. */
  message: [message: ChannelMessage];
  /** Another user joined; not sent while the channel has more than 512 members. */
  memberJoined: [notice: MemberNotice];
  /** Another user left, logged out, or was silent for 30 s; not sent above 512 members. */
  memberLeft: [notice: MemberNotice];
  /** The number of members, after joining and then at most once a second (every 3 s above 512 members). */
  memberCount: [notice: MemberCount];
  /** The channel's attributes were written with `notify: true`; the complete set. */
  attributes: [notice: AttributesNotice];
  /** This membership ended. */
  left: [notice: ChannelLeft];
  /** Messages of this channel were lost to a full queue. */
  slowConsumer: [notice: SlowConsumer];
}
