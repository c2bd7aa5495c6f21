#include "simulated/claims.hpp"

#include <cstdio>
#include <cstdlib>

namespace rtm::simulated {
namespace {

std::uint64_t randomState = 1;

}  // namespace

void require(bool claim, const char* text) {
  if (claim) return;
  std::fprintf(stderr, "broken claim: %s\n", text);
  std::abort();
}

void restartRandom(std::uint64_t seed) {
  randomState = seed;
}

std::uint64_t nextRandom() {
  randomState = randomState * 6364136223846793005U + 1442695040888963407U;
  return (randomState ^ (randomState >> 29)) * 0x9E3779B97F4A7C15U;
}

}  // namespace rtm::simulated
