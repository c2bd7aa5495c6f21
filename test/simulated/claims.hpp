#pragma once

#include <cstdint>

namespace rtm::simulated {

/// Stops the process if a claim does not hold.
void require(bool claim, const char* text);

/// Random numbers begin anew, from `seed`: an input begins.
void restartRandom(std::uint64_t seed = 1);
/// Bytes for ids, the same for each run of an input.
std::uint64_t nextRandom();

}  // namespace rtm::simulated
