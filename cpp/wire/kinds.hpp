#pragma once

// The enumerations of proto/rtm.proto, name for name (PascalCase, without the prefix). What a value means stands there.

#include <cstdint>

namespace rtm::wire {

enum class FrameKind : std::uint8_t {
  None = 0,
  Hello = 1,
  HelloOk = 2,
  Login = 3,
  LoginResult = 4,
  Resume = 5,
  ResumeResult = 6,
  Logout = 7,
  Bye = 8,
  Ping = 9,
  Pong = 10,
  RenewToken = 11,
  Result = 12,
  PeerSend = 16,
  ChannelSend = 17,
  SendResults = 18,
  PeerMessage = 19,
  ChannelMessage = 20,
  InboxAck = 21,
  Join = 32,
  JoinResult = 33,
  Leave = 34,
  GetMembers = 35,
  Members = 36,
  MemberEvent = 37,
  MemberCount = 38,
  ChannelKicked = 39,
  GetMemberCounts = 40,
  MemberCounts = 41,
  ChannelPositions = 42,
  PresenceQuery = 48,
  PresenceStates = 49,
  PresenceSubscribe = 50,
  PresenceUnsubscribe = 51,
  PresenceEvent = 52,
  UserAttributesWrite = 64,
  UserAttributesRead = 65,
  UserAttributes = 66,
  ChannelAttributesWrite = 67,
  ChannelAttributesRead = 68,
  ChannelAttributes = 69,
  ChannelAttributesEvent = 70,
  MediaUpload = 80,
  MediaDownload = 81,
  MediaTicket = 82,
  MediaOpen = 83,
  MediaOpened = 84,
  MediaData = 85,
  MediaEnd = 86,
  MediaStored = 87,
  MediaCancel = 88,
  HistoryQuery = 96,
  HistoryResult = 97,
};

/// The frame kind that carries a message: its `kKind`, or None for messages that only occur inside others.
template <typename M>
inline constexpr FrameKind kKindOf = [] {
  if constexpr (requires { M::kKind; }) {
    return M::kKind;
  } else {
    return FrameKind::None;
  }
}();

enum class Capability : std::uint32_t {
  None = 0,
  Resume = 1,
  MediaMessages = 2,
  Calls = 4,
};

enum class RateGroup : std::uint32_t {
  None = 0,
  Login = 1,
  RenewToken = 2,
  Send = 3,
  Join = 4,
  JoinSameChannel = 5,
  GetMembers = 6,
  MemberCount = 7,
  PresenceQuery = 8,
  Subscribe = 9,
  Unsubscribe = 10,
  SubscriptionList = 11,
  UserAttributesWrite = 12,
  UserAttributesRead = 13,
  ChannelAttributesWrite = 14,
  ChannelAttributesRead = 15,
};

enum class ByeCode : std::uint32_t {
  None = 0,
  Malformed = 1,
  TooLarge = 2,
  Unexpected = 3,
  LoginTimeout = 4,
  RemoteLogin = 5,
  Banned = 6,
  TokenExpired = 7,
  SlowConsumer = 8,
  ShuttingDown = 9,
  Version = 10,
  Overloaded = 11,
  SessionMoved = 12,
};

enum class ContentType : std::uint32_t {
  Undefined = 0,
  Text = 1,
  Raw = 2,
  File = 3,
  Image = 4,
  Call = 15,
};

enum class CallAction : std::uint32_t {
  None = 0,
  Invite = 1,
  Received = 2,
  Cancel = 3,
  Accept = 4,
  AcceptAck = 5,
  Refuse = 6,
};

enum class SendFlag : std::uint32_t {
  None = 0,
  Offline = 1,
  History = 2,
};

enum class PresenceState : std::uint32_t {
  Online = 0,
  Unreachable = 1,
  Offline = 2,
};

enum class HistoryCode : std::uint32_t {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  TooOften = 3,
  NotAllowed = 4,
};

enum class AttributeAction : std::uint32_t {
  Set = 0,
  Merge = 1,
  Delete = 2,
  Clear = 3,
};

}  // namespace rtm::wire
