export type { CallOptions } from './client/abort.js';
export type {
  AttributesNotice,
  AttributeValues,
  ChannelAttributes,
  ChannelAttributeValue,
  UserAttributes,
} from './client/attributes.js';
export { Calls, type CallsEvents } from './client/calls.js';
export { Channel } from './client/channel.js';
export type {
  ChannelEvents,
  ChannelLeft,
  ClientEvents,
  ClientState,
  MemberCount,
  MemberNotice,
  MessageGap,
  Missed,
  SlowConsumer,
  StateChange,
  StateChangeReason,
  TokenNotice,
} from './client/events.js';
export type {
  History,
  HistoryFilter,
  HistoryMessage,
  HistoryPage,
  HistoryQueryOptions,
} from './client/history.js';
export type { MessageIterator } from './client/inbox.js';
export { IncomingInvitation, type InvitationEnd, OutgoingInvitation } from './client/invitations.js';
export type { DownloadOptions, Media, MediaOptions, MediaProgress } from './client/media.js';
export type { FileContent, ImageContent, MediaContent, WholeMedia } from './client/media-messages.js';
export type { OverflowPolicy } from './client/message-queue.js';
export type {
  ChannelMessage,
  ChannelSendResult,
  Content as MessageContent,
  FromChannel,
  FromPeer,
  NeitherTextNorRaw,
  PeerMessage,
  PeerSendResult,
  RawContent,
  ReceivedFile,
  ReceivedImage,
  ReceivedMessage,
  ReceivedRaw,
  ReceivedText,
  Sendable,
  TextContent,
} from './client/messages.js';
export type {
  AttributeWriteOptions,
  ChannelSendOptions,
  GapMessagesOptions,
  InviteOptions,
  LoginOptions,
  LogLevel,
  LogoutOptions,
  MessagesOptions,
  PeerSendOptions,
  SendOptions,
} from './client/options.js';
export type { Presence, PresenceChange, PresenceNotice, PresenceState } from './client/presence.js';
export { RtmClient } from './client/rtm-client.js';
export * from './enums.js';
export {
  type ArgumentError,
  RtmError,
  type RtmErrorCode,
  type RtmErrorOptions,
  type RtmSdkErrorCode,
  type RtmSdkOperation,
} from './errors.js';
export type {
  ConnectDiagnostic,
  ReconnectDiagnostic,
  RequestDiagnostic,
  ResumeDiagnostic,
} from './native/diagnostics.js';
export * from './own-codes.js';
export { type IRtmChannelAttribute, RtmChannelAttribute } from './sdk/attributes.js';
export {
  type IRtmCallEventHandler,
  type IRtmCallManager,
  type RtmCallEventHandler,
  RtmCallManager,
} from './sdk/calls.js';
export { type IChannel, RtmChannel } from './sdk/channel.js';
export type * from './sdk/handlers.js';
export type { HistoryMessage as SdkHistoryMessage, HistoryQuery as SdkHistoryQuery } from './sdk/history.js';
export {
  type ILocalCallInvitation,
  type IRemoteCallInvitation,
  RtmLocalCallInvitation,
  RtmRemoteCallInvitation,
} from './sdk/invitations.js';
export { type IFileMessage, type IImageMessage, RtmFileMessage, RtmImageMessage } from './sdk/media-message.js';
export { type IChannelMember, RtmChannelMember } from './sdk/member.js';
export { AGORA_RTM_ENDCALL_PREFIX, type IMessage, RtmMessage } from './sdk/message.js';
export {
  createRtmService,
  getRtmSdkVersion,
  type IRtmService,
  RtmService,
  setRtmServiceContext,
} from './sdk/service.js';
export type * from './sdk/structs.js';
export type {
  RtmServerBanOptions,
  RtmServerDrainOptions,
  RtmServerUsageOptions,
} from './server/commands/command-options.js';
export type * from './server/options/server-options.js';
export { RtmServer } from './server/rtm-server.js';
export type {
  RtmServerLoginFailures,
  RtmServerMemory,
  RtmServerNumbers,
  RtmServerStats,
  RtmServerStoreNumbers,
  RtmServerStoreStats,
  RtmServerStoreTimes,
} from './server/stats/stats.js';
export type {
  RtmServerAppUsage,
  RtmServerChannelUsage,
  RtmServerUsage,
  RtmServerUserUsage,
} from './server/stats/usage.js';
export { type AppCredentials, buildToken, createAppCredentials, type TokenOptions } from './server/token.js';
