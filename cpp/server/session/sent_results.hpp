#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace rtm::server {

/// The results of a session's sends that its client may not have received yet. A repeat of a send is answered from
/// here, and a resume tells them again. Kept as runs of equal codes, so that a session whose sends all succeed holds
/// one run, however many sends there were. Pure; bounded by `window` results.
class SentResults {
 public:
  struct Run {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::uint32_t code = 0;
    friend bool operator==(const Run&, const Run&) = default;
  };

  /// `window`: most unanswered sends of the client. Results that are older than this have reached it.
  explicit SentResults(std::uint64_t window) : window_(window) {}

  /// Results of sends that had none yet.
  void record(std::uint64_t first, std::uint64_t count, std::uint32_t code);
  std::optional<std::uint32_t> find(std::uint64_t seq) const;
  /// From `first` on: whether the results are here, and the send (at most `end`) up to which that holds.
  struct Stretch {
    bool known;
    std::uint64_t until;
  };
  Stretch stretch(std::uint64_t first, std::uint64_t end) const;
  /// The client has all results below `seq`.
  void forgetBelow(std::uint64_t seq);
  /// In ascending order, from `seq` on.
  std::vector<Run> from(std::uint64_t seq) const;
  std::size_t runs() const { return runs_.size(); }

 private:
  void joinWithNext(std::size_t position);

  std::uint64_t window_;
  std::vector<Run> runs_;  ///< ascending, disjoint, neighbours of one code joined
  std::size_t trimAt_ = 64;
};

}  // namespace rtm::server
