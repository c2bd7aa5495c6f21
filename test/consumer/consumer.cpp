// What a C++ user's first program does: two users log in, and one sends the other a message.
//   consumer                         only makes a service, initialises and releases it
//   consumer <app id> <text>         talks to the server that RTM_ENDPOINTS names, which must not ask for tokens
#include <IAgoraRtmCallManager.h>
#include <IAgoraRtmService.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>

using namespace agora::rtm;

namespace {

const char* const kNoServerAppId = "00000000000000000000000000000000";

/// A value that a callback sets once and the program waits for.
class Outcome {
 public:
  void set(const std::string& value) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (done_) return;
    value_ = value;
    done_ = true;
    changed_.notify_all();
  }

  std::string wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(60), [this] { return done_; })) return "nothing in 60 s";
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::string value_;
};

class Handler : public IRtmServiceEventHandler {
 public:
  Outcome login;
  Outcome sent;
  Outcome received;

  void onLoginSuccess() override { login.set("ok"); }
  void onLoginFailure(LOGIN_ERR_CODE error) override { login.set("error " + std::to_string(error)); }
  void onSendMessageResult(long long, PEER_MESSAGE_ERR_CODE error) override {
    sent.set(error == PEER_MESSAGE_ERR_OK ? "ok" : "error " + std::to_string(error));
  }
  void onMessageReceivedFromPeer(const char* peerId, const IMessage* message) override {
    received.set(std::string(peerId) + ": " + message->getText());
  }
};

bool expect(const char* what, const std::string& expected, const std::string& actual) {
  if (expected == actual) return true;
  std::fprintf(stderr, "%s: expected \"%s\", got \"%s\"\n", what, expected.c_str(), actual.c_str());
  return false;
}

struct User {
  Handler handler;
  IRtmService* service = createRtmService();

  ~User() {
    if (service != nullptr) service->release(true);
  }

  bool initialize(const char* appId) {
    return service != nullptr && expect("initialize", "0", std::to_string(service->initialize(appId, &handler)));
  }

  bool logIn(const char* appId, const char* name) {
    return initialize(appId) && expect("login()", "0", std::to_string(service->login(nullptr, name))) &&
           expect("login", "ok", handler.login.wait());
  }
};

bool talk(const char* appId, const char* text) {
  User alice;
  User bob;
  if (!alice.logIn(appId, "alice") || !bob.logIn(appId, "bob")) return false;
  IMessage* message = alice.service->createMessage(text);
  const int result = alice.service->sendMessageToPeer("bob", message, SendMessageOptions());
  message->release();
  return expect("sendMessageToPeer()", "0", std::to_string(result)) &&
         expect("the message", std::string("alice: ") + text, bob.handler.received.wait()) &&
         expect("the result", "ok", alice.handler.sent.wait());
}

}  // namespace

int main(int argc, char** argv) {
  if (!expect("the version", "1.5.0", getRtmSdkVersion())) return 1;
  if (argc == 3) {
    if (!talk(argv[1], argv[2])) return 1;
    std::printf("bob has the message\n");
    return 0;
  }
  User user;
  if (!user.initialize(kNoServerAppId)) return 1;
  std::printf("initialised\n");
  return 0;
}
