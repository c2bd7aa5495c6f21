#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtm::net {

inline constexpr std::uint16_t kDefaultPort = 9136;
/// Of endpoints that are reached by UDP alone.
inline constexpr const char* kUdpScheme = "rtmu";

/// Where a server listens: `rtms://host[:port][#sha256=<64 hex digits>][&area=CN|NA…][&udp=on]`, `rtm://…` for
/// plaintext, or `rtmu://…` for UDP alone. IPv6 literals stand in brackets. net/connect/parse_endpoint.hpp reads this
/// form.
struct Endpoint {
  std::string scheme = "rtms";  ///< net/schemes.hpp knows how to connect to it, and whether it is encrypted
  std::string host;
  std::uint16_t port = kDefaultPort;
  std::string pin;  ///< SHA-256 of the server's certificate (DER), lower-case hex; empty: system CAs + host name
  std::uint32_t areas = 0;  ///< bit set of RTM_AREA_CODE; 0: not tagged, allowed in every area
  /// The port at which the server takes UDP beside TCP. 0: UDP is not to be tried; empty: as the server says.
  std::optional<std::uint16_t> udp{};

  std::string toString() const;
};

/// The bits of RTM_AREA_CODE for "CN", "NA", "EU", "AS", "JP", "IN" or "GLOB"; 0 for any other text.
std::uint32_t areaCode(std::string_view name);

}  // namespace rtm::net
