#pragma once

#include <cstddef>
#include <span>

#include "binding/events/event_records.hpp"
#include "client/api/attribute_values.hpp"

namespace rtm::binding {

/// A function that writes the channel attribute with that index.
inline auto attributeWriter(std::span<const client::ChannelAttributeView> attributes) {
  return [attributes](Record& record, std::size_t index) {
    const client::ChannelAttributeView& each = attributes[index];
    records::writeChannelAttribute(record, each.key, each.value, each.updatedBy, each.updatedMs);
  };
}

}  // namespace rtm::binding
