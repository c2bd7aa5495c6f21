#include "server/media/sha256_stream.hpp"

#include <openssl/evp.h>

#include <new>

namespace rtm::server {

void Sha256Stream::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
}

void Sha256Stream::add(ByteView bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

MediaDigest Sha256Stream::finish() {
  MediaDigest digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
  return digest;
}

}  // namespace rtm::server
