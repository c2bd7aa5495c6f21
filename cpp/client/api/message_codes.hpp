#pragma once

// The numbers are the same in SDK 1.5.0 and on the wire; cpp/sdk/pinned_codes.cpp compares them with the public
// headers. docs/spec/enums.md says what each value means and where it can occur.

namespace rtm::client {

/// What `Messages::send()` returns, and `onPeerSendResult` carries.
enum class PeerMessageCode : int {
  Ok = 0,
  Failure = 1,
  SentTimeout = 2,
  PeerUnreachable = 3,
  CachedByServer = 4,
  TooOften = 5,
  InvalidUserId = 6,
  InvalidMessage = 7,
  IncompatibleMessage = 8,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// Kind of a message.
enum class MessageType : int {
  Undefined = 0,
  Text = 1,
  Raw = 2,
  File = 3,
  Image = 4,
};

}  // namespace rtm::client
