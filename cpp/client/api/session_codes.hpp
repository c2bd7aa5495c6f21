#pragma once

// The numbers are the same in SDK 1.5.0 and on the wire; cpp/sdk/pinned_codes.cpp compares them with the public
// headers. docs/spec/enums.md says what each value means and where it can occur.

namespace rtm::client {

/// What `Client::initialize()` returns.
enum class InitCode : int {
  Ok = 0,
  Failure = 1,
  AlreadyInitialized = 2,
  InvalidAppId = 3,
  InvalidArgument = 4,
};

/// What `Client::login()` returns, and why `onLoginFailure` came.
enum class LoginCode : int {
  Ok = 0,
  Unknown = 1,
  Rejected = 2,
  InvalidArgument = 3,
  InvalidAppId = 4,
  InvalidToken = 5,
  TokenExpired = 6,
  NotAuthorized = 7,
  AlreadyLoggedIn = 8,
  Timeout = 9,
  TooOften = 10,
  NotInitialized = 101,
};

/// What `Client::logout()` returns, and `onLogout` carries.
enum class LogoutCode : int {
  Ok = 0,
  Rejected = 1,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// What `Client::renewToken()` returns, and `onRenewTokenResult` carries.
enum class RenewTokenCode : int {
  Ok = 0,
  Failure = 1,
  InvalidArgument = 2,
  Rejected = 3,
  TooOften = 4,
  TokenExpired = 5,
  InvalidToken = 6,
  NotInitialized = 101,
  UserNotLoggedIn = 102,
};

/// State of the connection; see `onConnectionState`.
enum class ConnectionState : int {
  Disconnected = 1,
  Connecting = 2,
  Connected = 3,
  Reconnecting = 4,
  Aborted = 5,
};

/// Why the state of the connection changed.
enum class ConnectionReason : int {
  Login = 1,
  LoginSuccess = 2,
  LoginFailure = 3,
  LoginTimeout = 4,
  Interrupted = 5,
  Logout = 6,
  BannedByServer = 7,
  RemoteLogin = 8,
  TokenExpired = 9,
};

}  // namespace rtm::client
