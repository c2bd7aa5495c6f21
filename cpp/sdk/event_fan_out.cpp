#include "sdk/event_fan_out.hpp"

#include "sdk/message.hpp"

namespace rtm::sdk {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

void EventFanOut::add(IRtmServiceEventHandler* handler) {
  const client::HandlerLock::Hold hold(lock_);
  if (std::find(handlers_.begin(), handlers_.end(), handler) == handlers_.end()) handlers_.push_back(handler);
}

void EventFanOut::remove(IRtmServiceEventHandler* handler) {
  const client::HandlerLock::Hold hold(lock_);
  std::erase(handlers_, handler);
}

void EventFanOut::close() {
  const client::HandlerLock::Hold hold(lock_);
  handlers_.clear();
  closeExtensions();
}

void EventFanOut::onConnectionState(client::ConnectionState state, client::ConnectionReason reason) {
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onConnectionStateChanged(static_cast<CONNECTION_STATE>(state),
                                     static_cast<CONNECTION_CHANGE_REASON>(reason));
  });
}

/// The vendor's handlers have no such callback.
void EventFanOut::onLoginSuccess() {
  forEach([](IRtmServiceEventHandler& handler) { handler.onLoginSuccess(); });
}

void EventFanOut::onLoginFailure(client::LoginCode code) {
  forEach([&](IRtmServiceEventHandler& handler) { handler.onLoginFailure(static_cast<LOGIN_ERR_CODE>(code)); });
}

void EventFanOut::onLogout(client::LogoutCode code) {
  forEach([&](IRtmServiceEventHandler& handler) { handler.onLogout(static_cast<LOGOUT_ERR_CODE>(code)); });
}

void EventFanOut::onRenewTokenResult(std::string_view token, client::RenewTokenCode code) {
  const std::string text(token);
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onRenewTokenResult(text.c_str(), static_cast<RENEW_TOKEN_ERR_CODE>(code));
  });
}

void EventFanOut::onTokenExpired() {
  forEach([](IRtmServiceEventHandler& handler) { handler.onTokenExpired(); });
}

void EventFanOut::onTokenWillExpire() {
  forEach([](IRtmServiceEventHandler& handler) { handler.onTokenPrivilegeWillExpire(); });
}

void EventFanOut::onPeerSendResult(long long messageId, client::PeerMessageCode code) {
  forEach([&](IRtmServiceEventHandler& handler) {
    handler.onSendMessageResult(messageId, static_cast<PEER_MESSAGE_ERR_CODE>(code));
  });
}

void EventFanOut::onPeerMessage(std::string_view senderId, const client::MessageView& message) {
  const std::string sender(senderId);
  if (message.type == client::MessageType::File) {
    const FileMessage received(toData(message));
    return forEach(
        [&](IRtmServiceEventHandler& handler) { handler.onFileMessageReceivedFromPeer(sender.c_str(), &received); });
  }
  if (message.type == client::MessageType::Image) {
    const ImageMessage received(toData(message));
    return forEach(
        [&](IRtmServiceEventHandler& handler) { handler.onImageMessageReceivedFromPeer(sender.c_str(), &received); });
  }
  const ReceivedMessage received(message);
  forEach([&](IRtmServiceEventHandler& handler) { handler.onMessageReceivedFromPeer(sender.c_str(), &received); });
}

}  // namespace rtm::sdk
