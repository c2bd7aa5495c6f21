#pragma once

// A user of the C++ library as programs write them: handlers that record their calls, and a way to wait for a call.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "IAgoraRtmCallManager.h"
#include "IAgoraRtmService.h"

namespace rtm::test {

/// Calls of the handlers as lines, in order.
class Diary {
 public:
  void write(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();  // under the lock: whoever waits may destroy the diary as soon as it has the line
  }

  /// Waits until `line` has been written; false after `seconds`.
  bool has(const std::string& line, int seconds = 20) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(seconds), [&] {
      for (const std::string& written : lines_) {
        if (written == line) return true;
      }
      return false;
    });
  }

  std::string all() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

class Bot final : public agora::rtm::IRtmServiceEventHandler, public agora::rtm::IRtmCallEventHandler {
 public:
  Bot(const std::string& appId, std::string userId, const std::string& endpoint, const std::string& timing = "{}");
  ~Bot() override;

  void login();
  /// Sends `text` to a user.
  void send(const std::string& to, const std::string& text);
  /// Sends so many messages of 30 KB to `other`, who has only logged in so far and gets them once each and in order.
  void sendLongMessages(Bot& other, int count);
  Diary diary;
  agora::rtm::IRtmService* service = nullptr;
  agora::rtm::IRtmCallManager* calls = nullptr;
  agora::rtm::IRemoteCallInvitation* incoming = nullptr;

  void onLoginSuccess() override { diary.write("login"); }
  void onLoginFailure(agora::rtm::LOGIN_ERR_CODE code) override { diary.write("login failed " + std::to_string(code)); }
  void onLogout(agora::rtm::LOGOUT_ERR_CODE) override { diary.write("logout"); }
  void onMessageReceivedFromPeer(const char* peerId, const agora::rtm::IMessage* message) override {
    diary.write(std::string(peerId) + ": " + message->getText());
  }
  void onSendMessageResult(long long, agora::rtm::PEER_MESSAGE_ERR_CODE code) override {
    diary.write("sent " + std::to_string(code));
  }
  void onPeersOnlineStatusChanged(const agora::rtm::PeerOnlineStatus peers[], int count) override {
    for (int i = 0; i < count; ++i)
      diary.write(std::string(peers[i].peerId) + " is " + std::to_string(peers[i].onlineState));
  }
  void onLocalInvitationReceivedByPeer(agora::rtm::ILocalCallInvitation*) override { diary.write("ringing"); }
  void onLocalInvitationCanceled(agora::rtm::ILocalCallInvitation*) override { diary.write("canceled"); }
  void onLocalInvitationFailure(agora::rtm::ILocalCallInvitation*,
                                agora::rtm::LOCAL_INVITATION_ERR_CODE code) override {
    diary.write("failed " + std::to_string(code));
  }
  void onLocalInvitationAccepted(agora::rtm::ILocalCallInvitation*, const char* response) override {
    diary.write(std::string("accepted ") + response);
  }
  void onLocalInvitationRefused(agora::rtm::ILocalCallInvitation*, const char* response) override {
    diary.write(std::string("refused ") + response);
  }
  void onRemoteInvitationReceived(agora::rtm::IRemoteCallInvitation* invitation) override {
    incoming = invitation;
    diary.write(std::string("call from ") + invitation->getCallerId() + ": " + invitation->getContent());
  }
  void onRemoteInvitationAccepted(agora::rtm::IRemoteCallInvitation*) override { diary.write("acceptance confirmed"); }
  void onRemoteInvitationRefused(agora::rtm::IRemoteCallInvitation*) override { diary.write("refusal done"); }
  void onRemoteInvitationCanceled(agora::rtm::IRemoteCallInvitation*) override { diary.write("call canceled"); }
  void onRemoteInvitationFailure(agora::rtm::IRemoteCallInvitation*,
                                 agora::rtm::REMOTE_INVITATION_ERR_CODE code) override {
    diary.write("call failed " + std::to_string(code));
  }

 private:
  std::string userId_;
};

}  // namespace rtm::test
