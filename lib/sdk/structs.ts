// The plain structures of the C++ surface (docs/spec/api.md §4), as object types. Integers of 64 bits are numbers here:
// message ids, request ids, sizes and times all stay below 2^53.
import type { PEER_ONLINE_STATE, RTM_CLOUD_PROXY_TYPE } from '../enums.js';

export type { RequestResult } from '../session/requests.js';

/** How one message is to be sent (docs/spec/api.md §4, docs/spec/semantics.md §2). What is left out is off. */
export interface SendMessageOptions {
  /**
   * Store the message for up to 7 days if the receiver is offline; the result is then `CACHED_BY_SERVER`. Peer messages
   * only, ignored for channels.
   *
   * @deprecated since 1.5.0, supported
   */
  readonly enableOfflineMessaging?: boolean | undefined;
  /**
   * Keep a text message for 7 days for the server's history queries.
   *
   * @deprecated since 1.5.0, supported
   */
  readonly enableHistoricalMessaging?: boolean | undefined;
}

/** One attribute of a user (docs/spec/api.md §4). */
export interface RtmAttribute {
  /** 1 to 32 bytes of visible characters. */
  readonly key: string;
  /** 1 byte to 8 KB of UTF-8. */
  readonly value: string;
}

/** Per-call options of the channel attributes (docs/spec/api.md §4). */
export interface ChannelAttributeOptions {
  /** Tell all present members of the channel by `onAttributesUpdated`. Holds for that one call. */
  readonly enableNotificationToChannelMembers?: boolean | undefined;
}

/** How far an upload or download has come (docs/spec/api.md §4). */
export interface MediaOperationProgress {
  /** Size of the whole object in bytes. */
  readonly totalSize: number;
  /** Bytes moved so far. */
  readonly currentSize: number;
}

/** Presence of one user (docs/spec/api.md §4, docs/spec/semantics.md §6). */
export interface PeerOnlineStatus {
  /** The user. */
  readonly peerId: string;
  /**
   * True only for ONLINE.
   *
   * @deprecated since 1.2.0: see `onlineState`
   */
  readonly isOnline: boolean;
  /** The state; never UNREACHABLE in the result of a query. */
  readonly onlineState: PEER_ONLINE_STATE;
}

/** Number of members of one channel (docs/spec/api.md §4). */
export interface ChannelMemberCount {
  /** The channel. */
  readonly channelId: string;
  /** 0 for a channel that is empty or unknown. */
  readonly count: number;
}

/** Settings of the whole process (docs/spec/api.md §4, docs/spec/connection.md §6). */
export interface RtmServiceContext {
  /** Bit set of `RTM_AREA_CODE`: the regions whose servers may be used. Default: all. */
  readonly areaCode?: number | undefined;
  /** Default: `RTM_NONE_PROXY`. */
  readonly proxyType?: RTM_CLOUD_PROXY_TYPE | undefined;
}
