#pragma once

// The numbers are the same in SDK 1.5.0 and on the wire; cpp/sdk/pinned_codes.cpp compares them with the public
// headers. docs/spec/enums.md says what each value means and where it can occur.

namespace rtm::client {

/// What `Channel::join()` returns, and `onJoinFailure` carries.
enum class JoinCode : int {
  Ok = 0,
  Failure = 1,
  Rejected = 2,
  InvalidArgument = 3,
  Timeout = 4,
  ExceedLimit = 5,
  AlreadyJoined = 6,
  TooOften = 7,
  JoinSameChannelTooOften = 8,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Channel::leave()` returns, and `onLeave` carries.
enum class LeaveCode : int {
  Ok = 0,
  Failure = 1,
  Rejected = 2,
  NotInChannel = 3,
  Kicked = 4,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Channel::send()` returns, and `onSendResult` carries.
enum class ChannelMessageCode : int {
  Ok = 0,
  Failure = 1,
  SentTimeout = 2,
  TooOften = 3,
  InvalidMessage = 4,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Channel::queryMembers()` returns, and `onMembers` carries.
enum class MembersCode : int {
  Ok = 0,
  Failure = 1,
  Rejected = 2,
  Timeout = 3,
  TooOften = 4,
  NotInChannel = 5,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Channels::queryMemberCounts()` returns, and `onMemberCounts` carries.
enum class MemberCountCode : int {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  TooOften = 3,
  Timeout = 4,
  ExceedLimit = 5,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

}  // namespace rtm::client
