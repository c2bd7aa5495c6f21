// Random sequences of frames from several connections: good requests, mutated ones, noise, logins and resumes with true
// and false secrets, cuts at any point. Whatever they are:
//   - a user who does nothing wrong is answered, and gets its messages;
//   - what the server sends decodes;
//   - no session and no channel is left when all are gone.
// A second each in the tests; RTM_FUZZ_SECONDS says how long otherwise, and RTM_TEST_SEED repeats a run.

#include <array>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "server/server_fixture.hpp"
#include "wire/message_tools.hpp"

namespace rtm::test {
namespace {

std::uint64_t environmentNumber(const char* name, std::uint64_t byDefault) {
  const char* text = std::getenv(name);
  return text == nullptr ? byDefault : std::strtoull(text, nullptr, 10);
}

class RandomSequences : public LoopsTest {
 protected:
  /// The secrets of a session that was there once.
  struct Secrets {
    std::string user;
    Login login;
  };

  /// A client that knows whether what it has sent ends in the middle of a frame.
  class Talker : public TestClient {
   public:
    explicit Talker(const std::string& endpoint) : TestClient(endpoint) { sent_.setLimit(wire::kMaxFrameBody); }

    void say(const Bytes& bytes) {
      sendBytes(bytes);
      sent_.feed(bytes, [](wire::FrameKind, ByteView) { return true; });
    }
    /// Noise may look like the header of a frame: what is sent next is the body of that frame, and gets no answer.
    bool insideFrame() const { return sent_.buffered() > 0; }

   private:
    wire::FrameDecoder sent_;
  };

  void SetUp() override {
    start(options());
    witness_ = login("witness");
    seed_ = environmentNumber("RTM_TEST_SEED",
                              static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()));
  }

  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  template <typename T, std::size_t size>
  const T& oneOf(const std::array<T, size>& all) {
    return all[below(size)];
  }
  std::string user() { return oneOf(std::array<std::string, 4>{"ann", "ben", "cem", "an invalid \"id\""}); }
  std::string channel() { return oneOf(std::array<std::string, 4>{"a", "b", "", std::string(65, 'c')}); }

  template <wire::MessageType M>
  static Bytes framed(const M& message) {
    Bytes bytes;
    EXPECT_TRUE(wire::appendFrame(bytes, message));
    return bytes;
  }

  /// A request that a client could make now.
  Bytes sensible() {
    const auto request = static_cast<std::uint32_t>(below(1000));
    const std::string name = below(2) == 0 ? user() : channel();
    const Bytes content = TestClient::encodedText(std::string(below(50), 'x'));
    switch (below(20)) {
      case 0:
        return framed(wire::Ping{.token = below(9)});
      case 1:
        return framed(wire::PeerSend{
            .seq = below(30), .peerId = user(), .flags = static_cast<std::uint32_t>(below(4)), .content = content});
      case 2:
        return framed(wire::PeerSend{.seq = ++seq_, .peerId = "ann", .flags = 0, .content = content});
      case 3:
        return framed(wire::ChannelSend{.seq = ++seq_, .channelId = name, .flags = 0, .content = content});
      case 4:
        return framed(wire::InboxAck{.offset = below(40)});
      case 5:
      case 6:
        return framed(wire::Join{.requestId = request, .channelId = name});
      case 7:
        return framed(wire::Leave{.requestId = request, .channelId = name});
      case 8:
        return framed(wire::GetMembers{.requestId = request, .channelId = name});
      case 9: {
        wire::GetMemberCounts counts{.requestId = request, .channelIds = {}};
        for (std::uint64_t left = below(40); left > 0; --left) counts.channelIds.emplace_back("a");
        return framed(counts);
      }
      case 10:
        return framed(wire::PresenceQuery{.requestId = request, .userIds = {"ann", "nobody"}});
      case 11:
        return framed(wire::PresenceSubscribe{.requestId = request, .userIds = {"ann", "ben", "cem"}});
      case 12:
        return framed(wire::PresenceUnsubscribe{.requestId = request, .userIds = {"ann", "nobody"}});
      case 13:
        return framed(wire::ChannelAttributesRead{.requestId = request, .channelId = name, .keys = {}});
      case 14:
        return framed(wire::UserAttributesRead{.requestId = request, .userId = user(), .keys = {"key"}});
      case 15:
        return framed(wire::MediaUpload{.requestId = request, .size = below(3) * 1000, .image = false});
      case 16:
        return framed(wire::MediaDownload{.requestId = request, .mediaId = name});
      case 17:
        return framed(wire::RenewToken{.requestId = request, .token = "no token"});
      case 18:
        return framed(wire::Logout{.requestId = request});
      default: {
        wire::ChannelAttributesWrite write;
        write.requestId = request;
        write.channelId = name;
        write.action = static_cast<wire::AttributeAction>(below(5));
        write.notify = below(2) == 0;
        write.entries.push_back({.key = "key", .value = "value"});
        return framed(write);
      }
    }
  }

  /// A message of any kind, also of those that only servers send, with any values.
  Bytes anyMessage() {
    wire::testing::Filler filler(random_());
    Bytes bytes;
    const auto wanted = static_cast<wire::FrameKind>(below(100));
    wire::testing::visitKind(wanted, [&](auto message) {
      filler.fill(message);
      wire::appendFrame(bytes, message);
    });
    return bytes;
  }

  Bytes anyBytes() {
    switch (below(8)) {
      case 0:
        return anyMessage();
      case 1: {
        Bytes noise(1 + below(60));
        for (auto& byte : noise) byte = static_cast<std::uint8_t>(below(256));
        return noise;
      }
      case 2: {
        Bytes changed = below(2) == 0 ? sensible() : anyMessage();
        // Behind the length: else most of these are a frame that never ends.
        if (changed.size() > 4) changed[4 + below(changed.size() - 4)] ^= static_cast<std::uint8_t>(1U << below(8));
        return changed;
      }
      default:
        return sensible();
    }
  }

  void resume(Talker& client) {
    if (secrets_.empty()) return;
    Secrets known = secrets_[below(secrets_.size())];
    Bytes token = known.login.resumeToken;
    if (below(3) == 0 && !token.empty()) token[below(token.size())] ^= 1U;
    wire::Resume wanted{.appId = below(9) == 0 ? kOtherStaticApp : kStaticApp,
                        .userId = below(5) == 0 ? std::string_view("cem") : known.user,
                        .token = {},
                        .sessionId = known.login.sessionId + (below(7) == 0 ? 1 : 0),
                        .resumeToken = token,
                        .inboxEpoch = known.login.inboxEpoch + (below(7) == 0 ? 1 : 0),
                        .inboxOffset = below(30),
                        .channels = {},
                        .firstUnansweredSeq = below(30)};
    if (below(2) == 0)
      wanted.channels.push_back({.channelId = "a", .epoch = wire::Fixed64{below(3)}, .offset = below(9)});
    client.say(framed(wanted));
    answered(client, known.user);
  }

  void logIn(Talker& client) {
    const std::string name = user();
    client.say(framed(wire::Login{.appId = kStaticApp, .userId = name, .token = {}}));
    answered(client, name);
  }

  /// Every login and resume ends in an answer, a BYE or the end of the connection.
  void answered(Talker& client, const std::string& name) {
    using wire::FrameKind;
    if (client.insideFrame()) return;
    const auto frame = client.awaitAny({FrameKind::LoginResult, FrameKind::ResumeResult, FrameKind::Bye});
    ASSERT_TRUE(frame.has_value() || client.ended()) << "no answer to a login";
    if (!frame || frame->kind != FrameKind::LoginResult) return;
    const auto result = frame->decode<wire::LoginResult>();
    if (result.code != 0) return;
    Login login;
    login.sessionId = result.sessionId;
    login.resumeToken = Bytes(result.resumeToken.begin(), result.resumeToken.end());
    login.inboxEpoch = result.inboxEpoch;
    secrets_.push_back({name, login});
    if (secrets_.size() > 16) secrets_.erase(secrets_.begin());
  }

  static void checkFrames(TestClient& client) {
    for (const wire::FrameKind kind : client.kinds()) {
      const auto frame = client.await(kind, std::chrono::milliseconds(0));
      if (!frame) continue;
      const bool known = wire::testing::visitKind(kind, [&](auto message) {
        EXPECT_TRUE(wire::decode(ByteView(frame->body), message)) << "of kind " << static_cast<int>(kind);
      });
      EXPECT_TRUE(known) << "a frame of the kind " << static_cast<int>(kind);
    }
  }

  void runOne() {
    std::array<std::unique_ptr<Talker>, 4> clients;
    for (std::uint64_t steps = 10 + below(60); steps > 0; --steps) {
      auto& client = clients[below(clients.size())];
      if (!client || client->ended()) {
        if (client) checkFrames(*client);
        client = std::make_unique<Talker>(endpoint());
        if (below(8) != 0) client->say(framed(wire::Hello{.version = 1, .capabilities = below(8), .sdkVersion = "x"}));
        continue;
      }
      switch (below(14)) {
        case 0:
        case 1:
          logIn(*client);
          break;
        case 2:
        case 3:
          resume(*client);
          break;
        case 4:
          client.reset();
          break;
        default:
          for (std::uint64_t frames = 1 + below(5); frames > 0; --frames) client->say(anyBytes());
      }
    }
    witness_->settle();
    witness_->sendTo("witness", "alive");
    EXPECT_EQ("alive", witness_->receive().text);
    for (auto& client : clients) {
      if (client) checkFrames(*client);
    }
  }

  std::unique_ptr<TestClient> witness_;
  std::mt19937_64 random_;
  std::uint64_t seed_ = 0;
  std::uint64_t seq_ = 0;
  std::vector<Secrets> secrets_;
};
INSTANTIATE_TEST_SUITE_P(Loops, RandomSequences, ::testing::Values(1U, 2U));

TEST_P(RandomSequences, OfSeveralConnectionsLeaveOthersAloneAndNothingBehind) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(environmentNumber("RTM_FUZZ_SECONDS", 1));
  std::uint64_t count = 0;
  do {
    random_.seed(seed_);
    runOne();
    ASSERT_FALSE(HasFailure()) << "RTM_TEST_SEED=" << seed_;
    ++seed_;
    ++count;
  } while (std::chrono::steady_clock::now() < until);
  RecordProperty("sequences", static_cast<int>(count));
  // The last login of a user ends the session that is left of it.
  for (const char* name : {"ann", "ben", "cem"}) EXPECT_EQ(0U, login(name)->logout());
  EXPECT_TRUE(eventually([&] { return server_->stats().sessions == 1 && server_->stats().channels == 0; }))
      << server_->stats().sessions << " sessions, " << server_->stats().channels << " channels";
}

}  // namespace
}  // namespace rtm::test
