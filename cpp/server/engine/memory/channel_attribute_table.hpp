#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "server/engine/memory/attribute_set.hpp"
#include "server/engine/seam/parameters.hpp"
#include "server/model/shared_frame.hpp"

namespace rtm::server {

/// The attributes of the channels of one loop. They outlive their channel and do not need one: anybody may write to a
/// channel without members. Without members they are removed `attributeAfterlifeMs` after the last member left or the
/// last write, whichever came later (docs/spec/semantics.md §4). Pure: time comes in.
class ChannelAttributeTable {
 public:
  explicit ChannelAttributeTable(const EngineParameters& parameters)
      : ledger_(parameters.ledger),
        limits_(parameters.channelAttributes),
        afterlifeMs_(parameters.attributeAfterlifeMs),
        noticeAgeMs_(parameters.replay.maxAgeMs) {}

  /// What the members of the channel hear of it.
  enum class Members : std::uint8_t {
    None,
    Waiting,  ///< a notice is owed to them, and has whatever is written until then
    Present
  };
  struct Written {
    std::uint32_t code = 0;
    std::uint64_t noticeBytes = 0;  ///< about the size of the notice that the write is part of; 0: none
  };
  Written write(const AttributeWriteRequest& request, Members members, std::uint64_t nowMs);
  /// CHANNEL_ATTRIBUTES_EVENT with the whole present set, which the members are told now. `offset`: of the channel's
  /// last message. Requires that write() asked for a notice since the channel has members.
  SharedFrame notice(const ScopedName& channel, std::uint64_t offset, std::uint64_t nowMs);
  std::vector<StoredAttribute> read(const ScopedName& channel, const std::vector<std::string>& keys) const;

  /// The notice that a resuming member with everything up to `offset` of the channel may not have; or an empty frame. A
  /// member that has a message from after the notice has the notice too.
  SharedFrame missedNotice(const ScopedName& channel, std::uint64_t offset, std::uint64_t nowMs) const;

  /// The channel has its first member.
  void occupied(const ScopedName& channel);
  /// The last member has left.
  void vacated(const ScopedName& channel, std::uint64_t nowMs);
  void tick(std::uint64_t nowMs);

  std::size_t size() const { return channels_.size(); }
  /// Of the keys and values of a channel.
  std::size_t bytesOf(const ScopedName& channel) const;

 private:
  struct Entry {
    Entry(const ScopedName& name, const wire::AttributeLimits& limits, const Payer& payer, std::string_view writer)
        : key(name), record(limits, payer, writer) {}
    ScopedKey key;
    AttributeRecord record;
    std::uint64_t removeAt = 0;  ///< 0: not while the channel has members
    std::uint64_t notifiedAt = 0;
    std::uint64_t notifiedOffset = 0;
  };

  Entry* find(const ScopedName& channel);
  const Entry* find(const ScopedName& channel) const;
  void setDeadline(Entry& entry, std::uint64_t at);

  Ledger* ledger_;
  wire::AttributeLimits limits_;
  std::uint64_t afterlifeMs_;
  std::uint64_t noticeAgeMs_;  ///< as long as messages are replayed: a client that was away for longer asks
  ScopedMap<std::unique_ptr<Entry>> channels_;
  std::set<std::pair<std::uint64_t, Entry*>> deadlines_;
};

}  // namespace rtm::server
