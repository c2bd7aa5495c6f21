#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "server/engine/memory/attribute_set.hpp"
#include "server/model/shared_frame.hpp"

namespace rtm::server {

/// The attributes of the channels of one loop. They outlive the channel itself, and need none: anybody may write to a
/// channel nobody is in. Without members they are removed `afterlifeMs` after the last one left or the last write,
/// whichever came later (spec semantics §4). Pure: time comes in.
class ChannelAttributeTable {
 public:
  ChannelAttributeTable(const wire::AttributeLimits& limits, std::uint64_t afterlifeMs)
      : limits_(limits), afterlifeMs_(afterlifeMs) {}

  struct Written {
    std::uint32_t code = 0;
    SharedFrame notice;  ///< CHANNEL_ATTRIBUTES_EVENT with the whole set, if the members are to get one
  };
  /// `occupied`: the channel has members. `offset`: of its last message.
  Written write(const AttributeWriteRequest& request, bool occupied, std::uint64_t offset, std::uint64_t nowMs);
  std::vector<StoredAttribute> read(const ScopedName& channel, const std::vector<std::string>& keys) const;

  /// The notice that a member, back from an outage with everything up to `offset` of the channel, may not have; or an
  /// empty frame. One that has a message from after the notice has the notice, too.
  SharedFrame missedNotice(const ScopedName& channel, std::uint64_t offset, std::uint64_t nowMs) const;

  /// The channel has its first member.
  void occupied(const ScopedName& channel);
  /// The last member has left.
  void vacated(const ScopedName& channel, std::uint64_t nowMs);
  void tick(std::uint64_t nowMs);

  std::size_t size() const { return channels_.size(); }

 private:
  struct Entry {
    Entry(const ScopedName& name, const wire::AttributeLimits& limits) : key(name), record(limits) {}
    ScopedKey key;
    AttributeRecord record;
    std::uint64_t removeAt = 0;  ///< 0: not while the channel has members
    std::uint64_t notifiedAt = 0;
    std::uint64_t notifiedOffset = 0;
  };

  Entry* find(const ScopedName& channel);
  const Entry* find(const ScopedName& channel) const;
  void setDeadline(Entry& entry, std::uint64_t at);

  wire::AttributeLimits limits_;
  std::uint64_t afterlifeMs_;
  ScopedMap<std::unique_ptr<Entry>> channels_;
  std::set<std::pair<std::uint64_t, Entry*>> deadlines_;
};

}  // namespace rtm::server
