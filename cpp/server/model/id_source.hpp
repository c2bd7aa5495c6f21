#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace rtm::server {

/// 128 random bits that let a client continue its session.
using ResumeToken = std::array<std::uint8_t, 16>;

/// Makes session ids, epochs and resume tokens. Injected, so that tests know the values. Any thread.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;

  std::uint64_t nonZero();
  ResumeToken token();
};

/// OpenSSL's generator.
class SecureIds final : public IdSource {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

/// Constant time.
bool sameToken(const ResumeToken& a, const ResumeToken& b);

}  // namespace rtm::server
