// The way through the server: a peer message from its frame to the receiver's and, acknowledged, to the sender's
// result; and a channel message to its members' loop.

#include "scenario.hpp"
#include "server/engine/memory/memory_engine.hpp"
#include "server/requests/content_check.hpp"
#include "wire/frame.hpp"
#include "wire/messages.hpp"

namespace rtm::guard {
namespace {

using namespace rtm::server;  // NOLINT(google-build-using-namespace): this file is about nothing else

constexpr AppNumber kApp{1};

class PlainIds final : public IdSource {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = ++last_;
  }

 private:
  std::uint8_t last_ = 0;
};

/// One loop with an engine and a gateway that only counts.
class World final : public LoopHost, public EngineSink {
 public:
  World() : engine_(EngineParameters{}, nullptr, ids_), client_(&engine_.attach(0, *this, *this)) {
    alice_ = open("alice", 1);
    bob_ = open("bob", 2);
    client_->join({kApp, "room", "alice", {0, 1}, alice_, false, 0, 0}, [](JoinOutcome) {});
    client_->join({kApp, "room", "bob", {0, 2}, bob_, false, 0, 0}, [](JoinOutcome) {});
    run();
    const wire::Content content{.messageId = 7, .type = wire::ContentType::Text, .text = sampleText()};
    content_.resize(wire::encodedSize(content));
    wire::encode(content, content_.data());
  }

  void relay() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      frame_.clear();
      wire::appendFrame(frame_, wire::PeerSend{.seq = ++seq_, .peerId = "bob", .content = content_});
      wire::PeerSend send;
      wire::decode(ByteView(frame_).subspan(wire::kFrameHeaderSize), send);
      checkContent(send.content, Limits::sdk());
      client_->sendToPeer({.app = kApp,
                           .sender = {0, 1},
                           .seq = send.seq,
                           .senderId = "alice",
                           .receiverId = send.peerId,
                           .serverTimeMs = wallClockMs(),
                           .content = send.content});
    }
    run();
    client_->acknowledge({.app = kApp, .userId = "bob", .fence = bob_, .offset = messages});
    run();
  }

  void publish() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      client_->publish({.app = kApp,
                        .sender = {0, 1},
                        .fence = alice_,
                        .seq = ++seq_,
                        .senderId = "alice",
                        .channelId = "room",
                        .serverTimeMs = wallClockMs(),
                        .content = content_});
    }
    run();
  }

  std::uint64_t messages = 0;
  std::uint64_t frames = 0;
  std::uint64_t results = 0;

  std::uint64_t now() const override { return 1000; }
  std::uint64_t wallClockMs() const override { return 1'700'000'000'000; }
  void post(Task task) override { tasks_.push_back(std::move(task)); }
  void requestTurnEnd() override { turnEnd_ = true; }
  bool onSendResults(std::uint64_t, std::uint64_t, std::uint64_t count, std::uint32_t) override {
    results += count;
    return true;
  }
  void onPeerMessage(std::uint64_t, ByteView) override { ++messages; }
  void onChannelFrame(const ChannelFrame&) override { ++frames; }
  void onPresence(const ScopedName&, wire::PresenceState) override {}
  bool onKick(std::uint64_t, std::string_view) override { return false; }
  bool onSessionEnd(std::uint64_t, SessionEnd) override { return false; }
  std::unique_ptr<SessionCarry> surrender(std::uint64_t) override { return nullptr; }

 private:
  std::uint64_t open(const std::string& user, std::uint64_t session) {
    std::uint64_t fence = 0;
    client_->openSession({kApp, user, {0, session}, 7}, [&fence](OpenOutcome outcome) { fence = outcome.fence; });
    run();
    return fence;
  }
  void run() {
    while (turnEnd_ || !tasks_.empty()) {
      std::vector<Task> tasks;
      tasks.swap(tasks_);
      for (Task& task : tasks) task();
      if (std::exchange(turnEnd_, false)) client_->onTurnEnd();
    }
  }

  PlainIds ids_;
  MemoryEngine engine_;
  EngineClient* client_;
  std::vector<Task> tasks_;
  bool turnEnd_ = false;
  std::uint64_t alice_ = 0;
  std::uint64_t bob_ = 0;
  std::uint64_t seq_ = 0;
  Bytes content_;
  Bytes frame_;
};

}  // namespace

Scenario relayScenario() {
  return {"server relay", [] {
            const auto world = std::make_shared<World>();
            return [world](std::size_t messages) {
              const std::uint64_t before = world->results;
              for (std::size_t i = 0; i < messages; i += kBatch) world->relay();
              if (world->results - before < messages) throw std::runtime_error("rtm_guard: results are missing");
            };
          }};
}

Scenario publishScenario() {
  return {"server publish", [] {
            const auto world = std::make_shared<World>();
            return [world](std::size_t messages) {
              const std::uint64_t before = world->frames;
              for (std::size_t i = 0; i < messages; i += kBatch) world->publish();
              if (world->frames - before < messages) throw std::runtime_error("rtm_guard: frames are missing");
            };
          }};
}

}  // namespace rtm::guard
