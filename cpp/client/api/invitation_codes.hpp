#pragma once

// The numbers are the same in SDK 1.5.0 and on the wire; cpp/sdk/pinned_codes.cpp compares them with the public
// headers. docs/spec/enums.md says what each value means and where it can occur.

namespace rtm::client {

/// What the calls of `Invitations` return.
enum class InvitationCode : int {
  Ok = 0,
  InvalidArgument = 1,
  NotStarted = 2,
  AlreadyEnd = 3,
  AlreadyAccept = 4,
  AlreadySent = 5,
};

/// An invitation as its caller sees it. The states from AcceptedByRemote on are ends.
enum class LocalInvitationState : int {
  Idle = 0,
  SentToRemote = 1,
  ReceivedByRemote = 2,
  AcceptedByRemote = 3,
  RefusedByRemote = 4,
  Canceled = 5,
  Failure = 6,
};

/// An invitation as its callee sees it. The states from Refused on are ends.
enum class RemoteInvitationState : int {
  Idle = 0,
  InvitationReceived = 1,
  AcceptSentToLocal = 2,
  Refused = 3,
  Accepted = 4,
  Canceled = 5,
  Failure = 6,
};

/// Why an invitation failed for its caller.
enum class LocalInvitationError : int {
  Ok = 0,
  PeerOffline = 1,
  PeerNoResponse = 2,
  InvitationExpire = 3,
  NotLoggedIn = 4,
};

/// Why an invitation failed for its callee.
enum class RemoteInvitationError : int {
  Ok = 0,
  PeerOffline = 1,
  AcceptFailure = 2,
  InvitationExpire = 3,
};

}  // namespace rtm::client
