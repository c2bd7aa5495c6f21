#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace rtm::net {

inline constexpr std::uint16_t kDefaultPort = 9136;

/// Where a server listens: `rtms://host[:port][#sha256=<64 hex digits>][&area=CN|NA…]`, or `rtm://…` for plaintext.
/// IPv6 literals stand in brackets.
struct Endpoint {
  std::string host;
  std::uint16_t port = kDefaultPort;
  bool tls = true;
  std::string pin;  ///< SHA-256 of the server's certificate (DER), lower-case hex; empty: system CAs + host name
  std::uint32_t areas = 0;  ///< bit set of RTM_AREA_CODE; 0: not tagged, allowed in every area

  std::string toString() const;
};

/// Parses one endpoint. The failure's message says what is wrong with which part.
Result<Endpoint> parseEndpoint(std::string_view text);
/// Parses a list separated by commas or white space (the form of RTM_ENDPOINTS); at least one.
Result<std::vector<Endpoint>> parseEndpoints(std::string_view text);

}  // namespace rtm::net
