// What events carry, as plain values. lib/sdk and lib/client make their own objects of these.

/** Type numbers of a message on the way to and from the addon; the values of `MESSAGE_TYPE`. */
export const MessageType = { Text: 1, Raw: 2, File: 3, Image: 4 } as const;

/** What a file or image message has besides its text. Sizes in pixels are 0 if unknown, and always 0 for a file. */
export interface MediaFields {
  readonly mediaId: string;
  readonly fileName: string;
  /** Bytes of the uploaded body. */
  readonly size: number;
  readonly thumbnail: Buffer;
  readonly width: number;
  readonly height: number;
  readonly thumbnailWidth: number;
  readonly thumbnailHeight: number;
}

/** A received or uploaded file or image. */
export interface MediaMessage extends MediaFields {
  readonly type: typeof MessageType.File | typeof MessageType.Image;
  readonly id: number;
  readonly text: string;
  /** When the server took it, in milliseconds since 1970 UTC; 0 for an upload. */
  readonly serverReceivedTs: number;
  readonly offline: boolean;
}

/** The presence of one user; `onlineState` is a number of `PEER_ONLINE_STATE`. */
export interface PeerStatus {
  readonly peerId: string;
  readonly isOnline: boolean;
  readonly onlineState: 0 | 1 | 2;
}

/** One attribute of a user. */
export interface UserAttribute {
  readonly key: string;
  readonly value: string;
}

/** One attribute of a channel, with its last writer and the time of that write in milliseconds since 1970 UTC. */
export interface ChannelAttribute {
  readonly key: string;
  readonly value: string;
  readonly lastUpdateUserId: string;
  readonly lastUpdateTs: number;
}

/** Number of members of one channel. */
export interface MemberCount {
  readonly channelId: string;
  readonly count: number;
}

/** How far an upload or download has come, in bytes. */
export interface TransferProgress {
  readonly totalSize: number;
  readonly currentSize: number;
}

/** One message of the history. */
export interface PastMessage {
  readonly source: string;
  readonly destination: string;
  /** Whether `destination` is a channel. */
  readonly channel: boolean;
  readonly serverReceivedTs: number;
  readonly text: string;
}
