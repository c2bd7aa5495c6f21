#pragma once

// The numbers are the same in SDK 1.5.0 and on the wire; cpp/sdk/pinned_codes.cpp compares them with the public
// headers. docs/spec/enums.md says what each value means and where it can occur.

namespace rtm::client {

/// What the calls of `Attributes` return, and their result events carry.
enum class AttributeCode : int {
  Ok = 0,
  NotReady = 1,
  Failure = 2,
  InvalidArgument = 3,
  SizeOverflow = 4,
  TooOften = 5,
  UserNotFound = 6,
  Timeout = 7,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

}  // namespace rtm::client
