#pragma once

#include <string>
#include <utility>
#include <vector>

#include "client/api/attribute_values.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

/// Channel attributes of a frame that outlive it.
class OwnedChannelAttributes {
 public:
  explicit OwnedChannelAttributes(const std::vector<wire::Attribute>& entries) {
    entries_.reserve(entries.size());
    for (const wire::Attribute& entry : entries) {
      entries_.push_back({std::string(entry.key), std::string(entry.value), std::string(entry.updatedBy),
                          static_cast<long long>(entry.updatedMs.value)});
    }
  }

  /// Lives as long as this.
  std::vector<ChannelAttributeView> views() const {
    std::vector<ChannelAttributeView> views;
    views.reserve(entries_.size());
    for (const Entry& entry : entries_) views.push_back({entry.key, entry.value, entry.updatedBy, entry.updatedMs});
    return views;
  }

 private:
  struct Entry {
    std::string key;
    std::string value;
    std::string updatedBy;
    long long updatedMs = 0;
  };
  std::vector<Entry> entries_;
};

}  // namespace rtm::client
