#include "server/model/id_source.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <cstring>
#include <random>

#include "server/model/names.hpp"

namespace rtm::server {

std::uint64_t IdSource::nonZero() {
  std::uint64_t value = 0;
  while (value == 0) {
    std::array<std::uint8_t, sizeof(value)> bytes{};
    fill(bytes);
    std::memcpy(&value, bytes.data(), bytes.size());
  }
  return value;
}

ResumeToken IdSource::token() {
  ResumeToken token{};
  fill(token);
  return token;
}

void SecureIds::fill(std::span<std::uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1) return;
  // OpenSSL could not be seeded. Guessable ids would be worse than the slow way to the kernel.
  std::random_device device;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(device());
}

bool sameToken(const ResumeToken& a, const ResumeToken& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::uint64_t hashSeed() {
  static const std::uint64_t seed = SecureIds().nonZero();
  return seed;
}

}  // namespace rtm::server
