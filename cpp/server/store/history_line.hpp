#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "server/model/stored_messages.hpp"

namespace rtm::server {

/// A record of the history with its number: of the same millisecond the smaller number came first.
struct NumberedRecord {
  std::shared_ptr<const HistoryRecord> record;
  std::uint64_t number = 0;

  std::uint64_t timeMs() const { return record->timeMs; }
  friend bool operator<(const NumberedRecord& a, const NumberedRecord& b) {
    return a.timeMs() != b.timeMs() ? a.timeMs() < b.timeMs() : a.number < b.number;
  }
};

/// Records in the order of time, each under its rank: 0, 1, 2 … without a gap, since only the oldest leave. So the
/// number of records between two times is the difference of two ranks, whatever their number. A short line takes little
/// memory, because most pairs of users have a few records; a long one never moves its records. Not thread-safe.
class HistoryLine {
 public:
  std::size_t size() const { return many_ ? many_->size() : few_.size(); }
  const NumberedRecord& operator[](std::size_t rank) const { return many_ ? (*many_)[rank] : few_[rank]; }

  /// The place is nearly always the end, because the clocks of two loops differ by milliseconds; after a clock was set
  /// back, the records behind the place move.
  void insert(const NumberedRecord& entry) {
    if (!many_ && few_.size() == kFew) {
      many_ = std::make_unique<std::deque<NumberedRecord>>(few_.begin(), few_.end());
      few_ = std::vector<NumberedRecord>();  // `{}` would keep its memory
    }
    const std::size_t rank = lowest([&entry](const NumberedRecord& other) { return entry < other; });
    if (many_) {
      many_->insert(many_->begin() + static_cast<std::ptrdiff_t>(rank), entry);
    } else {
      few_.insert(few_.begin() + static_cast<std::ptrdiff_t>(rank), entry);
    }
  }
  void popFirst() {
    if (many_) {
      many_->pop_front();
    } else {
      few_.erase(few_.begin());
    }
  }
  /// How many records are older than `timeMs`: the rank of the first that is not.
  std::size_t rankOf(std::uint64_t timeMs) const {
    return lowest([timeMs](const NumberedRecord& entry) { return entry.timeMs() >= timeMs; });
  }

 private:
  static constexpr std::size_t kFew = 32;

  /// The lowest rank for which `holds`, which holds for all higher ones too.
  template <typename Predicate>
  std::size_t lowest(Predicate&& holds) const {
    std::size_t least = 0;
    std::size_t most = size();
    if (most != 0 && !holds((*this)[most - 1])) return most;
    while (least < most) {
      const std::size_t middle = (least + most) / 2;
      if (holds((*this)[middle])) {
        most = middle;
      } else {
        least = middle + 1;
      }
    }
    return least;
  }

  std::vector<NumberedRecord> few_;
  std::unique_ptr<std::deque<NumberedRecord>> many_;  ///< once there were more than kFew
};

/// The records of a line from one rank to another.
struct HistoryRange {
  const HistoryLine* line = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end - begin; }
  /// The `place`-th record, forwards or backwards.
  const NumberedRecord& at(std::size_t place, bool descending) const {
    return (*line)[descending ? end - 1 - place : begin + place];
  }
};

/// How many of the first `offset` records of two merged ranges come from `a`, in the order of reading. A search by
/// halves: what is skipped is not walked.
inline std::size_t shareOfFirst(const HistoryRange& a, const HistoryRange& b, std::size_t offset, bool descending) {
  std::size_t least = offset - std::min(offset, b.size());
  std::size_t most = std::min(offset, a.size());
  while (least < most) {
    const std::size_t fromA = (least + most) / 2;
    // Is the next of `a` before the last that `b` gives? Then `a` has to give more.
    const NumberedRecord& ofA = a.at(fromA, descending);
    const NumberedRecord& ofB = b.at(offset - fromA - 1, descending);
    const bool earlier = descending ? ofB < ofA : ofA < ofB;
    if (earlier) {
      least = fromA + 1;
    } else {
      most = fromA;
    }
  }
  return least;
}

}  // namespace rtm::server
