// One service, several event handlers: an ordinary program for the RTM 1.5.0 C++ SDK that shows how the parts of an
// application each listen to what concerns them, come and go, and use messages, presence, attributes and a channel.
//
// The program needs a partner. Start it twice, once for each user, in any order:
//   export RTM_ENDPOINTS='rtms://127.0.0.1:9136#sha256=<as printed by the server>'
//   ./several_handlers <app id> alice <token of alice> bob
//   ./several_handlers <app id> bob <token of bob> alice
// App ID and token may also come from RTM_APP_ID and RTM_TOKEN. The arguments are then "" <user> "" <peer>.
// Either side may be examples/several-handlers.mjs, the same program in JavaScript.
//
// Every wait has a time limit. The exit code is 0 only if every expected event has come.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include "IAgoraRtmService.h"

using namespace agora::rtm;

namespace {

const char* const kChannel = "meeting";
const std::chrono::seconds kPatience(60);  // includes the time until somebody starts the partner

void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

/// The facts so far. Callbacks note them on the SDK's thread, and main() waits for them.
class Board {
 public:
  void note(const std::string& fact) {
    print("  " + fact);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      facts_.insert(fact);
      failed_ = failed_ || fact.find(" failed ") != std::string::npos;  // the program cannot go on after this
    }
    changed_.notify_all();
  }

  bool knows(const std::string& fact) {
    std::lock_guard<std::mutex> lock(mutex_);
    return facts_.count(fact) != 0;
  }

  void waitFor(const std::string& fact) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait_for(lock, kPatience, [&] { return failed_ || facts_.count(fact) != 0; });
    if (facts_.count(fact) == 0) {
      throw std::runtime_error("waited in vain for: " + fact);
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> facts_;
  bool failed_ = false;
};

void expect(bool good, const std::string& what) {
  if (!good) throw std::runtime_error("not as expected: " + what);
}

/// A call returns 0 if it is accepted, and a callback brings its result. Any other number is the reason of the refusal.
void accepted(int code, const std::string& call) {
  if (code != 0) throw std::runtime_error(call + " was refused with " + std::to_string(code));
}

// The parts of the application. Every event goes to every handler, and each part overrides the methods that it needs.

/// The first handler, given to initialize(): login, logout and the state of the connection.
class SessionHandler : public IRtmServiceEventHandler {
 public:
  explicit SessionHandler(Board& board) : board_(board) {}
  void onLoginSuccess() override { board_.note("logged in"); }
  void onLoginFailure(LOGIN_ERR_CODE code) override { board_.note("login failed " + std::to_string(code)); }
  void onLogout(LOGOUT_ERR_CODE code) override { board_.note("logged out " + std::to_string(code)); }

 private:
  Board& board_;
};

/// Peer messages.
class MessageHandler : public IRtmServiceEventHandler {
 public:
  explicit MessageHandler(Board& board) : board_(board) {}

  // The message has its id before it is sent, so a result can be matched with its message.
  void onSendMessageResult(long long messageId, PEER_MESSAGE_ERR_CODE code) override {
    board_.note("peer message " + std::to_string(messageId) + ": result " + std::to_string(code));
  }

  // The SDK frees the message when this function returns. Copy what you need later.
  void onMessageReceivedFromPeer(const char* peerId, const IMessage* message) override {
    if (message->getMessageType() == MESSAGE_TYPE_RAW) {
      const std::string bytes(message->getRawMessageData(), static_cast<std::size_t>(message->getRawMessageLength()));
      std::string numbers;
      for (const char byte : bytes) numbers += " " + std::to_string(static_cast<unsigned char>(byte));
      board_.note(std::string(peerId) + " sent bytes" + numbers + ", \"" + message->getText() + "\"");
    } else {
      board_.note(std::string(peerId) + " says: " + message->getText());
    }
  }

 private:
  Board& board_;
};

/// Presence of users, and their attributes.
class PeopleHandler : public IRtmServiceEventHandler {
 public:
  explicit PeopleHandler(Board& board) : board_(board) {}

  void onSubscriptionRequestResult(long long requestId, PEER_SUBSCRIPTION_STATUS_ERR code) override {
    board_.note("request " + std::to_string(requestId) + ": result " + std::to_string(code));
  }

  void onPeersOnlineStatusChanged(const PeerOnlineStatus peers[], int count) override {
    static const char* const words[] = {"online", "unreachable", "offline"};
    for (int i = 0; i < count; ++i) {
      board_.note(std::string(peers[i].peerId) + " is " + words[peers[i].onlineState]);
    }
  }

  void onQueryPeersOnlineStatusResult(long long, const PeerOnlineStatus* peers, int count,
                                      QUERY_PEERS_ONLINE_STATUS_ERR code) override {
    if (code != QUERY_PEERS_ONLINE_STATUS_ERR_OK) return board_.note("query failed " + std::to_string(code));
    for (int i = 0; i < count; ++i) {
      board_.note(std::string("asked for ") + peers[i].peerId + ": " + (peers[i].isOnline ? "online" : "not online"));
    }
  }

  void onSetLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR code) override {
    board_.note("request " + std::to_string(requestId) + ": result " + std::to_string(code));
  }

  void onGetUserAttributesResult(long long, const char* userId, const RtmAttribute* attributes, int count,
                                 ATTRIBUTE_OPERATION_ERR code) override {
    if (code != ATTRIBUTE_OPERATION_ERR_OK) return board_.note("attributes failed " + std::to_string(code));
    for (int i = 0; i < count; ++i) {
      board_.note(std::string(userId) + " has " + attributes[i].key + "=" + attributes[i].value);
    }
  }

  void onAddOrUpdateChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR code) override {
    board_.note("request " + std::to_string(requestId) + ": result " + std::to_string(code));
  }

 private:
  Board& board_;
};

/// A part that only listens for a while: it notes greetings from addEventHandler() to removeEventHandler().
class Minutes : public IRtmServiceEventHandler {
 public:
  void onMessageReceivedFromPeer(const char*, const IMessage* message) override {
    const std::string text = message->getText();
    if (text.compare(0, 5, "round") != 0) return;
    std::lock_guard<std::mutex> lock(mutex_);
    written_ += text + ";";
  }

  std::string written() {
    std::lock_guard<std::mutex> lock(mutex_);
    return written_;
  }

 private:
  std::mutex mutex_;
  std::string written_;
};

/// A channel has its own kind of handler.
class MeetingHandler : public IChannelEventHandler {
 public:
  explicit MeetingHandler(Board& board) : board_(board) {}
  void onJoinSuccess() override { board_.note("joined the meeting"); }
  void onJoinFailure(JOIN_CHANNEL_ERR code) override { board_.note("join failed " + std::to_string(code)); }
  void onLeave(LEAVE_CHANNEL_ERR code) override { board_.note("left the meeting " + std::to_string(code)); }
  void onMemberJoined(IChannelMember* member) override { present(member); }
  void onMemberLeft(IChannelMember* member) override { board_.note(std::string(member->getUserId()) + " has left"); }
  void onMemberCountUpdated(int count) override { board_.note("members: " + std::to_string(count)); }

  void onGetMembers(IChannelMember** members, int count, GET_MEMBERS_ERR code) override {
    if (code != GET_MEMBERS_ERR_OK) board_.note("members failed " + std::to_string(code));
    for (int i = 0; i < count; ++i) present(members[i]);
  }

  void onSendMessageResult(long long messageId, CHANNEL_MESSAGE_ERR_CODE code) override {
    board_.note("channel message " + std::to_string(messageId) + ": result " + std::to_string(code));
  }

  void onMessageReceived(const char* userId, const IMessage* message) override {
    board_.note(std::string(userId) + " says to all: " + message->getText());
  }

  void onAttributesUpdated(const IRtmChannelAttribute* attributes[], int count) override {
    for (int i = 0; i < count; ++i) {
      board_.note(std::string("the meeting has ") + attributes[i]->getKey() + "=" + attributes[i]->getValue() + " by " +
                  attributes[i]->getLastUpdateUserId());
    }
  }

 private:
  void present(IChannelMember* member) { board_.note(std::string(member->getUserId()) + " is in the meeting"); }

  Board& board_;
};

struct Program {
  Board board;
  SessionHandler session{board};
  MessageHandler messages{board};
  PeopleHandler people{board};
  MeetingHandler meeting{board};
  Minutes before;  // first round only
  Minutes after;   // second round only
  IRtmService* service = nullptr;
  std::string user;
  std::string peer;

  void sendToPeer(const std::string& text) {
    IMessage* message = service->createMessage(text.c_str());
    const std::string id = std::to_string(message->getMessageId());
    const int code = service->sendMessageToPeer(peer.c_str(), message, SendMessageOptions());
    message->release();  // the SDK has its own copy
    accepted(code, "sendMessageToPeer");
    board.waitFor("peer message " + id + ": result 0");
  }

  void meetPeer() {
    const RtmAttribute attributes[] = {{"name", user.c_str()}, {"language", "C++"}};
    long long requestId = 0;
    accepted(service->setLocalUserAttributes(attributes, 2, requestId), "setLocalUserAttributes");
    board.waitFor("request " + std::to_string(requestId) + ": result 0");

    const char* peers[] = {peer.c_str()};
    accepted(service->subscribePeersOnlineStatus(peers, 1, requestId), "subscribePeersOnlineStatus");
    board.waitFor("request " + std::to_string(requestId) + ": result 0");
    board.waitFor(peer + " is online");
    accepted(service->queryPeersOnlineStatus(peers, 1, requestId), "queryPeersOnlineStatus");
    board.waitFor("asked for " + peer + ": online");
  }

  void meetInChannel(IChannel* channel) {
    accepted(channel->join(), "join");
    board.waitFor("joined the meeting");
    accepted(channel->getMembers(), "getMembers");  // members who joined earlier; onMemberJoined reports later ones
    board.waitFor(user + " is in the meeting");
    board.waitFor(peer + " is in the meeting");
    board.waitFor("members: 2");

    long long requestId = 0;
    accepted(service->getUserAttributes(peer.c_str(), requestId), "getUserAttributes");
    board.waitFor(peer + " has name=" + peer);

    IMessage* message = service->createMessage("good morning");
    const std::string id = std::to_string(message->getMessageId());
    const int code = channel->sendMessage(message, SendMessageOptions());
    message->release();
    accepted(code, "sendMessage");
    board.waitFor("channel message " + id + ": result 0");
    board.waitFor(peer + " says to all: good morning");
    expect(!board.knows(user + " says to all: good morning"), "the sender of a channel message gets no copy");
  }

  void exchange() {
    sendToPeer("round 1");
    board.waitFor(peer + " says: round 1");

    // One handler takes the place of another. No event reaches the first once removeEventHandler() has returned; the
    // peer hears of it and only then sends the second round. The first was registered before the handler that fills the
    // board, and handlers get an event in the order of their registration: so it has had round 1 by now.
    service->removeEventHandler(&before);
    service->addEventHandler(&after);
    sendToPeer("ready");
    board.waitFor(peer + " says: ready");
    sendToPeer("round 2");
    board.waitFor(peer + " says: round 2");

    const std::uint8_t bytes[] = {0, 127, 255};
    IMessage* raw = service->createMessage(bytes, sizeof bytes, "three bytes");
    accepted(service->sendMessageToPeer(peer.c_str(), raw, SendMessageOptions()), "sendMessageToPeer");
    raw->release();
    // Events come one after another: when the bytes have arrived, every handler has had the second round.
    board.waitFor(peer + " sent bytes 0 127 255, \"three bytes\"");
    expect(before.written() == "round 1;", "the removed handler has written: " + before.written());
    expect(after.written() == "round 2;", "the added handler has written: " + after.written());
  }

  void agree() {
    IRtmChannelAttribute* vote = service->createChannelAttribute();
    vote->setKey(user.c_str());
    vote->setValue("agrees");
    const IRtmChannelAttribute* votes[] = {vote};
    ChannelAttributeOptions options;
    options.enableNotificationToChannelMembers = true;
    long long requestId = 0;
    const int code = service->addOrUpdateChannelAttributes(kChannel, votes, 1, options, requestId);
    vote->release();
    accepted(code, "addOrUpdateChannelAttributes");
    board.waitFor("request " + std::to_string(requestId) + ": result 0");
    board.waitFor("the meeting has " + user + "=agrees by " + user);
    board.waitFor("the meeting has " + peer + "=agrees by " + peer);
  }

  void run(const char* appId, const char* token) {
    accepted(service->initialize(appId, &session), "initialize");
    service->addEventHandler(&before);
    service->addEventHandler(&messages);
    service->addEventHandler(&people);
    service->addEventHandler(&before);  // added twice, a handler still gets every event once

    accepted(service->login(token, user.c_str()), "login");
    board.waitFor("logged in");
    meetPeer();

    IChannel* channel = service->createChannel(kChannel, &meeting);
    expect(channel != nullptr, "a channel object for a good id");
    meetInChannel(channel);
    exchange();
    agree();
    accepted(channel->leave(), "leave");
    board.waitFor("left the meeting 0");
    channel->release();

    accepted(service->logout(), "logout");
    board.waitFor("logged out 0");
  }
};

const char* argumentOr(const char* argument, const char* variable) {
  const char* const value = std::getenv(variable);
  return *argument == '\0' && value != nullptr ? value : argument;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s <app id> <user> <token or \"\"> <peer>\n", argv[0]);
    return 2;
  }
  Program program;
  program.user = argv[2];
  program.peer = argv[4];
  program.service = createRtmService();
  if (program.service == nullptr) return 1;
  print(program.user + ", SDK " + getRtmSdkVersion());

  int status = 1;
  try {
    program.run(argumentOr(argv[1], "RTM_APP_ID"), argumentOr(argv[3], "RTM_TOKEN"));
    status = 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  program.service->release(true);  // waits for a callback that is running; the handlers may go afterwards
  print(status == 0 ? "all is well" : "failed");
  return status;
}
