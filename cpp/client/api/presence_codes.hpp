#pragma once

// The numbers are the same in SDK 1.5.0 and on the wire; cpp/sdk/pinned_codes.cpp compares them with the public
// headers. docs/spec/enums.md says what each value means and where it can occur.

#include "wire/kinds.hpp"

namespace rtm::client {

/// Presence of a user.
using PeerState = wire::PresenceState;

/// What `Presence::query()` returns, and `onPresenceQueryResult` carries.
enum class PresenceQueryCode : int {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  Rejected = 3,
  Timeout = 4,
  TooOften = 5,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Presence::subscribe()` and `unsubscribe()` return, and `onSubscriptionResult` carries.
enum class SubscriptionCode : int {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  Rejected = 3,
  Timeout = 4,
  TooOften = 5,
  Overflow = 6,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Presence::listSubscriptions()` returns, and `onSubscriptionList` carries.
enum class SubscriptionListCode : int {
  Ok = 0,
  Failure = 1,
  Timeout = 2,
  TooOften = 3,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

}  // namespace rtm::client
