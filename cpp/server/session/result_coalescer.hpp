#pragma once

#include <cstdint>
#include <vector>

#include "wire/messages.hpp"

namespace rtm::server {

/// Results of one session's sends within one turn of the loop, as runs of (first seq, count, code) in which neighbours
/// are merged. Flushed as SEND_RESULTS frames. Pure.
class ResultCoalescer {
 public:
  /// A range takes at most 21 bytes, so a frame with this many stays below 64 KiB.
  static constexpr std::size_t kRangesPerFrame = 3000;

  bool empty() const { return ranges_.empty(); }

  void add(std::uint64_t first, std::uint64_t count, std::uint32_t code) {
    if (!ranges_.empty()) {
      Range& last = ranges_.back();
      if (last.code == code && last.first + last.count == first) {
        last.count += count;
        return;
      }
    }
    ranges_.push_back({first, count, code});
  }

  void clear() { ranges_.clear(); }

  /// Hands everything to `send` as messages built in `scratch`, whose memory is reused. Empty afterwards.
  template <typename Send>
  void flush(wire::SendResults& scratch, Send&& send) {
    for (std::size_t next = 0; next < ranges_.size();) {
      scratch.ranges.clear();
      for (std::size_t n = 0; n < kRangesPerFrame && next < ranges_.size(); ++n, ++next) {
        scratch.ranges.push_back(ranges_[next].first);
        scratch.ranges.push_back(ranges_[next].count);
        scratch.ranges.push_back(ranges_[next].code);
      }
      send(scratch);
    }
    ranges_.clear();
  }

 private:
  struct Range {
    std::uint64_t first;
    std::uint64_t count;
    std::uint32_t code;
  };
  std::vector<Range> ranges_;
};

}  // namespace rtm::server
