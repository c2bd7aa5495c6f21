#pragma once

#include <string_view>

#include "client/api/presence_codes.hpp"

namespace rtm::client {

struct PeerStatus {
  std::string_view userId;
  PeerState state{};
};

}  // namespace rtm::client
