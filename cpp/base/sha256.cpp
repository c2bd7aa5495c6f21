#include "base/sha256.hpp"

#include <openssl/evp.h>

namespace rtm {

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256()
    : context_(EVP_MD_CTX_new()),
      good_(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1) {}

void Sha256::add(ByteView bytes) {
  good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
}

Sha256::Digest Sha256::finish() {
  Digest digest{};
  unsigned size = 0;
  if (!good_ || EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) digest = {};
  good_ = false;
  return digest;
}

}  // namespace rtm
