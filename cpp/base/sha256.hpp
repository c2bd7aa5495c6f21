#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

struct evp_md_ctx_st;

namespace rtm {

/// SHA-256 of bytes that come piece by piece. One thread at a time.
class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  Sha256();
  void add(ByteView bytes);
  /// The digest of all bytes added; once. Zeros, which no bytes have, if OpenSSL had no memory.
  Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
  bool good_;
};

}  // namespace rtm
