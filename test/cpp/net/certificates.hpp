#pragma once

#include <string>
#include <vector>

#include "net/transport/tls/tls_context.hpp"

namespace rtm::net::test {

/// Certificates that makeSelfSignedCertificate cannot make: expired ones, and certificates of a CA.
struct CertificateRecipe {
  std::string commonName = "test";
  std::vector<std::string> hosts;
  int validFromDays = -10;
  int validToDays = 10;
  bool isCa = false;
  const SelfSignedCertificate* issuer = nullptr;  ///< null: signs itself
};

SelfSignedCertificate make(const CertificateRecipe& recipe);

/// The same key, in PEM with a passphrase.
std::string withPassphrase(const std::string& keyPem);

}  // namespace rtm::net::test
