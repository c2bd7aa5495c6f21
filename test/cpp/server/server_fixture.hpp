#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "raw_client.hpp"
#include "server/auth/token_builder.hpp"
#include "server/server.hpp"

namespace rtm::test {

inline const std::string kStaticApp = "00000000000000000000000000000000";
inline const std::string kOtherStaticApp = "11111111111111111111111111111111";

/// Options of most tests: plaintext on loopback, no call limits, short times.
inline server::ServerOptions quickOptions(unsigned loops = 1) {
  server::ServerOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.loops = loops;
  options.tls = false;
  options.apps = {{kStaticApp, {}}, {kOtherStaticApp, {}}, {kAppId, {kCertificate}}};
  options.limits = server::Limits::off();
  return options;
}

inline std::uint32_t nowSeconds() {
  using std::chrono::system_clock;
  return static_cast<std::uint32_t>(system_clock::to_time_t(system_clock::now()));
}

/// The result of a login, as a client keeps it.
struct Login {
  std::uint32_t code = 0;
  std::uint64_t sessionId = 0;
  Bytes resumeToken;
  std::uint64_t inboxEpoch = 0;
  std::uint64_t inboxOffset = 0;
  std::uint32_t tokenLifeMs = 0;
};

/// A raw client with the words of the protocol that every test needs.
class TestClient : public RawClient {
 public:
  using RawClient::RawClient;

  void hello(std::uint64_t capabilities = 7) {
    send(wire::Hello{.version = 1, .capabilities = capabilities, .sdkVersion = "test"});
    expect<wire::HelloOk>();
  }

  Login tryLogin(const std::string& user, const std::string& app = kStaticApp, const std::string& token = "") {
    send(wire::Login{.appId = app, .userId = user, .token = token});
    const RawFrame frame = expect<wire::LoginResult>();
    const auto result = frame.decode<wire::LoginResult>();
    login_ = Login{.code = result.code,
                   .sessionId = result.sessionId,
                   .resumeToken = Bytes(result.resumeToken.begin(), result.resumeToken.end()),
                   .inboxEpoch = result.inboxEpoch,
                   .inboxOffset = result.inboxOffset,
                   .tokenLifeMs = result.tokenLifeMs};
    return login_;
  }
  const Login& session() const { return login_; }

  std::uint64_t sendTo(const std::string& peer, const std::string& text, std::uint32_t flags = 0) {
    const Bytes content = encodedText(text);
    send(wire::PeerSend{.seq = ++lastSeq_, .peerId = peer, .flags = flags, .content = content});
    return lastSeq_;
  }
  std::uint64_t sendToChannel(const std::string& channel, const std::string& text, std::uint32_t flags = 0) {
    const Bytes content = encodedText(text);
    send(wire::ChannelSend{.seq = ++lastSeq_, .channelId = channel, .flags = flags, .content = content});
    return lastSeq_;
  }
  void setLastSeq(std::uint64_t seq) { lastSeq_ = seq; }

  /// The result of one send.
  std::uint32_t resultOf(std::uint64_t seq) {
    while (results_.find(seq) == results_.end()) {
      const auto frame = await(wire::FrameKind::SendResults);
      if (!frame) {
        ADD_FAILURE() << "no result for send " << seq;
        return 0xFFFFFFFF;
      }
      const auto results = frame->decode<wire::SendResults>();
      for (std::size_t i = 0; i + 2 < results.ranges.size(); i += 3) {
        for (std::uint64_t n = 0; n < results.ranges[i + 1]; ++n) {
          const bool fresh = results_.emplace(results.ranges[i] + n, results.ranges[i + 2]).second;
          EXPECT_TRUE(fresh || repeatsExpected_) << "a second result for send " << results.ranges[i] + n;
        }
      }
    }
    return static_cast<std::uint32_t>(results_.at(seq));
  }
  void expectRepeats() { repeatsExpected_ = true; }

  struct Received {
    std::uint64_t offset = 0;
    std::string sender;
    std::string text;
    std::uint64_t serverTimeMs = 0;
    std::uint32_t flags = 0;
  };
  /// The next peer message, acknowledged.
  Received receive(bool acknowledge = true) {
    const RawFrame frame = expect<wire::PeerMessage>();
    const auto message = frame.decode<wire::PeerMessage>();
    if (acknowledge) send(wire::InboxAck{.offset = message.offset});
    return {message.offset, std::string(message.senderId), textOf(message.content), message.serverTimeMs,
            message.flags};
  }
  Received receiveFromChannel() {
    const RawFrame frame = expect<wire::ChannelMessage>();
    const auto message = frame.decode<wire::ChannelMessage>();
    return {message.offset, std::string(message.senderId), textOf(message.content), message.serverTimeMs};
  }

  struct Joined {
    std::uint32_t code = 0;
    std::uint64_t epoch = 0;
    std::uint64_t offset = 0;
    std::uint32_t members = 0;
  };
  Joined join(const std::string& channel) {
    send(wire::Join{.requestId = ++lastRequest_, .channelId = channel});
    const RawFrame frame = expect<wire::JoinResult>();
    const auto result = frame.decode<wire::JoinResult>();
    EXPECT_EQ(lastRequest_, result.requestId);
    return {result.code, result.epoch, result.offset, result.memberCount};
  }
  std::uint32_t leave(const std::string& channel) {
    send(wire::Leave{.requestId = ++lastRequest_, .channelId = channel});
    return expectResult();
  }
  std::uint32_t logout() {
    send(wire::Logout{.requestId = ++lastRequest_});
    return expectResult();
  }
  /// The code and the sorted names.
  std::pair<std::uint32_t, std::vector<std::string>> members(const std::string& channel) {
    send(wire::GetMembers{.requestId = ++lastRequest_, .channelId = channel});
    const RawFrame frame = expect<wire::Members>();
    const auto answer = frame.decode<wire::Members>();
    std::vector<std::string> names(answer.userIds.begin(), answer.userIds.end());
    std::sort(names.begin(), names.end());
    return {answer.code, names};
  }
  std::uint32_t expectResult() {
    const RawFrame frame = expect<wire::Result>();
    const auto result = frame.decode<wire::Result>();
    EXPECT_EQ(lastRequest_, result.requestId);
    return result.code;
  }
  std::uint32_t nextRequest() { return ++lastRequest_; }

  static Bytes encodedText(const std::string& text) {
    wire::Content content;
    content.messageId = 1;
    content.type = wire::ContentType::Text;
    content.text = text;
    Bytes bytes(wire::encodedSize(content));
    wire::encode(content, bytes.data());
    return bytes;
  }
  static std::string textOf(ByteView bytes) {
    wire::Content content;
    EXPECT_TRUE(wire::decode(bytes, content));
    return std::string(content.text);
  }

 private:
  Login login_;
  std::uint64_t lastSeq_ = 0;
  std::uint32_t lastRequest_ = 0;
  std::map<std::uint64_t, std::uint64_t> results_;
  bool repeatsExpected_ = false;
};

class ServerTest : public ::testing::Test {
 protected:
  void start(server::ServerOptions options) {
    auto started = server::Server::start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.failure().message;
    server_ = std::move(started.value());
  }
  void TearDown() override {
    if (server_) server_->close();
  }

  std::string endpoint() const {
    const std::string pin = server_->fingerprint();
    const std::string where = "127.0.0.1:" + std::to_string(server_->port());
    return pin.empty() ? "rtm://" + where : "rtms://" + where + "#sha256=" + pin;
  }
  /// Connected, HELLO answered.
  std::unique_ptr<TestClient> connect() {
    auto client = std::make_unique<TestClient>(endpoint());
    client->hello();
    return client;
  }
  std::unique_ptr<TestClient> login(const std::string& user, const std::string& app = kStaticApp) {
    auto client = connect();
    EXPECT_EQ(0U, client->tryLogin(user, app).code);
    return client;
  }
  /// Waits until `condition` holds; for changes that no frame reports.
  template <typename Condition>
  bool eventually(Condition&& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::unique_ptr<server::Server> server_;
};

/// The same on one loop and on two, where users and channels are spread.
class LoopsTest : public ServerTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  server::ServerOptions options() const { return quickOptions(GetParam()); }
};

}  // namespace rtm::test
