#include "server/engine/memory/channel_attribute_table.hpp"

#include <algorithm>

#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

/// What an entry takes before anything is in it, about.
constexpr std::int64_t kNewEntryBytes = 1024;

SharedFrame encodeNotice(const ScopedKey& channel, const AttributeSet& set) {
  return SharedFrame::encode(wire::ChannelAttributesEvent{.channelId = channel.name, .entries = set.view()});
}

/// Without encoding it: keys and values, and for each entry a writer, a time and some lengths.
std::uint64_t noticeSize(const AttributeSet& set) {
  constexpr std::uint64_t kFrameBytes = 64;
  constexpr std::uint64_t kEntryBytes = 48;
  return kFrameBytes + set.bytes() + kEntryBytes * set.size();
}

bool grows(const AttributeWriteRequest& request) {
  return request.write.action == wire::AttributeAction::Set || request.write.action == wire::AttributeAction::Merge;
}

}  // namespace

ChannelAttributeTable::Entry* ChannelAttributeTable::find(const ScopedName& channel) {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? nullptr : found->second.get();
}

const ChannelAttributeTable::Entry* ChannelAttributeTable::find(const ScopedName& channel) const {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? nullptr : found->second.get();
}

void ChannelAttributeTable::setDeadline(Entry& entry, std::uint64_t at) {
  if (entry.removeAt != 0) deadlines_.erase({entry.removeAt, &entry});
  entry.removeAt = at;
  if (at != 0) deadlines_.emplace(at, &entry);
}

ChannelAttributeTable::Written ChannelAttributeTable::write(const AttributeWriteRequest& request, Members members,
                                                            std::uint64_t nowMs) {
  const ScopedName name{request.app, request.owner};
  Entry* entry = find(name);
  if (entry == nullptr) {
    const Payer payer{ledger_, request.app, MemoryCategory::ChannelAttributes};
    if (!payer.mayGrow(request.writerId, kNewEntryBytes)) return {code::attributes::kSizeOverflow, {}};
    auto made = std::make_unique<Entry>(name, limits_, payer, request.writerId);
    entry = made.get();
    channels_.emplace(ScopedKey(name), std::move(made));
  }
  // What is written without `notify` makes an owed notice larger, too.
  const bool costs = members == Members::Waiting || (members == Members::Present && request.notify);
  const bool adds = request.notify || grows(request);
  const AttributeRecord::Written result = entry->record.write(request, costs && adds && request.inDebt);
  // After a refused write, too: an entry without members must have an end.
  if (members == Members::None) setDeadline(*entry, nowMs + afterlifeMs_);
  if (result.repeat || result.code != code::kOk || !costs) return {result.code, 0};
  return {result.code, noticeSize(entry->record.set())};
}

SharedFrame ChannelAttributeTable::notice(const ScopedName& channel, std::uint64_t offset, std::uint64_t nowMs) {
  Entry* entry = find(channel);
  entry->notifiedAt = nowMs;
  entry->notifiedOffset = offset;
  return encodeNotice(entry->key, entry->record.set());
}

std::vector<StoredAttribute> ChannelAttributeTable::read(const ScopedName& channel,
                                                         const std::vector<std::string>& keys) const {
  const Entry* entry = find(channel);
  return entry == nullptr ? std::vector<StoredAttribute>{} : entry->record.set().read(keys);
}

SharedFrame ChannelAttributeTable::missedNotice(const ScopedName& channel, std::uint64_t offset,
                                                std::uint64_t nowMs) const {
  const Entry* entry = find(channel);
  if (entry == nullptr || entry->notifiedAt == 0 || nowMs - entry->notifiedAt > noticeAgeMs_) return {};
  return offset > entry->notifiedOffset ? SharedFrame{} : encodeNotice(entry->key, entry->record.set());
}

std::size_t ChannelAttributeTable::bytesOf(const ScopedName& channel) const {
  const Entry* entry = find(channel);
  return entry == nullptr ? 0 : entry->record.set().bytes();
}

void ChannelAttributeTable::occupied(const ScopedName& channel) {
  if (Entry* entry = find(channel)) setDeadline(*entry, 0);
}

void ChannelAttributeTable::vacated(const ScopedName& channel, std::uint64_t nowMs) {
  Entry* entry = find(channel);
  if (entry == nullptr) return;
  entry->notifiedAt = 0;  // its offsets belong to this life of the channel
  setDeadline(*entry, nowMs + afterlifeMs_);
}

void ChannelAttributeTable::tick(std::uint64_t nowMs) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= nowMs) {
    const Entry* entry = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    channels_.erase(channels_.find(entry->key.view()));
  }
}

}  // namespace rtm::server
