#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "IAgoraRtmCallManager.h"
#include "client/config.hpp"
#include "client/invitations/invitation_machine.hpp"
#include "client/runtime/delivery.hpp"
#include "wire/size_limits.hpp"

namespace rtm::client {

class CallManager;

/// The caller's object. Texts that a user sets are fixed from the send on; the response is written once, before the
/// state that says so.
class LocalInvitation final : public agora::rtm::ILocalCallInvitation {
 public:
  LocalInvitation(std::weak_ptr<CallManager> manager, std::string calleeId)
      : manager_(std::move(manager)), calleeId_(std::move(calleeId)) {}
  ~LocalInvitation() override = default;

  const char* getCalleeId() const override { return calleeId_.c_str(); }
  void setContent(const char* content) override;
  const char* getContent() const override { return content_.c_str(); }
  void setChannelId(const char* channelId) override;
  const char* getChannelId() const override { return channelId_.c_str(); }
  const char* getResponse() const override;
  agora::rtm::LOCAL_INVITATION_STATE getState() const override { return state_; }
  void release() override;

 private:
  friend class CallManager;
  const std::weak_ptr<CallManager> manager_;
  const std::string calleeId_;
  std::string content_;
  std::string channelId_;
  std::string response_;
  std::atomic<agora::rtm::LOCAL_INVITATION_STATE> state_{agora::rtm::LOCAL_INVITATION_STATE_IDLE};
  LocalInvitationMachine machine_;
  std::uint64_t callId_ = 0;
  std::shared_ptr<LocalInvitation> self_;  ///< the user's hold, once the manager that kept it is released
};

/// The callee's object.
class RemoteInvitation final : public agora::rtm::IRemoteCallInvitation,
                               public std::enable_shared_from_this<RemoteInvitation> {
 public:
  RemoteInvitation(std::weak_ptr<CallManager> manager, std::string callerId, const wire::CallSignal& signal)
      : manager_(std::move(manager)),
        callerId_(std::move(callerId)),
        content_(signal.content),
        channelId_(signal.channelId),
        callId_(signal.callId) {}
  ~RemoteInvitation() override = default;

  const char* getCallerId() const override { return callerId_.c_str(); }
  const char* getContent() const override { return content_.c_str(); }
  void setResponse(const char* response) override;
  const char* getResponse() const override { return response_.c_str(); }
  const char* getChannelId() const override { return channelId_.c_str(); }
  agora::rtm::REMOTE_INVITATION_STATE getState() const override { return state_; }
  void release() override;

 private:
  friend class CallManager;
  const std::weak_ptr<CallManager> manager_;
  const std::string callerId_;
  const std::string content_;
  const std::string channelId_;
  std::string response_;
  std::atomic<agora::rtm::REMOTE_INVITATION_STATE> state_{agora::rtm::REMOTE_INVITATION_STATE_IDLE};
  RemoteInvitationMachine machine_;
  const std::uint64_t callId_;
};

/// The call manager of one service: keeps the invitations, sends their signals as peer messages of type CALL, and
/// repeats what did not arrive. Guarded by the service's lock; the public calls take it.
class CallManager final : public agora::rtm::IRtmCallManager, public std::enable_shared_from_this<CallManager> {
 public:
  /// What the manager needs of its service. lock() gives the service's lock, or nothing after its release; all else is
  /// called with it held.
  class Service {
   public:
    virtual std::mutex& callLock() = 0;
    virtual bool callsAllowed() const = 0;  ///< logged in, and not ABORTED
    virtual const Timing& callTiming() const = 0;
    virtual const wire::CallLimits& callLimits() const = 0;
    virtual std::uint64_t callClockMs() const = 0;
    /// Sends a signal; its result comes back as onSignalResult(token, code). False: it could not be queued.
    virtual bool sendSignal(const std::string& peerId, const wire::CallSignal& signal, std::uint64_t token) = 0;
    /// Asks for tick() every 100 ms until it returns false.
    virtual void watchCalls() = 0;
    virtual void forgetCallManager() = 0;

   protected:
    ~Service() = default;
  };

  CallManager(std::weak_ptr<Service> service, std::shared_ptr<Delivery> delivery,
              agora::rtm::IRtmCallEventHandler* handler)
      : service_(std::move(service)), delivery_(std::move(delivery)), handler_(handler) {}
  ~CallManager() override = default;

  int sendLocalInvitation(agora::rtm::ILocalCallInvitation* invitation) override;
  int acceptRemoteInvitation(agora::rtm::IRemoteCallInvitation* invitation) override;
  int refuseRemoteInvitation(agora::rtm::IRemoteCallInvitation* invitation) override;
  int cancelLocalInvitation(agora::rtm::ILocalCallInvitation* invitation) override;
  agora::rtm::ILocalCallInvitation* createLocalCallInvitation(const char* calleeId) override;
  void release() override;

  /// A second getRtmCallManager with another handler: that one hears from now on (as with createChannel, S-40).
  void replaceHandler(agora::rtm::IRtmCallEventHandler* handler);

  // From the service, under its lock.
  void onSignal(std::string_view peerId, const wire::CallSignal& signal);
  void onSignalResult(std::uint64_t token, std::uint32_t code);
  /// Runs the timers; true while there is anything to watch.
  bool tick(std::uint64_t nowMs);
  void onLoggedOut();
  /// Ends everything without a word; the user may still release the manager and its invitations.
  void onServiceReleased() {
    released_ = true;
    signals_.clear();
  }

  /// The user's hold; ends with release().
  std::shared_ptr<CallManager> self;

 private:
  friend class LocalInvitation;
  friend class RemoteInvitation;

  /// A signal on its way, repeated until it arrives or `deadline` is over.
  struct Signal {
    std::string peerId;
    std::uint64_t callId = 0;
    wire::CallAction action{};
    std::string content;
    std::string channelId;
    std::string response;
    std::uint64_t deadline = 0;
    std::uint64_t retryAt = 0;  ///< 0: under way
  };

  int remoteCall(agora::rtm::IRemoteCallInvitation* invitation, bool accept);
  std::shared_ptr<LocalInvitation> known(const agora::rtm::ILocalCallInvitation* invitation) const;
  std::shared_ptr<RemoteInvitation> known(const agora::rtm::IRemoteCallInvitation* invitation) const;
  void perform(const std::shared_ptr<LocalInvitation>& invitation, const LocalStep& step, Service& service);
  void perform(const std::shared_ptr<RemoteInvitation>& invitation, const RemoteStep& step, Service& service);
  void send(Signal signal, Service& service);
  std::shared_ptr<LocalInvitation> findLocal(std::string_view calleeId, std::uint64_t callId) const;
  std::shared_ptr<RemoteInvitation> findRemote(std::string_view callerId, std::uint64_t callId) const;
  void dropLocal(const LocalInvitation* invitation);

  const std::weak_ptr<Service> service_;
  const std::shared_ptr<Delivery> delivery_;
  agora::rtm::IRtmCallEventHandler* handler_;  ///< under the delivery lock
  bool released_ = false;

  std::map<const LocalInvitation*, std::shared_ptr<LocalInvitation>> locals_;     ///< until the user's release
  std::map<const RemoteInvitation*, std::shared_ptr<RemoteInvitation>> remotes_;  ///< until they end
  /// The last ones that ended: a repeated INVITE is no new call, and a user may still look at them and release them.
  std::deque<std::shared_ptr<RemoteInvitation>> endedRemotes_;
  std::map<std::uint64_t, Signal> signals_;
  std::uint64_t nextToken_ = 1;
};

}  // namespace rtm::client
