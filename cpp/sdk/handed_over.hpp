#pragma once

#include <mutex>
#include <set>
#include <utility>

#include "IAgoraRtmService.h"
#include "base/process_life.hpp"

namespace rtm::sdk {

/// Messages that were handed to the user in a callback and are the user's to release (docs/spec/api.md §2). What is
/// left when the service goes, goes with it.
class HandedOver {
 public:
  HandedOver() = default;
  ~HandedOver() {
    for (agora::rtm::IMessage* message : held_) message->release();
  }
  HandedOver(const HandedOver&) = delete;
  HandedOver& operator=(const HandedOver&) = delete;

  void add(agora::rtm::IMessage* message) {
    const std::lock_guard lock(mutex_);
    held_.insert(message);
  }
  void remove(agora::rtm::IMessage* message) {
    const std::lock_guard lock(mutex_);
    held_.erase(message);
  }

 private:
  LifeMutex<std::mutex> mutex_;
  std::set<agora::rtm::IMessage*> held_;
};

}  // namespace rtm::sdk
