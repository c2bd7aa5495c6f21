#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "IAgoraRtmCallManager.h"
#include "base/process_life.hpp"
#include "client/client.hpp"
#include "client/invitations/invitations.hpp"
#include "client/runtime/handler_lock.hpp"

namespace rtm::sdk {

class CallManager;

/// ILocalCallInvitation over an invitation of the client core, to which it is attached: both live equally long. The
/// texts that a user sets are fixed from the send on.
class LocalInvitationObject final : public agora::rtm::ILocalCallInvitation {
 public:
  LocalInvitationObject(client::LocalInvitation& core, std::weak_ptr<CallManager> manager)
      : core_(core), manager_(std::move(manager)) {}
  ~LocalInvitationObject() override = default;

  const char* getCalleeId() const override { return core_.calleeId().c_str(); }
  void setContent(const char* content) override;
  const char* getContent() const override { return content_.c_str(); }
  void setChannelId(const char* channelId) override;
  const char* getChannelId() const override { return channelId_.c_str(); }
  const char* getResponse() const override { return core_.response().c_str(); }
  agora::rtm::LOCAL_INVITATION_STATE getState() const override {
    return static_cast<agora::rtm::LOCAL_INVITATION_STATE>(core_.state());
  }
  void release() override;

 private:
  friend class CallManager;
  client::LocalInvitation& core_;
  const std::weak_ptr<CallManager> manager_;
  std::string content_;
  std::string channelId_;
  std::shared_ptr<client::LocalInvitation> hold_;  ///< the user's, once the manager that kept it is released
};

/// IRemoteCallInvitation, likewise.
class RemoteInvitationObject final : public agora::rtm::IRemoteCallInvitation {
 public:
  RemoteInvitationObject(const client::RemoteInvitation& core, std::weak_ptr<CallManager> manager)
      : core_(core), manager_(std::move(manager)) {}
  ~RemoteInvitationObject() override;

  const char* getCallerId() const override { return core_.callerId().c_str(); }
  const char* getContent() const override { return core_.content().c_str(); }
  void setResponse(const char* response) override;
  const char* getResponse() const override { return response_.c_str(); }
  const char* getChannelId() const override { return core_.channelId().c_str(); }
  agora::rtm::REMOTE_INVITATION_STATE getState() const override {
    return static_cast<agora::rtm::REMOTE_INVITATION_STATE>(core_.state());
  }
  void release() override {}  // the client keeps it as long as the call runs, and some time longer

 private:
  friend class CallManager;
  const client::RemoteInvitation& core_;
  const std::weak_ptr<CallManager> manager_;
  std::string response_;
};

/// IRtmCallManager over the invitations of a client. Knows the objects that it gave out, so that a pointer of another
/// manager, or of something that is gone, is an invalid argument and not a crash.
///
/// Locks: eventLock_ while a handler runs (the delivery lock comes before it); objectMutex_, a leaf, for the rest.
class CallManager final : public agora::rtm::IRtmCallManager,
                          public client::InvitationEvents,
                          public std::enable_shared_from_this<CallManager> {
 public:
  CallManager(std::weak_ptr<client::Client> client, agora::rtm::IRtmCallEventHandler* handler)
      : client_(std::move(client)), handler_(handler) {}
  ~CallManager() override = default;

  int sendLocalInvitation(agora::rtm::ILocalCallInvitation* invitation) override;
  int acceptRemoteInvitation(agora::rtm::IRemoteCallInvitation* invitation) override;
  int refuseRemoteInvitation(agora::rtm::IRemoteCallInvitation* invitation) override;
  int cancelLocalInvitation(agora::rtm::ILocalCallInvitation* invitation) override;
  agora::rtm::ILocalCallInvitation* createLocalCallInvitation(const char* calleeId) override;
  void release() override;

  /// The manager is there once for a service: a second getRtmCallManager changes its handler.
  void replaceHandler(agora::rtm::IRtmCallEventHandler* handler);
  bool released() const;
  /// The service goes; the user may still look at the manager's invitations, and release them and the manager.
  void onServiceReleased();
  /// The user's hold; ends with release().
  void holdItself() { self_ = shared_from_this(); }

  // client::InvitationEvents.
  void onLocalReceivedByPeer(const Local& invitation) override;
  void onLocalCanceled(const Local& invitation) override;
  void onLocalFailure(const Local& invitation, client::LocalInvitationError error) override;
  void onLocalAccepted(const Local& invitation) override;
  void onLocalRefused(const Local& invitation) override;
  void onRemoteReceived(const Remote& invitation) override;
  void onRemoteAccepted(const Remote& invitation) override;
  void onRemoteRefused(const Remote& invitation) override;
  void onRemoteCanceled(const Remote& invitation) override;
  void onRemoteFailure(const Remote& invitation, client::RemoteInvitationError error) override;

 private:
  friend class LocalInvitationObject;
  friend class RemoteInvitationObject;

  std::shared_ptr<client::Client> usable() const;  ///< null after the release of the service or of this
  Local known(const agora::rtm::ILocalCallInvitation* invitation) const;
  Remote known(const agora::rtm::IRemoteCallInvitation* invitation) const;
  int answer(const agora::rtm::IRemoteCallInvitation* invitation, bool accept);
  void dropLocal(LocalInvitationObject& invitation);
  void dropRemote(const RemoteInvitationObject* invitation);
  template <typename Call>
  void notify(Call&& call);

  const std::weak_ptr<client::Client> client_;
  const life::Number life_ = life::now();
  client::HandlerLock eventLock_;
  agora::rtm::IRtmCallEventHandler* handler_;  ///< under eventLock_
  std::shared_ptr<CallManager> self_;

  mutable LifeMutex<std::mutex> objectMutex_;
  bool released_ = false;
  bool serviceReleased_ = false;
  std::map<const agora::rtm::ILocalCallInvitation*, Local> locals_;  ///< until the user's release
  std::map<const agora::rtm::IRemoteCallInvitation*, std::weak_ptr<const client::RemoteInvitation>> remotes_;
  std::vector<Remote> kept_;  ///< invitations of a released service
};

}  // namespace rtm::sdk
