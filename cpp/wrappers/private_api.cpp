#include <atomic>

#include "rtm_private_api.h"

namespace agora::rtm::internal {
namespace {

std::atomic<bool> appTypeIsSet{false};
std::atomic<bool> clientTypeIsSet{false};

}  // namespace

bool AGORA_CALL setRtmAppType(int32_t /*app_type*/) {
  return !appTypeIsSet.exchange(true);
}

bool AGORA_CALL setRtmClientType(int32_t /*client_type*/) {
  return !clientTypeIsSet.exchange(true);
}

}  // namespace agora::rtm::internal
