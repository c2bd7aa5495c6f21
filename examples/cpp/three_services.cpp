// Three services in one process. Each service is one user with its own callbacks and channels. This is an ordinary
// program for the RTM 1.5.0 C++ SDK.
//   export RTM_ENDPOINTS='rtms://127.0.0.1:9136#sha256=<as printed by the server>'
//   ./three_services <app id> [<token of anna> <token of ben> <token of carla>]
// If a token is missing or "", the project must accept logins without a token. The App ID may also come from
// RTM_APP_ID; the argument is then "".
//
// Every wait has a time limit. The exit code is 0 only if every expected event has come.

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "IAgoraRtmService.h"

using namespace agora::rtm;

namespace {

const std::chrono::seconds kPatience(20);

/// Six threads write, three of them in callbacks, so a lock lets one line out at a time.
void print(const std::string& line) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void expect(bool good, const std::string& what) {
  if (!good) throw std::runtime_error("not as expected: " + what);
}

void accepted(int code, const std::string& call) {
  if (code != 0) throw std::runtime_error(call + " was refused with " + std::to_string(code));
}

/// The events of one user, in order.
class Diary {
 public:
  explicit Diary(const std::string& owner) : owner_(owner) {}

  void write(const std::string& line) {
    print(owner_ + ": " + line);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      lines_.push_back(line);
    }
    changed_.notify_all();
  }

  void waitFor(const std::string& line) {
    std::unique_lock<std::mutex> lock(mutex_);
    // A failure ends the wait, because the expected event will not come after it.
    changed_.wait_for(lock, kPatience, [&] { return find(line) > 0 || contains(" failed with ") > 0; });
    if (find(line) == 0) {
      throw std::runtime_error(owner_ + " waited in vain for: " + line);
    }
  }

  int count(const std::string& line) {
    std::lock_guard<std::mutex> lock(mutex_);
    return find(line);
  }

  /// Lines that contain a word.
  int mentions(const std::string& word) {
    std::lock_guard<std::mutex> lock(mutex_);
    return contains(word);
  }

 private:
  int contains(const std::string& word) const {
    int found = 0;
    for (const std::string& line : lines_) found += line.find(word) != std::string::npos ? 1 : 0;
    return found;
  }

  int find(const std::string& line) const {
    int found = 0;
    for (const std::string& written : lines_) found += written == line ? 1 : 0;
    return found;
  }

  const std::string owner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

/// A channel as one user sees it. Each channel has its own handler, because the callbacks do not name the channel.
class Room : public IChannelEventHandler {
 public:
  Room(IRtmService* service, const std::string& name, Diary& diary)
      : service_(service), name_(name), diary_(diary), channel_(service->createChannel(name.c_str(), this)) {
    if (channel_ == nullptr) throw std::runtime_error("createChannel " + name);
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() override { close(); }

  void join() {
    accepted(channel_->join(), "join " + name_);
    diary_.waitFor("joined " + name_);
  }

  void say(const std::string& text) {
    IMessage* message = service_->createMessage(text.c_str());
    const int code = channel_->sendMessage(message, SendMessageOptions());
    const std::string id = std::to_string(message->getMessageId());
    message->release();
    accepted(code, "sendMessage to " + name_);
    diary_.waitFor(name_ + ": message " + id + " has result 0");
  }

  void askForMembers() { accepted(channel_->getMembers(), "getMembers of " + name_); }

  void leave() {
    accepted(channel_->leave(), "leave " + name_);
    diary_.waitFor("left " + name_ + " with 0");
  }

  /// Also leaves the channel if the user is still a member. No callback comes afterwards.
  void close() {
    if (channel_ != nullptr) channel_->release();
    channel_ = nullptr;
  }

  void onJoinSuccess() override { diary_.write("joined " + name_); }
  void onJoinFailure(JOIN_CHANNEL_ERR code) override {
    diary_.write("join " + name_ + " failed with " + std::to_string(code));
  }
  void onLeave(LEAVE_CHANNEL_ERR code) override { diary_.write("left " + name_ + " with " + std::to_string(code)); }
  void onMessageReceived(const char* userId, const IMessage* message) override {
    diary_.write(name_ + ": " + userId + " says " + message->getText());
  }
  void onSendMessageResult(long long messageId, CHANNEL_MESSAGE_ERR_CODE code) override {
    diary_.write(name_ + ": message " + std::to_string(messageId) + " has result " + std::to_string(code));
  }
  void onMemberJoined(IChannelMember* member) override { diary_.write(name_ + ": " + member->getUserId() + " came"); }
  void onMemberLeft(IChannelMember* member) override { diary_.write(name_ + ": " + member->getUserId() + " went"); }
  void onMemberCountUpdated(int count) override { diary_.write(name_ + ": now " + std::to_string(count)); }
  void onGetMembers(IChannelMember** members, int count, GET_MEMBERS_ERR code) override {
    if (code != GET_MEMBERS_ERR_OK) diary_.write(name_ + ": members failed with " + std::to_string(code));
    for (int i = 0; i < count; ++i) diary_.write(name_ + ": has " + members[i]->getUserId());
  }

 private:
  IRtmService* const service_;
  const std::string name_;
  Diary& diary_;
  IChannel* channel_;
};

/// A user with a service of its own.
class User : public IRtmServiceEventHandler {
 public:
  User(const std::string& appId, const std::string& name) : diary(name), service(createRtmService()), name_(name) {
    if (service == nullptr) throw std::runtime_error("createRtmService");
    const int code = service->initialize(appId.c_str(), this);
    if (code == 0) return;
    service->release();
    accepted(code, "initialize");
  }
  User(const User&) = delete;
  User& operator=(const User&) = delete;
  ~User() override { end(); }

  /// Where the peer message goes that makes the round.
  void passOnTo(const std::string& next) { next_ = next; }

  void login(const std::string& token) {
    accepted(service->login(token.c_str(), name_.c_str()), "login of " + name_);
    diary.waitFor("logged in");
  }

  Room& open(const std::string& channel) {
    std::unique_ptr<Room>& room = rooms_[channel];
    if (room == nullptr) room.reset(new Room(service, channel, diary));
    return *room;
  }

  int send(const std::string& peer, const std::string& text) {
    IMessage* message = service->createMessage(text.c_str());
    const int code = service->sendMessageToPeer(peer.c_str(), message, SendMessageOptions());
    message->release();
    return code;
  }

  void logout() {
    accepted(service->logout(), "logout of " + name_);
    diary.waitFor("logged out with 0");
  }

  /// Channels first, then the service; it waits for the callback that may be running.
  void end() {
    rooms_.clear();
    if (service != nullptr) service->release(true);
    service = nullptr;
  }

  void onLoginSuccess() override { diary.write("logged in"); }
  void onLoginFailure(LOGIN_ERR_CODE code) override { diary.write("login failed with " + std::to_string(code)); }
  void onLogout(LOGOUT_ERR_CODE code) override { diary.write("logged out with " + std::to_string(code)); }
  void onSendMessageResult(long long, PEER_MESSAGE_ERR_CODE code) override {
    diary.write("peer message: result " + std::to_string(code));
  }
  void onMessageReceivedFromPeer(const char* peerId, const IMessage* message) override {
    const std::string text = message->getText();
    diary.write(std::string(peerId) + " sends " + text);
    // Calls are allowed in callbacks. Whoever gets the letter signs it and passes it on, until it is back with its
    // first sender, whose name it starts with.
    if (!next_.empty() && text.compare(0, name_.size(), name_) != 0) send(next_, text + "+" + name_);
  }
  void onPeersOnlineStatusChanged(const PeerOnlineStatus peers[], int count) override {
    for (int i = 0; i < count; ++i) {
      diary.write(std::string(peers[i].peerId) + (peers[i].onlineState == PEER_ONLINE_STATE_ONLINE    ? " is online"
                                                  : peers[i].onlineState == PEER_ONLINE_STATE_OFFLINE ? " is offline"
                                                                                                      : " is silent"));
    }
  }

  Diary diary;
  IRtmService* service;

 private:
  const std::string name_;
  std::string next_;
  std::map<std::string, std::unique_ptr<Room>> rooms_;
};

void loginAll(const std::vector<User*>& users, const std::vector<std::string>& tokens) {
  // The services know nothing of each other, so they may log in side by side.
  std::vector<std::thread> threads;
  std::vector<std::string> problems(users.size());
  for (std::size_t i = 0; i < users.size(); ++i) {
    threads.emplace_back([&, i] {
      try {
        users[i]->login(tokens[i]);
      } catch (const std::exception& error) {
        problems[i] = error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& problem : problems) {
    if (!problem.empty()) throw std::runtime_error(problem);
  }
}

void meetInTheKitchen(User& anna, User& ben, User& carla) {
  anna.open("kitchen").join();
  ben.open("kitchen").join();
  anna.diary.waitFor("kitchen: ben came");
  carla.open("kitchen").join();
  for (User* user : {&anna, &ben}) user->diary.waitFor("kitchen: carla came");
  for (User* user : {&anna, &ben, &carla}) user->diary.waitFor("kitchen: now 3");
  carla.open("kitchen").askForMembers();
  for (const char* name : {"anna", "ben", "carla"}) carla.diary.waitFor(std::string("kitchen: has ") + name);

  anna.open("kitchen").say("tea?");
  ben.open("kitchen").say("coffee!");
  carla.open("kitchen").say("water");
  ben.diary.waitFor("kitchen: anna says tea?");
  carla.diary.waitFor("kitchen: anna says tea?");
  anna.diary.waitFor("kitchen: ben says coffee!");
  carla.diary.waitFor("kitchen: ben says coffee!");
  anna.diary.waitFor("kitchen: carla says water");
  ben.diary.waitFor("kitchen: carla says water");
}

void whisperInTheGarden(User& anna, User& ben) {
  anna.open("garden").join();
  ben.open("garden").join();
  anna.diary.waitFor("garden: ben came");
  ben.open("garden").say("carla must not hear this");
  anna.diary.waitFor("garden: ben says carla must not hear this");
}

void sendALetterRound(User& anna, User& ben, User& carla) {
  anna.passOnTo("ben");
  ben.passOnTo("carla");
  carla.passOnTo("anna");
  accepted(anna.send("ben", "anna"), "sendMessageToPeer");
  ben.diary.waitFor("anna sends anna");
  carla.diary.waitFor("ben sends anna+ben");
  anna.diary.waitFor("carla sends anna+ben+carla");
  for (User* user : {&anna, &ben, &carla}) user->diary.waitFor("peer message: result 0");
}

void goOneByOne(User& anna, User& ben, User& carla) {
  const char* peers[] = {"ben"};
  long long requestId = 0;
  accepted(carla.service->subscribePeersOnlineStatus(peers, 1, requestId), "subscribePeersOnlineStatus");
  carla.diary.waitFor("ben is online");

  carla.open("kitchen").leave();
  for (User* user : {&anna, &ben}) user->diary.waitFor("kitchen: carla went");
  anna.open("garden").close();  // leaves without a callback
  ben.diary.waitFor("garden: anna went");

  anna.logout();
  ben.diary.waitFor("kitchen: anna went");
  expect(anna.send("ben", "too late") == PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN, "who is logged out cannot send");

  ben.end();  // releasing the service logs it out, too
  carla.diary.waitFor("ben is offline");
  accepted(carla.send("ben", "still there?"), "sendMessageToPeer");
  carla.diary.waitFor("peer message: result " + std::to_string(PEER_MESSAGE_ERR_PEER_UNREACHABLE));
  carla.logout();
}

void run(const std::string& appId, const std::vector<std::string>& tokens) {
  User anna(appId, "anna");
  User ben(appId, "ben");
  User carla(appId, "carla");
  loginAll({&anna, &ben, &carla}, tokens);
  meetInTheKitchen(anna, ben, carla);
  whisperInTheGarden(anna, ben);
  sendALetterRound(anna, ben, carla);
  goOneByOne(anna, ben, carla);

  expect(carla.diary.mentions("garden") == 0, "carla has heard of the garden");
  for (User* user : {&anna, &ben}) {
    expect(user->diary.count("kitchen: carla says water") == 1, "a channel message comes once");
  }
  expect(anna.diary.mentions("anna says") == 0 && ben.diary.mentions("ben says") == 0,
         "the sender of a channel message gets no copy");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 5) {
    std::fprintf(stderr, "usage: %s <app id> [<token of anna> <token of ben> <token of carla>]\n", argv[0]);
    return 2;
  }
  std::string appId = argv[1];
  if (appId.empty() && std::getenv("RTM_APP_ID") != nullptr) appId = std::getenv("RTM_APP_ID");
  std::vector<std::string> tokens(3);
  if (argc == 5) tokens.assign(argv + 2, argv + 5);
  try {
    run(appId, tokens);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  print("all is well");
  return 0;
}
