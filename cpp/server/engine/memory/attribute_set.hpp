#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/governor/ledger.hpp"
#include "server/model/attributes.hpp"
#include "wire/size_limits.hpp"

namespace rtm::server {

/// The attributes of one user or one channel, by the rules of docs/spec/limits.md §4 and docs/spec/semantics.md §4, §5.
/// Pure.
class AttributeSet {
 public:
  explicit AttributeSet(const wire::AttributeLimits& bounds) : bounds_(bounds) {}

  /// All or nothing: 0, or SIZE_OVERFLOW and nothing changed. The keys of this write get writer and time, and their
  /// writer pays for them.
  std::uint32_t apply(const AttributeWrite& write, std::string_view writer, std::uint64_t nowMs,
                      const Payer& payer = {});
  /// Removes everything.
  void clear(const Payer& payer = {});

  /// The named entries that exist, or all if none is named.
  std::vector<StoredAttribute> read(const std::vector<std::string>& keys) const;
  /// Views into the set, valid until the next apply().
  std::vector<wire::Attribute> view() const;

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Value {
    std::string text;
    std::string updatedBy;
    std::uint64_t updatedMs = 0;
  };

  using Entries = std::map<std::string, Value, std::less<>>;  // std::string compares bytes as unsigned

  static std::int64_t costOf(std::string_view key, std::string_view text, std::string_view writer);
  static std::int64_t costOf(const Entries::value_type& entry) {
    return costOf(entry.first, entry.second.text, entry.second.updatedBy);
  }
  std::uint32_t put(const AttributeWrite& write, bool replace, std::string_view writer, std::uint64_t nowMs,
                    const Payer& payer);
  void remove(std::string_view key, const Payer& payer);

  wire::AttributeLimits bounds_;
  Entries entries_;
  std::size_t bytes_ = 0;
};

/// A set, and the last requests that wrote to it. After a resume a client repeats its unanswered requests. Another user
/// may have written in between, and members may have been notified, so a repeat must have no second effect. It is
/// recognised as the same request of the same session under another fence.
class AttributeRecord {
 public:
  /// Most writes that are remembered. A repeat comes within seconds; after this many later writes it is executed again.
  static constexpr std::size_t kRemembered = 256;

  /// The owner pays for the record: the user whose attributes these are, or the first who wrote to the channel.
  explicit AttributeRecord(const wire::AttributeLimits& bounds, const Payer& payer = {}, std::string_view owner = {})
      : payer_(payer), own_(payer.ledger, {payer.app, owner}, payer.category), set_(bounds) {}
  ~AttributeRecord() { set_.clear(payer_); }
  AttributeRecord(const AttributeRecord&) = delete;
  AttributeRecord& operator=(const AttributeRecord&) = delete;

  struct Written {
    std::uint32_t code = 0;
    bool repeat = false;
  };
  /// `refuse`: only a repeat is answered as before; all else is TOO_OFTEN and changes nothing.
  Written write(const AttributeWriteRequest& request, bool refuse = false);
  const AttributeSet& set() const { return set_; }

 private:
  struct Done {
    std::uint64_t sessionId = 0;
    std::uint64_t fence = 0;
    std::uint32_t requestId = 0;
    std::uint32_t code = 0;
  };
  const Done* findRepeat(const AttributeWriteRequest& request) const;

  Payer payer_;
  MemoryCharge own_;
  AttributeSet set_;
  std::vector<Done> done_;  ///< ring, once it has kRemembered entries
  std::size_t next_ = 0;
};

}  // namespace rtm::server
