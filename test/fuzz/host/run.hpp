#pragma once

#include <cstdint>

namespace rtm::fuzz {

/// Stops the process if a claim does not hold; the fuzzer keeps the input.
void require(bool claim, const char* text);

/// Random numbers begin anew: an input begins.
void restartRandom();
/// Bytes for ids, the same for each run of an input.
std::uint64_t nextRandom();

}  // namespace rtm::fuzz
