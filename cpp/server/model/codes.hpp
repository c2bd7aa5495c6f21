#pragma once

// The error enumerations of the API, as far as the server produces them: the values of `code` fields
// (docs/spec/enums.md).

#include <cstdint>

namespace rtm::server::code {

inline constexpr std::uint32_t kOk = 0;

namespace login {
inline constexpr std::uint32_t kUnknown = 1;
inline constexpr std::uint32_t kRejected = 2;
inline constexpr std::uint32_t kInvalidAppId = 4;
inline constexpr std::uint32_t kInvalidToken = 5;
inline constexpr std::uint32_t kTokenExpired = 6;
inline constexpr std::uint32_t kNotAuthorized = 7;
inline constexpr std::uint32_t kTooOften = 10;
}  // namespace login

namespace renew {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kTooOften = 4;
inline constexpr std::uint32_t kTokenExpired = 5;
inline constexpr std::uint32_t kInvalidToken = 6;
}  // namespace renew

namespace peer {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kUnreachable = 3;
inline constexpr std::uint32_t kCached = 4;
inline constexpr std::uint32_t kTooOften = 5;
inline constexpr std::uint32_t kInvalidUserId = 6;
inline constexpr std::uint32_t kInvalidMessage = 7;
inline constexpr std::uint32_t kIncompatibleMessage = 8;
}  // namespace peer

namespace channel {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kTooOften = 3;
inline constexpr std::uint32_t kInvalidMessage = 4;
}  // namespace channel

namespace join {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kInvalidArgument = 3;
inline constexpr std::uint32_t kExceedLimit = 5;
inline constexpr std::uint32_t kTooOften = 7;
inline constexpr std::uint32_t kSameChannelTooOften = 8;
}  // namespace join

namespace leave {
inline constexpr std::uint32_t kNotInChannel = 3;
}  // namespace leave

namespace members {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kTooOften = 4;
inline constexpr std::uint32_t kNotInChannel = 5;
}  // namespace members

namespace count {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kInvalidArgument = 2;
inline constexpr std::uint32_t kTooOften = 3;
inline constexpr std::uint32_t kExceedLimit = 5;
}  // namespace count

namespace presence {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kInvalidArgument = 2;
inline constexpr std::uint32_t kTooOften = 5;
}  // namespace presence

namespace subscription {
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kInvalidArgument = 2;
inline constexpr std::uint32_t kTooOften = 5;
inline constexpr std::uint32_t kOverflow = 6;
}  // namespace subscription

namespace media {  // of UPLOAD_MEDIA_ERR_CODE and DOWNLOAD_MEDIA_ERR_CODE, but for number 4
inline constexpr std::uint32_t kFailure = 1;
inline constexpr std::uint32_t kInvalidArgument = 2;
inline constexpr std::uint32_t kSizeOverflow = 4;  ///< of an upload
inline constexpr std::uint32_t kNotExist = 4;      ///< of a download
inline constexpr std::uint32_t kTooManyTasks = 5;
}  // namespace media

namespace attributes {
inline constexpr std::uint32_t kFailure = 2;
inline constexpr std::uint32_t kInvalidArgument = 3;
inline constexpr std::uint32_t kSizeOverflow = 4;
inline constexpr std::uint32_t kTooOften = 5;
inline constexpr std::uint32_t kUserNotFound = 6;
}  // namespace attributes

}  // namespace rtm::server::code
