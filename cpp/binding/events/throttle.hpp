#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "binding/mailbox/mailbox.hpp"

namespace rtm::binding {

/// Stops the delivery of messages to one client while the mailbox is too full, and resumes it later. The receivers of
/// the client, its channels and its invitations share one throttle.
///
/// Lock order: the client lock (the core holds it around every event) → mutex_. Pausing and resuming delivery takes no
/// lock of the client.
class Throttle {
 public:
  /// The clients that the throttle stops.
  class Source {
   public:
    virtual void pauseDelivery() = 0;
    virtual void resumeDelivery() = 0;

   protected:
    ~Source() = default;
  };

  /// `id`: names the source in the mailbox.
  Throttle(std::shared_ptr<Mailbox> mailbox, Source& source, std::uint32_t id)
      : mailbox_(std::move(mailbox)), source_(source), id_(id) {}
  Mailbox& mailbox() const { return *mailbox_; }

  /// For receivers, after a push that returned true: the mailbox is too full.
  void stop();
  /// JavaScript thread: the mailbox has emptied.
  void goOn();

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  Source& source_;
  const std::uint32_t id_;
  std::mutex mutex_;
  bool stopped_ = false;
};

}  // namespace rtm::binding
