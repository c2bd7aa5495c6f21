#pragma once

#include <string>

namespace rtm::net {

/// The oldest error that OpenSSL noted on this thread, in words; empties its list. "unknown error" if there is none.
std::string takeTlsError();

}  // namespace rtm::net
