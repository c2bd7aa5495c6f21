// The kinds of events that cross from C++, and who takes them. Fields: see decode.ts.
import type {
  ChannelAttribute,
  MediaMessage,
  MemberCount,
  PastMessage,
  PeerStatus,
  TransferProgress,
  UserAttribute,
} from './values.js';

/** Kinds of records. `cpp/binding/event_kinds.hpp` has the same table; a test compares them. */
export const EventKind = {
  UserName: 1,
  Log: 2,
  LoginSuccess: 10,
  LoginFailure: 11,
  RenewTokenResult: 12,
  TokenExpired: 13,
  TokenWillExpire: 14,
  Logout: 15,
  ConnectionState: 16,
  PeerSendResult: 17,
  PeerMessage: 18,
  LinkEstablished: 19,
  JoinSuccess: 40,
  JoinFailure: 41,
  Leave: 42,
  ChannelSendResult: 43,
  ChannelMessage: 44,
  MemberJoined: 45,
  MemberLeft: 46,
  Members: 47,
  ChannelAttributes: 48,
  MemberCount: 49,
  Subscription: 60,
  SetUserAttributes: 61,
  AddUserAttributes: 62,
  DeleteUserAttributes: 63,
  ClearUserAttributes: 64,
  SetChannelAttributes: 65,
  AddChannelAttributes: 66,
  DeleteChannelAttributes: 67,
  ClearChannelAttributes: 68,
  DownloadToFile: 69,
  CancelMedia: 70,
  QueryPeers: 71,
  PeersBySubscription: 72,
  PeersChanged: 73,
  UserAttributes: 74,
  ChannelAttributesResult: 75,
  MemberCounts: 76,
  UploadProgress: 77,
  DownloadProgress: 78,
  DownloadToMemory: 79,
  ServerStarted: 80,
  ServerClosed: 81,
  ServerDone: 82,
  ServerOrders: 83,
  LocalCallReceived: 90,
  LocalCallCanceled: 91,
  LocalCallFailure: 92,
  LocalCallAccepted: 93,
  LocalCallRefused: 94,
  RemoteCallReceived: 95,
  RemoteCallAccepted: 96,
  RemoteCallRefused: 97,
  RemoteCallCanceled: 98,
  RemoteCallFailure: 99,
  HistoryResult: 100,
  Upload: 110,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** Kinds of results that say nothing but a request's outcome. */
export type PlainResultKind =
  | typeof EventKind.Subscription
  | typeof EventKind.SetUserAttributes
  | typeof EventKind.AddUserAttributes
  | typeof EventKind.DeleteUserAttributes
  | typeof EventKind.ClearUserAttributes
  | typeof EventKind.SetChannelAttributes
  | typeof EventKind.AddChannelAttributes
  | typeof EventKind.DeleteChannelAttributes
  | typeof EventKind.ClearChannelAttributes
  | typeof EventKind.DownloadToFile
  | typeof EventKind.CancelMedia;

/** What takes messages of other users: a service those to its user, a channel those of its members. */
export interface MessageSink {
  /**
   * A text or raw message. The fields come one by one: each reader makes its own object of them, and only that one.
   * `raw` is undefined for a text. `serverReceivedTs` is in milliseconds since 1970 UTC.
   */
  onMessage(
    userId: string,
    id: number,
    type: 1 | 2,
    text: string,
    raw: Buffer | undefined,
    serverReceivedTs: number,
    offline: boolean,
  ): void;
  onMediaMessage(userId: string, message: MediaMessage): void;
}

/** What happens to a service. */
export interface ServiceSink extends MessageSink {
  onLoginSuccess(): void;
  onLoginFailure(code: number): void;
  onRenewTokenResult(token: string, code: number): void;
  onTokenExpired(): void;
  onTokenWillExpire(): void;
  onLogout(code: number): void;
  onConnectionState(state: number, reason: number): void;
  onPeerSendResult(messageId: number, code: number): void;
  /** `how`: 0 by a login, 1 by a resume, 2 a lost link by a new login. `ms`: since the login call, or since the loss. */
  onLinkEstablished(how: number, complete: boolean, ms: number, server: string): void;
  onPlainResult(kind: PlainResultKind, requestId: number, code: number): void;
  onQueryPeers(requestId: number, states: PeerStatus[], code: number): void;
  onPeersBySubscription(requestId: number, peerIds: string[], code: number): void;
  onPeersChanged(states: PeerStatus[]): void;
  onUserAttributes(requestId: number, userId: string, attributes: UserAttribute[], code: number): void;
  onChannelAttributesResult(requestId: number, attributes: ChannelAttribute[], code: number): void;
  onMemberCounts(requestId: number, counts: MemberCount[], code: number): void;
  onHistoryResult(requestId: number, messages: PastMessage[], total: number, code: number): void;
  onUploadProgress(requestId: number, progress: TransferProgress): void;
  onDownloadProgress(requestId: number, progress: TransferProgress): void;
  onDownloadToMemory(requestId: number, memory: Buffer, code: number): void;
  /** On failure the fields of `message` are empty, but its type still says which kind of upload it was. */
  onUpload(requestId: number, message: MediaMessage, code: number): void;
}

/** What happens to a channel. */
export interface ChannelSink extends MessageSink {
  onJoinSuccess(): void;
  onJoinFailure(code: number): void;
  onLeave(code: number): void;
  onChannelSendResult(messageId: number, code: number): void;
  onMemberJoined(userId: string): void;
  onMemberLeft(userId: string): void;
  onMembers(userIds: string[], code: number): void;
  onChannelAttributes(attributes: ChannelAttribute[]): void;
  onMemberCount(count: number): void;
}

/** What happens to a server. */
export interface ServerSink {
  /** `failure` is empty when it has started. */
  onServerStarted(port: number, fingerprint: string, failure: string): void;
  onServerClosed(): void;
  /** The outcome of an order to it. */
  onServerDone(request: number, outcome: boolean): void;
  /** Orders to JavaScript wait: `serverTakeOrders` gives some of them, and this comes again if there are more. */
  onServerOrders(): void;
  onLog(level: number, line: string): void;
}

/** What happens to an invitation of the caller. */
export interface LocalCallSink {
  onLocalCallReceived(): void;
  onLocalCallCanceled(): void;
  onLocalCallFailure(code: number): void;
  onLocalCallAccepted(response: string): void;
  onLocalCallRefused(response: string): void;
}

/** What happens to the invitations that a call manager receives, by their numbers. */
export interface RemoteCallsSink {
  onRemoteCallReceived(number: number, callerId: string, content: string, channelId: string): void;
  onRemoteCallAccepted(number: number): void;
  onRemoteCallRefused(number: number): void;
  onRemoteCallCanceled(number: number): void;
  onRemoteCallFailure(number: number, code: number): void;
}

/** Everything that takes events. */
export type Sink = ServiceSink | ChannelSink | ServerSink | LocalCallSink | RemoteCallsSink;

/** Finds what an event belongs to, by the handle of the native object; undefined: retired, the event is dropped. */
export interface Sinks {
  get(handle: number): Sink | undefined;
  /** A line of the client's log. */
  onClientLog(level: number, line: string): void;
}
