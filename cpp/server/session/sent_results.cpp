#include "server/session/sent_results.hpp"

#include <algorithm>

namespace rtm::server {

void SentResults::record(std::uint64_t first, std::uint64_t count, std::uint32_t code) {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), first,
                                      [](std::uint64_t seq, const Run& run) { return seq < run.first; });
  auto position = static_cast<std::size_t>(after - runs_.begin());
  const bool extends = position > 0 && runs_[position - 1].first + runs_[position - 1].count == first &&
                       runs_[position - 1].code == code;
  if (extends) {
    runs_[--position].count += count;
  } else {
    runs_.insert(after, Run{first, count, code});
  }
  joinWithNext(position);
  if (runs_.size() < trimAt_) return;
  const std::uint64_t end = runs_.back().first + runs_.back().count;
  if (end > window_) forgetBelow(end - window_);
  trimAt_ = std::max<std::size_t>(64, runs_.size() * 2);
}

void SentResults::joinWithNext(std::size_t position) {
  if (position + 1 >= runs_.size()) return;
  Run& run = runs_[position];
  const Run& next = runs_[position + 1];
  if (run.first + run.count != next.first || run.code != next.code) return;
  run.count += next.count;
  runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(position) + 1);
}

std::optional<std::uint32_t> SentResults::find(std::uint64_t seq) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), seq,
                                      [](std::uint64_t wanted, const Run& run) { return wanted < run.first; });
  if (after == runs_.begin()) return std::nullopt;
  const Run& run = *(after - 1);
  if (seq >= run.first + run.count) return std::nullopt;
  return run.code;
}

SentResults::Stretch SentResults::stretch(std::uint64_t first, std::uint64_t end) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), first,
                                      [](std::uint64_t wanted, const Run& run) { return wanted < run.first; });
  if (after != runs_.begin()) {
    const Run& run = *(after - 1);
    if (first < run.first + run.count) return {true, std::min(end, run.first + run.count)};
  }
  return {false, after == runs_.end() ? end : std::min(end, after->first)};
}

void SentResults::forgetBelow(std::uint64_t seq) {
  std::size_t gone = 0;
  while (gone < runs_.size() && runs_[gone].first + runs_[gone].count <= seq) ++gone;
  runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(gone));
}

std::vector<SentResults::Run> SentResults::from(std::uint64_t seq) const {
  std::vector<Run> runs;
  for (const Run& run : runs_) {
    if (run.first + run.count <= seq) continue;
    const std::uint64_t skip = run.first < seq ? seq - run.first : 0;
    runs.push_back({run.first + skip, run.count - skip, run.code});
  }
  return runs;
}

}  // namespace rtm::server
