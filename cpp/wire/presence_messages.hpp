#pragma once

// Who is online: asked once, or watched.
// See messages.hpp for how to read this file.

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

struct PresenceQuery {
  static constexpr FrameKind kKind = FrameKind::PresenceQuery;
  std::uint32_t requestId = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceQuery::requestId), field(2, &PresenceQuery::userIds));
  }
};

struct PresenceStates {
  static constexpr FrameKind kKind = FrameKind::PresenceStates;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<std::uint32_t> states;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceStates::requestId), field(2, &PresenceStates::code),
                           field(3, &PresenceStates::states));
  }
};

struct PresenceSubscribe {
  static constexpr FrameKind kKind = FrameKind::PresenceSubscribe;
  std::uint32_t requestId = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceSubscribe::requestId), field(2, &PresenceSubscribe::userIds));
  }
};

struct PresenceUnsubscribe {
  static constexpr FrameKind kKind = FrameKind::PresenceUnsubscribe;
  std::uint32_t requestId = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceUnsubscribe::requestId), field(2, &PresenceUnsubscribe::userIds));
  }
};

struct PresenceEvent {
  static constexpr FrameKind kKind = FrameKind::PresenceEvent;
  std::vector<std::string_view> userIds;
  std::vector<std::uint32_t> states;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceEvent::userIds), field(2, &PresenceEvent::states));
  }
};

}  // namespace rtm::wire
