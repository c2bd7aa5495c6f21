// The codec, a client's send as far as its outbox, and its receive as far as the mailbox of JavaScript.

#include <atomic>
#include <future>

#include "binding/events/message_record.hpp"
#include "binding/mailbox/mailbox.hpp"
#include "client/client.hpp"
#include "client/messages/content.hpp"
#include "client/messages/messages.hpp"
#include "scenario.hpp"
#include "server/server.hpp"
#include "wire/frame.hpp"
#include "wire/messages.hpp"

namespace rtm::guard {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("rtm_guard: " + what);
}

Bytes contentOf(std::uint64_t id) {
  const wire::Content content{.messageId = id, .type = wire::ContentType::Text, .text = sampleText()};
  Bytes bytes(wire::encodedSize(content));
  wire::encode(content, bytes.data());
  return bytes;
}

/// Frames of a batch of received peer messages.
Bytes batchOfMessages() {
  Bytes frames;
  for (std::size_t i = 0; i < kBatch; ++i) {
    const Bytes content = contentOf(1'000'000'000'000 + i);
    wire::appendFrame(
        frames, wire::PeerMessage{
                    .offset = 1000 + i, .senderId = "alice", .serverTimeMs = 1'700'000'000'000, .content = content});
  }
  return frames;
}

constexpr const char* kAppId = "0123456789abcdef0123456789abcdef";

std::shared_ptr<server::Server> startServer() {
  server::ServerOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.loops = 1;
  options.limits = server::Limits::off();
  options.apps = {{.appId = kAppId, .certificates = {}}};
  auto started = server::Server::start(std::move(options));
  if (!started.ok()) fail(started.failure().message);
  return std::move(started.value());
}

/// A user logged in over TLS, who counts received messages.
struct User final : client::ClientEvents {
  User(const server::Server& server, const char* name) {
    client->gatherSends();
    client->initialize(kAppId);
    client->setParameters("{\"rtm.endpoints\":[\"rtms://127.0.0.1:" + std::to_string(server.port()) +
                          "#sha256=" + server.fingerprint() + "\"],\"rtm.timing\":{}}");
    client->login({}, name);
    if (!done.get_future().get()) fail("the login failed: " + client->lastFailure());
  }

  ~User() { client->release(true); }
  User(const User&) = delete;
  User& operator=(const User&) = delete;

  /// Sends a batch; it leaves as one flush, as that of a piece of JavaScript does.
  void sendBatch(const char* peer, std::size_t messages) {
    for (std::size_t i = 0; i < messages; ++i) {
      const client::MessageView message{.id = ++lastId, .type = client::MessageType::Text, .text = sampleText()};
      if (client->messages().send(peer, message) != client::PeerMessageCode::Ok) fail("a send was refused");
    }
    client->flushSends(true);
  }

  void onLoginSuccess() override { done.set_value(true); }
  void onLoginFailure(client::LoginCode) override { done.set_value(false); }
  void onPeerSendResult(long long, client::PeerMessageCode) override {
    ++results;
    results.notify_one();
  }

  const std::shared_ptr<client::Client> client = client::Client::create(client::Dispatch::Direct, *this);
  std::promise<bool> done;
  std::atomic<std::size_t> results{0};
  long long lastId = 0;
};

}  // namespace

Scenario codecScenario() {
  return {"codec", [] {
            return [frame = Bytes(), content = contentOf(7)](std::size_t messages) mutable {
              for (std::size_t i = 0; i < messages; ++i) {
                frame.clear();
                wire::appendFrame(frame, wire::PeerSend{.seq = i + 1, .peerId = "bob", .content = content});
                wire::PeerSend send;
                wire::Content inner;
                if (!wire::decode(ByteView(frame).subspan(wire::kFrameHeaderSize), send) ||
                    !wire::decode(send.content, inner) || inner.text.size() != sampleText().size()) {
                  fail("the codec lost a message");
                }
              }
            };
          }};
}

/// A real service, logged in at a real server; the guard counts the calling thread alone.
Scenario sendScenario() {
  return {"client send", [] {
            const std::shared_ptr<server::Server> server = startServer();
            const auto alice = std::make_shared<User>(*server, "alice");
            return [server, alice](std::size_t messages) { alice->sendBatch("nobody", messages); };
          }};
}

/// From one user to another over TLS and through the server, acknowledged: a batch, its results, the next batch.
Scenario wayScenario() {
  const auto make = [] {
    const std::shared_ptr<server::Server> server = startServer();
    const auto alice = std::make_shared<User>(*server, "alice");
    const auto bob = std::make_shared<User>(*server, "bob");
    return [server, alice, bob](std::size_t messages) {
      for (std::size_t i = 0; i < messages; i += kBatch) {
        const std::size_t wanted = alice->results + kBatch;
        alice->sendBatch("bob", kBatch);
        for (std::size_t now = alice->results; now < wanted; now = alice->results) alice->results.wait(now);
      }
    };
  };
  return {.name = "end to end", .make = make, .systemCalls = true};
}

Scenario receiveScenario() {
  return {"client receive", [] {
            const auto mailbox = std::make_shared<binding::Mailbox>([] {});
            const auto decoder = std::make_shared<wire::FrameDecoder>();
            decoder->setLimit(wire::kMaxFrameBody);
            return [mailbox, decoder, frames = batchOfMessages()](std::size_t messages) {
              std::vector<std::uint32_t> resumable;
              for (std::size_t i = 0; i < messages; i += kBatch) {
                decoder->feed(frames, [&](wire::FrameKind, ByteView body) {
                  wire::PeerMessage message;
                  wire::Content content;
                  if (!wire::decode(body, message) || !wire::decode(message.content, content)) fail("malformed");
                  const client::MessageView view = client::toView(content, message.serverTimeMs, false);
                  mailbox->pushFrom(binding::EventKind::PeerMessage, 1, message.senderId,
                                    [&](binding::Record& record) { binding::writeMessage(record, view); });
                  return true;
                });
                while (std::unique_ptr<binding::Chunk> chunk = mailbox->take(resumable)) {
                  mailbox->recycle(std::move(chunk));
                }
              }
            };
          }};
}

}  // namespace rtm::guard
