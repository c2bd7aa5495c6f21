// The kinds of events that cross from C++, and who takes them. Fields: see decode.ts.
import type { RtmMessage } from './sdk/message.js';

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
  ServerStarted: 80,
  ServerClosed: 81,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** What happens to a service. */
export interface ServiceSink {
  onLoginSuccess(): void;
  onLoginFailure(code: number): void;
  onRenewTokenResult(token: string, code: number): void;
  onTokenExpired(): void;
  onTokenWillExpire(): void;
  onLogout(code: number): void;
  onConnectionState(state: number, reason: number): void;
  onPeerSendResult(messageId: number, code: number): void;
  onPeerMessage(peerId: string, message: RtmMessage): void;
}

/** One attribute of a channel as it crosses. */
export interface AttributeRecord {
  readonly key: string;
  readonly value: string;
  readonly userId: string;
  readonly ts: number;
}

/** What happens to a channel. */
export interface ChannelSink {
  onJoinSuccess(): void;
  onJoinFailure(code: number): void;
  onLeave(code: number): void;
  onChannelSendResult(messageId: number, code: number): void;
  onChannelMessage(userId: string, message: RtmMessage): void;
  onMemberJoined(userId: string): void;
  onMemberLeft(userId: string): void;
  onMembers(userIds: string[], code: number): void;
  onChannelAttributes(attributes: AttributeRecord[]): void;
  onMemberCount(count: number): void;
}

/** What happens to a server. */
export interface ServerSink {
  /** `failure` is empty when it has started. */
  onServerStarted(port: number, fingerprint: string, failure: string): void;
  onServerClosed(): void;
  onLog(level: number, line: string): void;
}

/** Finds what an event belongs to, by the handle of the native object; undefined: retired, the event is dropped. */
export interface Sinks {
  get(handle: number): ServiceSink | ChannelSink | ServerSink | undefined;
  /** A line of the client's log. */
  onClientLog(level: number, line: string): void;
}
