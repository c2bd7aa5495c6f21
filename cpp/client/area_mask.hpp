#pragma once

#include <cstdint>

namespace rtm::client {

/// The area mask of the process: the regions of servers that its clients may use, as bits of RTM_AREA_CODE. The default
/// is all regions. Any thread. Returns false and changes nothing while a client exists.
bool setAreaMask(std::uint32_t areas);
std::uint32_t areaMask();

/// A client counts itself from its beginning to its end, because setAreaMask() works only without clients.
void clientBegins();
void clientEnds();

}  // namespace rtm::client
