#pragma once

// Membership of channels, and what members are told of it.
// See messages.hpp for how to read this file.

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

struct Join {
  static constexpr FrameKind kKind = FrameKind::Join;
  std::uint32_t requestId = 0;
  std::string_view channelId;
  static constexpr auto fields() { return std::make_tuple(field(1, &Join::requestId), field(2, &Join::channelId)); }
};

struct JoinResult {
  static constexpr FrameKind kKind = FrameKind::JoinResult;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  Fixed64 epoch;
  std::uint64_t offset = 0;
  std::uint32_t memberCount = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &JoinResult::requestId), field(2, &JoinResult::code), field(3, &JoinResult::epoch),
                           field(4, &JoinResult::offset), field(5, &JoinResult::memberCount));
  }
};

struct Leave {
  static constexpr FrameKind kKind = FrameKind::Leave;
  std::uint32_t requestId = 0;
  std::string_view channelId;
  static constexpr auto fields() { return std::make_tuple(field(1, &Leave::requestId), field(2, &Leave::channelId)); }
};

struct GetMembers {
  static constexpr FrameKind kKind = FrameKind::GetMembers;
  std::uint32_t requestId = 0;
  std::string_view channelId;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &GetMembers::requestId), field(2, &GetMembers::channelId));
  }
};

struct Members {
  static constexpr FrameKind kKind = FrameKind::Members;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Members::requestId), field(2, &Members::code), field(3, &Members::userIds));
  }
};

struct MemberEvent {
  static constexpr FrameKind kKind = FrameKind::MemberEvent;
  std::string_view channelId;
  std::vector<std::string_view> joined;
  std::vector<std::string_view> left;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MemberEvent::channelId), field(2, &MemberEvent::joined),
                           field(3, &MemberEvent::left));
  }
};

struct MemberCount {
  static constexpr FrameKind kKind = FrameKind::MemberCount;
  std::string_view channelId;
  std::uint32_t count = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MemberCount::channelId), field(2, &MemberCount::count));
  }
};

struct ChannelKicked {
  static constexpr FrameKind kKind = FrameKind::ChannelKicked;
  std::string_view channelId;
  static constexpr auto fields() { return std::make_tuple(field(1, &ChannelKicked::channelId)); }
};

struct GetMemberCounts {
  static constexpr FrameKind kKind = FrameKind::GetMemberCounts;
  std::uint32_t requestId = 0;
  std::vector<std::string_view> channelIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &GetMemberCounts::requestId), field(2, &GetMemberCounts::channelIds));
  }
};

struct MemberCounts {
  static constexpr FrameKind kKind = FrameKind::MemberCounts;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<std::uint32_t> counts;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MemberCounts::requestId), field(2, &MemberCounts::code),
                           field(3, &MemberCounts::counts));
  }
};

}  // namespace rtm::wire
