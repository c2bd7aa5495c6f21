#pragma once

#include <memory>

#include "base/bytes.hpp"
#include "server/media/media_types.hpp"

struct evp_md_ctx_st;

namespace rtm::server {

/// SHA-256 of bytes that come in pieces.
class Sha256Stream {
 public:
  Sha256Stream();
  void add(ByteView bytes);
  /// Of all bytes added; once.
  MediaDigest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace rtm::server
