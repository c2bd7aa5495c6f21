#include "sdk/call_manager.hpp"

#include "sdk/arguments.hpp"
#include "sdk/kept_for_release.hpp"

namespace rtm::sdk {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr int kForeign = INVITATION_API_CALL_ERR_INVALID_ARGUMENT;

/// Invitations of callees whose managers are released: a program may look at them and release them still
/// (docs/spec/api.md §12), so they stay for a while, as released services do.
void keepForRelease(client::InvitationEvents::Remote invitation) {
  static auto* const kept = new KeptForRelease<client::InvitationEvents::Remote, 256>;
  kept->keep(std::move(invitation));
}

LocalInvitationObject& objectOf(const client::InvitationEvents::Local& invitation) {
  return *static_cast<LocalInvitationObject*>(invitation->attachment.get());
}

RemoteInvitationObject& objectOf(const client::InvitationEvents::Remote& invitation) {
  return *static_cast<RemoteInvitationObject*>(invitation->attachment.get());
}

}  // namespace

void LocalInvitationObject::setContent(const char* content) {
  if (core_.state() == client::LocalInvitationState::Idle) content_ = orEmpty(content);
}

void LocalInvitationObject::setChannelId(const char* channelId) {
  if (core_.state() == client::LocalInvitationState::Idle) channelId_ = orEmpty(channelId);
}

void LocalInvitationObject::release() {
  const std::shared_ptr<client::LocalInvitation> keep = std::move(hold_);
  if (const std::shared_ptr<CallManager> manager = manager_.lock()) manager->dropLocal(*this);
}

RemoteInvitationObject::~RemoteInvitationObject() {
  if (const std::shared_ptr<CallManager> manager = manager_.lock()) manager->dropRemote(this);
}

void RemoteInvitationObject::setResponse(const char* response) {
  if (core_.state() == client::RemoteInvitationState::InvitationReceived) response_ = orEmpty(response);
}

std::shared_ptr<client::Client> CallManager::usable() const {
  const std::lock_guard lock(objectMutex_);
  return released_ || !life::isOurs(life_) ? nullptr : client_.lock();
}

bool CallManager::released() const {
  const std::lock_guard lock(objectMutex_);
  return released_;
}

ILocalCallInvitation* CallManager::createLocalCallInvitation(const char* calleeId) {
  const std::shared_ptr<client::Client> client = usable();
  if (client == nullptr) return nullptr;
  const Local invitation = client->invitations().create(orEmpty(calleeId));
  if (invitation == nullptr) return nullptr;
  const auto object = std::make_shared<LocalInvitationObject>(*invitation, weak_from_this());
  invitation->attachment = object;
  const std::lock_guard lock(objectMutex_);
  locals_.emplace(object.get(), invitation);
  return object.get();
}

void CallManager::dropLocal(LocalInvitationObject& object) {
  if (!life::isOurs(life_)) return;  // a child of fork(): a thread of the parent may have been at the list
  Local dropped;                     // dies outside the lock, and `object` with it
  {
    const std::lock_guard lock(objectMutex_);
    const auto found = locals_.find(&object);
    if (found == locals_.end()) return;
    dropped = std::move(found->second);
    locals_.erase(found);
  }
  if (const std::shared_ptr<client::Client> client = client_.lock()) client->invitations().release(*dropped);
}

void CallManager::dropRemote(const RemoteInvitationObject* object) {
  const std::lock_guard lock(objectMutex_);
  remotes_.erase(object);
}

CallManager::Local CallManager::known(const ILocalCallInvitation* invitation) const {
  if (!life::isOurs(life_)) return nullptr;
  const std::lock_guard lock(objectMutex_);
  const auto found = locals_.find(invitation);
  return found != locals_.end() ? found->second : nullptr;
}

CallManager::Remote CallManager::known(const IRemoteCallInvitation* invitation) const {
  if (!life::isOurs(life_)) return nullptr;
  const std::lock_guard lock(objectMutex_);
  const auto found = remotes_.find(invitation);
  return found != remotes_.end() ? found->second.lock() : nullptr;
}

int CallManager::sendLocalInvitation(ILocalCallInvitation* invitation) {
  const std::shared_ptr<client::Client> client = usable();
  const Local local = known(invitation);
  if (client == nullptr || local == nullptr) return kForeign;
  const LocalInvitationObject& object = objectOf(local);
  return static_cast<int>(client->invitations().send(local, object.content_, object.channelId_));
}

int CallManager::cancelLocalInvitation(ILocalCallInvitation* invitation) {
  const std::shared_ptr<client::Client> client = usable();
  const Local local = known(invitation);
  if (client == nullptr || local == nullptr) return kForeign;
  return static_cast<int>(client->invitations().cancel(local));
}

int CallManager::acceptRemoteInvitation(IRemoteCallInvitation* invitation) {
  return answer(invitation, true);
}

int CallManager::refuseRemoteInvitation(IRemoteCallInvitation* invitation) {
  return answer(invitation, false);
}

int CallManager::answer(const IRemoteCallInvitation* invitation, bool accept) {
  const std::shared_ptr<client::Client> client = usable();
  const Remote remote = known(invitation);
  if (client == nullptr || remote == nullptr) return kForeign;
  const std::string& response = objectOf(remote).response_;
  client::Invitations& invitations = client->invitations();
  return static_cast<int>(accept ? invitations.accept(remote->number(), response)
                                 : invitations.refuse(remote->number(), response));
}

void CallManager::release() {
  if (!life::isOurs(life_)) return;
  const std::shared_ptr<CallManager> keep = std::move(self_);
  if (keep == nullptr) return;
  {
    const client::HandlerLock::Hold hold(eventLock_);
    handler_ = nullptr;
  }
  onServiceReleased();  // its users still hold the kept invitations
  if (const std::shared_ptr<client::Client> client = client_.lock()) client->invitations().close();
  std::vector<Remote> kept;
  {
    const std::lock_guard lock(objectMutex_);
    released_ = true;
    for (const auto& [key, local] : locals_) objectOf(local).hold_ = local;
    kept.swap(kept_);
  }
  for (Remote& remote : kept) keepForRelease(std::move(remote));
}

void CallManager::onServiceReleased() {
  std::vector<Remote> kept;  // the former ones die outside the lock
  const std::lock_guard lock(objectMutex_);
  serviceReleased_ = true;
  for (const auto& [key, remote] : remotes_) {
    if (Remote alive = remote.lock()) kept.push_back(std::move(alive));
  }
  kept.swap(kept_);
}

void CallManager::replaceHandler(IRtmCallEventHandler* handler) {
  const client::HandlerLock::Hold hold(eventLock_);
  handler_ = handler;
}

template <typename Call>
void CallManager::notify(Call&& call) {
  const std::shared_ptr<CallManager> keep = shared_from_this();  // a handler may release the manager and its service
  const client::HandlerLock::Hold hold(eventLock_);
  if (handler_ != nullptr) call(*handler_);
}

void CallManager::onLocalReceivedByPeer(const Local& invitation) {
  notify([&](IRtmCallEventHandler& handler) { handler.onLocalInvitationReceivedByPeer(&objectOf(invitation)); });
}

void CallManager::onLocalCanceled(const Local& invitation) {
  notify([&](IRtmCallEventHandler& handler) { handler.onLocalInvitationCanceled(&objectOf(invitation)); });
}

void CallManager::onLocalFailure(const Local& invitation, client::LocalInvitationError error) {
  notify([&](IRtmCallEventHandler& handler) {
    handler.onLocalInvitationFailure(&objectOf(invitation), static_cast<LOCAL_INVITATION_ERR_CODE>(error));
  });
}

void CallManager::onLocalAccepted(const Local& invitation) {
  notify([&](IRtmCallEventHandler& handler) {
    handler.onLocalInvitationAccepted(&objectOf(invitation), invitation->response().c_str());
  });
}

void CallManager::onLocalRefused(const Local& invitation) {
  notify([&](IRtmCallEventHandler& handler) {
    handler.onLocalInvitationRefused(&objectOf(invitation), invitation->response().c_str());
  });
}

void CallManager::onRemoteReceived(const Remote& invitation) {
  const auto object = std::make_shared<RemoteInvitationObject>(*invitation, weak_from_this());
  {
    const std::lock_guard lock(objectMutex_);
    remotes_.emplace(object.get(), invitation);
    // The client forgets its invitations now; the handler below hands this one to a user who may look at it still.
    if (serviceReleased_) kept_.push_back(invitation);
  }
  invitation->attachment = object;
  notify([&](IRtmCallEventHandler& handler) { handler.onRemoteInvitationReceived(object.get()); });
}

void CallManager::onRemoteAccepted(const Remote& invitation) {
  notify([&](IRtmCallEventHandler& handler) { handler.onRemoteInvitationAccepted(&objectOf(invitation)); });
}

void CallManager::onRemoteRefused(const Remote& invitation) {
  notify([&](IRtmCallEventHandler& handler) { handler.onRemoteInvitationRefused(&objectOf(invitation)); });
}

void CallManager::onRemoteCanceled(const Remote& invitation) {
  notify([&](IRtmCallEventHandler& handler) { handler.onRemoteInvitationCanceled(&objectOf(invitation)); });
}

void CallManager::onRemoteFailure(const Remote& invitation, client::RemoteInvitationError error) {
  notify([&](IRtmCallEventHandler& handler) {
    handler.onRemoteInvitationFailure(&objectOf(invitation), static_cast<REMOTE_INVITATION_ERR_CODE>(error));
  });
}

}  // namespace rtm::sdk
