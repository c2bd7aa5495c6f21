#pragma once

// The numbers are the same in SDK 1.5.0 and on the wire; cpp/sdk/pinned_codes.cpp compares them with the public
// headers. docs/spec/enums.md says what each value means and where it can occur.

namespace rtm::client {

/// What `Media::upload()` returns, and `onUploaded` carries.
enum class UploadCode : int {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  Timeout = 3,
  SizeOverflow = 4,
  ConcurrencyLimitExceeded = 5,
  Interrupted = 6,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What the downloads of `Media` return, and their result events carry.
enum class DownloadCode : int {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  Timeout = 3,
  NotExist = 4,
  ConcurrencyLimitExceeded = 5,
  Interrupted = 6,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Media::cancel()` returns, and `onMediaCancelled` carries.
enum class CancelMediaCode : int {
  Ok = 0,
  Failure = 1,
  NotExist = 2,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

}  // namespace rtm::client
