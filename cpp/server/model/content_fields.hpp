#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// Longest life of a message that expires: as long as a store keeps one.
inline constexpr std::uint64_t kLongestLifeMs = std::uint64_t{7} * 24 * 3600 * 1000;

/// Adds fields to a content. Fields of a message may stand in any order, so what follows the sender's bytes is part of
/// the same content.
void addFields(Bytes& content, const wire::Content& fields);
/// By the wall clock of the server that took the message; 0: never.
std::uint64_t expiryOf(ByteView content);

inline bool expired(ByteView content, std::uint64_t nowMs) {
  const std::uint64_t at = expiryOf(content);
  return at != 0 && at <= nowMs;
}

}  // namespace rtm::server
