#pragma once

// The numbers are those of SDK 1.5.0 and of the wire; cpp/sdk/pinned_codes.cpp compares them with the public headers.
// docs/spec/enums.md says what each value means and where it can occur.

namespace rtm::client {

/// What `History::query()` returns, and `onHistoryResult` carries. An addition to SDK 1.5.0.
enum class HistoryCode : int {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  TooOften = 3,
  NotAllowed = 4,
  Timeout = 5,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

}  // namespace rtm::client
