#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "server/model/names.hpp"
#include "wire/media_direction.hpp"

namespace rtm::server {

/// 128 random bits that let connections carry the body of one transfer.
using MediaTicketKey = std::array<std::uint8_t, 16>;

/// A media id is so many random bytes, in lower-case hexadecimal digits.
inline constexpr std::size_t kMediaIdBytes = 16;

/// SHA-256 of a whole body.
using MediaDigest = std::array<std::uint8_t, 32>;

using wire::MediaDirection;

/// A connection that carries a body, on the loop that accepted it.
struct MediaAddress {
  std::uint32_t loop = 0;
  std::uint64_t connection = 0;
  friend bool operator==(const MediaAddress&, const MediaAddress&) = default;
};

/// Why a connection must let go of its transfer.
enum class MediaRevoked : std::uint8_t {
  Replaced,  ///< a newer connection came with the same ticket
  Ended,     ///< the ticket is over: its session has ended, or the server closes
};

}  // namespace rtm::server
