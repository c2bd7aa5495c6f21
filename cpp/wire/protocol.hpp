#pragma once

// Numbers of the protocol that both ends must agree on, beside kinds, messages and sizes of frames (docs/protocol.md).

#include <cstddef>
#include <cstdint>

#include "base/common_constants.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

using rtm::kProtocolVersion;

/// Kinds from here on are optional: a receiver that does not know one skips it. An unknown kind below breaks the
/// protocol.
inline constexpr std::size_t kFirstOptionalKind = 128;
constexpr bool isOptional(FrameKind kind) {
  return static_cast<std::size_t>(kind) >= kFirstOptionalKind;
}

/// Most bytes in one frame of what a sender may divide: a piece of a body, a page of texts, a list of names. The rest
/// of the frame is for numbers and headers.
inline constexpr std::size_t kMaxPayloadBytes = std::size_t{60} * 1024;
/// Most messages in one answer about the history.
inline constexpr std::uint32_t kMaxHistoryPage = 100;
inline constexpr std::size_t kMaxMediaIdBytes = 256;
/// Most invitations that wait for an answer at one callee: of one caller, and of all. The callee's client keeps to it,
/// and so does the server.
inline constexpr std::size_t kMostInvitationsOfCaller = 64;
inline constexpr std::size_t kMostInvitationsInAll = 256;

}  // namespace rtm::wire
