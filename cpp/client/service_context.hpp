#pragma once

#include <cstdint>

namespace rtm::client {

/// What holds for all clients of the process. Any thread.
struct ServiceContext {
  /// The regions of servers that clients may use, as bits of RTM_AREA_CODE.
  std::uint32_t areas = ~std::uint32_t{0};
  /// Not one datagram is sent, whatever the endpoints and servers allow.
  bool tcpOnly = false;
};

/// Returns false and changes nothing while a client exists, and for areas that are no set of regions.
bool setServiceContext(const ServiceContext& context);
std::uint32_t areaMask();
bool tcpOnly();

/// A client counts itself from its beginning to its end, because setServiceContext() works only without clients.
void clientBegins();
void clientEnds();

}  // namespace rtm::client
