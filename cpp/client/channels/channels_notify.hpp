#pragma once

#include <utility>

#include "client/channels/channels.hpp"
#include "client/client_common.hpp"

namespace rtm::client {

template <typename Call>
void Channels::notify(Shared channel, Call call) {
  common_.delivery->run([channel = std::move(channel), call = std::move(call)]() mutable {
    if (channel->events_ != nullptr) call(*channel->events_);
  });
}

}  // namespace rtm::client
