#pragma once

// Frames for the members of a channel, from plain values.

#include <string_view>
#include <vector>

#include "server/model/attributes.hpp"
#include "server/model/shared_frame.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// Of a ReplayMessage or of ChannelMessageNews.
template <typename Message>
SharedFrame messageFrame(std::string_view channelId, const Message& message) {
  wire::ChannelMessage frame;
  frame.channelId = channelId;
  frame.offset = message.offset;
  frame.senderId = message.senderId;
  frame.serverTimeMs = wire::Fixed64{message.serverTimeMs};
  frame.content = message.content;
  return SharedFrame::encode(frame);
}

inline SharedFrame attributesFrame(std::string_view channelId, const std::vector<StoredAttribute>& entries) {
  wire::ChannelAttributesEvent event;
  event.channelId = channelId;
  for (const StoredAttribute& entry : entries) {
    wire::Attribute& out = event.entries.emplace_back();
    out.key = entry.key;
    out.value = entry.value;
    out.updatedBy = entry.updatedBy;
    out.updatedMs = entry.updatedMs;
  }
  return SharedFrame::encode(event);
}

}  // namespace rtm::server
