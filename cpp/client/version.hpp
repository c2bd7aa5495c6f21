#pragma once

namespace rtm::client {

/// The version of the surface, and what a client calls itself in HELLO.
inline constexpr const char* kSdkVersion = "1.5.0";

}  // namespace rtm::client
