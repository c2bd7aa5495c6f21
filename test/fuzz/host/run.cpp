#include "host/run.hpp"

#include <cstdio>
#include <cstdlib>

/// What an input frees soon serves the next one again, and a stack says enough with its first calls: otherwise most of
/// the time of an input goes into fresh memory and into unwinding.
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=16:malloc_context_size=8";
}

namespace rtm::fuzz {
namespace {

std::uint64_t randomState = 1;

}  // namespace

void require(bool claim, const char* text) {
  if (claim) return;
  std::fprintf(stderr, "broken claim: %s\n", text);
  std::abort();
}

void restartRandom() {
  randomState = 1;
}

std::uint64_t nextRandom() {
  randomState = randomState * 6364136223846793005U + 1442695040888963407U;
  return (randomState ^ (randomState >> 29)) * 0x9E3779B97F4A7C15U;
}

}  // namespace rtm::fuzz
