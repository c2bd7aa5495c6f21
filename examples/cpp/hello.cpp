// An ordinary program for the RTM 1.5.0 C++ SDK: log in, greet a peer, join a channel, answer every peer message, and
// log out when a peer says "bye". Nothing in it is particular to rtm-native; which server to use comes from the
// environment variable RTM_ENDPOINTS, for example
//   export RTM_ENDPOINTS='rtms://127.0.0.1:9136#sha256=<as printed by the server>'
//   ./hello <app id> <user> <token or ""> <peer>

#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

#include "IAgoraRtmService.h"

using namespace agora::rtm;

namespace {

/// Lets main() wait for what the callbacks report.
class Gate {
 public:
  void open(bool good) {
    std::lock_guard<std::mutex> lock(mutex_);
    good_ = good_ && good;
    open_ = true;
    changed_.notify_all();
  }

  bool wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
    return good_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  bool good_ = true;
};

void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

class ChannelHandler : public IChannelEventHandler {
 public:
  Gate joined;

  void onJoinSuccess() override { joined.open(true); }

  void onJoinFailure(JOIN_CHANNEL_ERR error) override {
    print("join failed: " + std::to_string(error));
    joined.open(false);
  }

  void onMessageReceived(const char* userId, const IMessage* message) override {
    print(std::string("lobby, ") + userId + ": " + message->getText());
  }
};

class ServiceHandler : public IRtmServiceEventHandler {
 public:
  explicit ServiceHandler(IRtmService* service) : service_(service) {}

  Gate loggedIn;
  Gate finished;  // opens when a peer has said "bye"
  Gate loggedOut;

  void onLoginSuccess() override { loggedIn.open(true); }

  void onLoginFailure(LOGIN_ERR_CODE error) override {
    print("login failed: " + std::to_string(error));
    loggedIn.open(false);
  }

  void onLogout(LOGOUT_ERR_CODE) override { loggedOut.open(true); }

  void onConnectionStateChanged(CONNECTION_STATE state, CONNECTION_CHANGE_REASON reason) override {
    print("state " + std::to_string(state) + ", reason " + std::to_string(reason));
    if (state == CONNECTION_STATE_ABORTED) finished.open(false);
  }

  void onSendMessageResult(long long, PEER_MESSAGE_ERR_CODE error) override {
    print("peer message: result " + std::to_string(error));
  }

  // The message belongs to the SDK, which frees it when this function returns. Copy what you need later.
  void onMessageReceivedFromPeer(const char* peerId, const IMessage* message) override {
    const std::string text = message->getText();
    print(std::string(peerId) + ": " + text);
    if (text == "bye") {
      finished.open(true);
      return;
    }
    if (text.compare(0, 5, "echo:") == 0) return;  // otherwise two of these programs would answer each other forever
    IMessage* answer = service_->createMessage(("echo: " + text).c_str());
    service_->sendMessageToPeer(peerId, answer, SendMessageOptions());
    answer->release();
  }

 private:
  IRtmService* service_;
};

int run(const char* appId, const char* user, const char* token, const char* peer) {
  IRtmService* service = createRtmService();
  if (service == nullptr) return 1;
  ServiceHandler handler(service);
  ChannelHandler channelHandler;

  int status = 1;
  if (service->initialize(appId, &handler) != 0) {
    print("initialize failed: is the App ID 32 hexadecimal characters?");
  } else if (service->login(token, user) != 0) {
    print("login was refused at once");
  } else if (handler.loggedIn.wait()) {
    print(std::string("logged in as ") + user + ", SDK " + getRtmSdkVersion());

    IMessage* greeting = service->createMessage((std::string("hello from ") + user).c_str());
    service->sendMessageToPeer(peer, greeting, SendMessageOptions());
    greeting->release();

    IChannel* channel = service->createChannel("lobby", &channelHandler);
    if (channel != nullptr && channel->join() == 0 && channelHandler.joined.wait()) {
      print("joined lobby");
      IMessage* message = service->createMessage("hello, lobby");
      channel->sendMessage(message, SendMessageOptions());
      message->release();
      if (handler.finished.wait()) status = 0;
    }
    if (channel != nullptr) channel->release();  // leaves it

    if (service->logout() == 0) handler.loggedOut.wait();
    print("logged out");
  }
  service->release(true);
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s <app id> <user> <token or \"\"> <peer>\n", argv[0]);
    return 2;
  }
  return run(argv[1], argv[2], argv[3], argv[4]);
}
