#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "IAgoraRtmService.h"
#include "binding/environment/mailbox.hpp"

namespace rtm::binding {

/// Stops the delivery of messages to one service while the mailbox is too full, and resumes it later. The handlers of
/// the service, its channels and its invitations share one throttle.
///
/// Lock order: the service's lock (the core holds it around every handler) → mutex_. The core takes no lock of the
/// service when it pauses or resumes delivery.
class Throttle {
 public:
  Throttle(std::shared_ptr<Mailbox> mailbox, agora::rtm::IRtmService& service, std::uint32_t id)
      : mailbox_(std::move(mailbox)), service_(service), id_(id) {}
  Mailbox& mailbox() const { return *mailbox_; }

  /// For handlers, after a push that returned true: the mailbox is too full.
  void stop();
  /// JavaScript thread: the mailbox has emptied.
  void goOn();

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  agora::rtm::IRtmService& service_;
  const std::uint32_t id_;
  std::mutex mutex_;
  bool stopped_ = false;
};

}  // namespace rtm::binding
