#include "server/engine/memory/attribute_set.hpp"

#include <algorithm>

#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

/// Cost of an attribute besides its texts: a node of the tree, three strings, their allocations.
constexpr std::int64_t kAttributeBytes = 224;
/// Cost of a record besides its attributes: itself, its place in a table, the name of its channel.
constexpr std::size_t kRecordBytes = 512;

}  // namespace

using wire::AttributeAction;

std::int64_t AttributeSet::costOf(std::string_view key, std::string_view text, std::string_view writer) {
  return kAttributeBytes + static_cast<std::int64_t>(key.size() + text.size() + writer.size());
}

std::uint32_t AttributeSet::apply(const AttributeWrite& write, std::string_view writer, std::uint64_t nowMs,
                                  const Payer& payer) {
  switch (write.action) {
    case AttributeAction::Set:
      return put(write, true, writer, nowMs, payer);
    case AttributeAction::Merge:
      return put(write, false, writer, nowMs, payer);
    case AttributeAction::Delete:
      for (const auto& [key, value] : write.entries) remove(key, payer);
      return code::kOk;
    case AttributeAction::Clear:
      clear(payer);
      return code::kOk;
  }
  return code::attributes::kInvalidArgument;
}

std::uint32_t AttributeSet::put(const AttributeWrite& write, bool replace, std::string_view writer, std::uint64_t nowMs,
                                const Payer& payer) {
  std::map<std::string_view, std::string_view> wanted;
  for (const auto& [key, value] : write.entries) wanted.insert_or_assign(key, value);
  // What the set would be, before anything is touched.
  std::size_t count = replace ? 0 : entries_.size();
  std::size_t bytes = replace ? 0 : bytes_;
  std::int64_t growth = 0;  // of what the writer pays for
  const auto leaves = [&growth, writer](const Entries::value_type& old) {
    if (old.second.updatedBy == writer) growth -= costOf(old);
  };
  if (replace) std::for_each(entries_.begin(), entries_.end(), leaves);
  for (const auto& [key, value] : wanted) {
    if (value.size() > bounds_.valueBytes) return code::attributes::kSizeOverflow;
    const auto found = replace ? entries_.end() : entries_.find(key);
    if (found != entries_.end()) {
      bytes -= found->second.text.size();
      leaves(*found);
    } else {
      ++count;
      bytes += key.size();
    }
    bytes += value.size();
    growth += costOf(key, value, writer);
  }
  if (count > bounds_.entries || bytes > bounds_.totalBytes) return code::attributes::kSizeOverflow;
  if (!payer.mayGrow(writer, growth)) return code::attributes::kSizeOverflow;
  if (replace) clear(payer);
  for (const auto& [key, value] : wanted) {
    remove(key, payer);
    payer.charge(writer, costOf(key, value, writer));
    entries_.insert_or_assign(std::string(key), Value{std::string(value), std::string(writer), nowMs});
  }
  bytes_ = bytes;
  return code::kOk;
}

void AttributeSet::remove(std::string_view key, const Payer& payer) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  payer.charge(found->second.updatedBy, -costOf(*found));
  bytes_ -= found->first.size() + found->second.text.size();
  entries_.erase(found);
}

void AttributeSet::clear(const Payer& payer) {
  for (const auto& entry : entries_) payer.charge(entry.second.updatedBy, -costOf(entry));
  entries_.clear();
  bytes_ = 0;
}

std::vector<StoredAttribute> AttributeSet::read(const std::vector<std::string>& keys) const {
  std::vector<StoredAttribute> out;
  for (const auto& [key, value] : entries_) {
    if (!keys.empty() && std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    out.push_back({key, value.text, value.updatedBy, value.updatedMs});
  }
  return out;
}

std::vector<wire::Attribute> AttributeSet::view() const {
  std::vector<wire::Attribute> out;
  out.reserve(entries_.size());
  for (const auto& [key, value] : entries_) out.push_back({key, value.text, value.updatedBy, value.updatedMs});
  return out;
}

const AttributeRecord::Done* AttributeRecord::findRepeat(const AttributeWriteRequest& request) const {
  const auto found = std::find_if(done_.begin(), done_.end(), [&request](const Done& done) {
    return done.sessionId == request.sessionId && done.requestId == request.requestId && done.fence != request.fence;
  });
  return found == done_.end() ? nullptr : &*found;
}

AttributeRecord::Written AttributeRecord::write(const AttributeWriteRequest& request, bool refuse) {
  if (const Done* before = findRepeat(request)) return {before->code, true};
  if (refuse) return {code::attributes::kTooOften, false};
  const std::uint32_t result = set_.apply(request.write, request.writerId, request.serverTimeMs, payer_);
  const Done done{request.sessionId, request.fence, request.requestId, result};
  if (done_.size() < kRemembered) {
    done_.push_back(done);
  } else {
    done_[next_] = done;
    next_ = (next_ + 1) % kRemembered;
  }
  own_.set(kRecordBytes + done_.capacity() * sizeof(Done));
  return {result, false};
}

}  // namespace rtm::server
