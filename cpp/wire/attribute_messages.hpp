#pragma once

// Attributes of users and of channels.
// See messages.hpp for how to read this file.

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

struct Attribute {
  std::string_view key;
  std::string_view value;
  std::string_view updatedBy;
  Fixed64 updatedMs;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Attribute::key), field(2, &Attribute::value), field(3, &Attribute::updatedBy),
                           field(4, &Attribute::updatedMs));
  }
};

struct UserAttributesWrite {
  static constexpr FrameKind kKind = FrameKind::UserAttributesWrite;
  std::uint32_t requestId = 0;
  AttributeAction action{};
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &UserAttributesWrite::requestId), field(2, &UserAttributesWrite::action),
                           field(3, &UserAttributesWrite::entries));
  }
};

struct UserAttributesRead {
  static constexpr FrameKind kKind = FrameKind::UserAttributesRead;
  std::uint32_t requestId = 0;
  std::string_view userId;
  std::vector<std::string_view> keys;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &UserAttributesRead::requestId), field(2, &UserAttributesRead::userId),
                           field(3, &UserAttributesRead::keys));
  }
};

struct UserAttributes {
  static constexpr FrameKind kKind = FrameKind::UserAttributes;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &UserAttributes::requestId), field(2, &UserAttributes::code),
                           field(3, &UserAttributes::entries));
  }
};

struct ChannelAttributesWrite {
  static constexpr FrameKind kKind = FrameKind::ChannelAttributesWrite;
  std::uint32_t requestId = 0;
  std::string_view channelId;
  AttributeAction action{};
  std::vector<Attribute> entries;
  bool notify = false;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributesWrite::requestId), field(2, &ChannelAttributesWrite::channelId),
                           field(3, &ChannelAttributesWrite::action), field(4, &ChannelAttributesWrite::entries),
                           field(5, &ChannelAttributesWrite::notify));
  }
};

struct ChannelAttributesRead {
  static constexpr FrameKind kKind = FrameKind::ChannelAttributesRead;
  std::uint32_t requestId = 0;
  std::string_view channelId;
  std::vector<std::string_view> keys;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributesRead::requestId), field(2, &ChannelAttributesRead::channelId),
                           field(3, &ChannelAttributesRead::keys));
  }
};

struct ChannelAttributes {
  static constexpr FrameKind kKind = FrameKind::ChannelAttributes;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributes::requestId), field(2, &ChannelAttributes::code),
                           field(3, &ChannelAttributes::entries));
  }
};

struct ChannelAttributesEvent {
  static constexpr FrameKind kKind = FrameKind::ChannelAttributesEvent;
  std::string_view channelId;
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributesEvent::channelId), field(2, &ChannelAttributesEvent::entries));
  }
};

}  // namespace rtm::wire
