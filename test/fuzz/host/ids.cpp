// Takes the place of server/model/id_source.cpp: ids that are the same for each run of an input.

#include <algorithm>

#include "host/run.hpp"
#include "server/model/id_source.hpp"
#include "server/model/names.hpp"

namespace rtm::server {

std::uint64_t IdSource::nonZero() {
  return fuzz::nextRandom() | 1;
}

ResumeToken IdSource::token() {
  ResumeToken token{};
  fill(token);
  return token;
}

void SecureIds::fill(std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(fuzz::nextRandom());
}

bool sameToken(const ResumeToken& a, const ResumeToken& b) {
  return std::equal(a.begin(), a.end(), b.begin());
}

std::uint64_t hashSeed() {
  return 0x5EED;
}

}  // namespace rtm::server
