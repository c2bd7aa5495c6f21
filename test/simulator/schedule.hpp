#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "history/history.hpp"

namespace rtm::simulator {

/// What became of one schedule.
struct Run {
  std::vector<history::Violation> violations;
  std::string story;              ///< of the events, with the violations; empty if there are none
  std::uint64_t fingerprint = 0;  ///< of all events: equal for equal runs
  std::uint64_t virtualMs = 0;
  std::map<std::string, std::uint64_t> seen;  ///< how often what happened: faults, outcomes
};

/// Plays the schedule that follows from `seed`: users who talk, and faults of the network, of their processes, of the
/// server, its disk and its clock; then everything heals, and the history is judged. `tells`: with the story in any
/// case.
Run play(std::uint64_t seed, bool tells);

}  // namespace rtm::simulator
