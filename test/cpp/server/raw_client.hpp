#pragma once

// A client of the wire protocol and nothing more: frames out, frames in. Tests decide exactly which bytes travel, also
// bytes that no real client sends. Calls block the test's thread; the link lives on a loop shared by all raw clients.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/connect/connector.hpp"
#include "net/connect/parse_endpoint.hpp"
#include "net/loop/io_loop.hpp"
#include "wire/frame.hpp"

namespace rtm::test {

inline constexpr std::chrono::milliseconds kPatience{10'000};
/// More than any test sends ahead: a raw client loses nothing by itself.
inline constexpr std::size_t kQueueBound = std::size_t{64} * 1024 * 1024;

/// A frame as it came; decode() views into it.
struct RawFrame {
  wire::FrameKind kind{};
  Bytes body;

  template <wire::MessageType M>
  M decode() const {
    M message;
    EXPECT_EQ(wire::kKindOf<M>, kind);
    EXPECT_TRUE(wire::decode(ByteView(body), message));
    return message;
  }
};

/// The loop of all raw clients of a test program.
inline net::IoLoop& clientLoop() {
  static const std::unique_ptr<net::IoLoop> loop = std::move(net::IoLoop::start("raw-clients").value());
  return *loop;
}

class RawClient {
 public:
  /// `endpoint`: `rtm://…` or `rtms://…#sha256=…`.
  explicit RawClient(const std::string& endpoint) : inner_(std::make_shared<Inner>()) {
    // Loading the system's CAs takes longer than most tests; plaintext and pinned links need none.
    static const auto tls =
        net::TlsClientContext::create({.allowTls12 = false, .caPem = {}, .caFile = {}, .systemCas = false});
    net::ConnectOptions options;
    options.endpoints = {net::parseEndpoint(endpoint).value()};
    onLoop([&] {
      inner_->connector =
          std::make_unique<net::Connector>(clientLoop(), tls.value(), std::move(options),
                                           [weak = std::weak_ptr<Inner>(inner_)](Result<net::LinkHandle> result) {
                                             const auto inner = weak.lock();
                                             if (!inner) return;
                                             if (result) {
                                               inner->link = std::move(result.value());
                                               inner->link->setFrameLimit(wire::kMaxFrameBody);
                                               inner->link->setQueueBound(kQueueBound);
                                               inner->link->setObserver(inner.get());
                                             }
                                             inner->note([&] { inner->connected = result.ok(); });
                                           });
      inner_->connector->start();
    });
    const bool known = inner_->wait([this] { return inner_->connected.has_value(); });
    EXPECT_TRUE(known && *inner_->connected) << "cannot connect to " << endpoint;
  }
  ~RawClient() { cut(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  template <wire::MessageType M>
  void send(const M& message) {
    Bytes frame;
    ASSERT_TRUE(wire::appendFrame(frame, message));
    sendBytes(std::move(frame));
  }
  /// Frames built by appendFrame, or any other bytes.
  void sendBytes(Bytes bytes) {
    clientLoop().post([inner = inner_, data = std::move(bytes)] {
      if (inner->link == nullptr || inner->link->sendEncoded(data)) return;
      EXPECT_LT(inner->link->queuedBytes(), kQueueBound) << "a raw client shall not lose what it sends";
    });
  }

  /// The next frame of this kind, leaving frames of other kinds in their order; nothing once the patience is over or
  /// the connection has ended without it.
  std::optional<RawFrame> await(wire::FrameKind kind, std::chrono::milliseconds patience = kPatience) {
    return awaitAny({kind}, patience);
  }
  /// The same for the first frame of any of these kinds.
  std::optional<RawFrame> awaitAny(const std::vector<wire::FrameKind>& kinds,
                                   std::chrono::milliseconds patience = kPatience) {
    std::optional<RawFrame> found;
    inner_->wait(
        [&] {
          for (auto at = inner_->frames.begin(); at != inner_->frames.end(); ++at) {
            if (std::find(kinds.begin(), kinds.end(), at->kind) == kinds.end()) continue;
            found = std::move(*at);
            inner_->frames.erase(at);
            return true;
          }
          return inner_->ended;
        },
        patience);
    return found;
  }
  template <wire::MessageType M>
  RawFrame expect() {
    auto frame = await(wire::kKindOf<M>);
    EXPECT_TRUE(frame.has_value()) << "no frame of kind " << static_cast<int>(wire::kKindOf<M>);
    return frame ? std::move(*frame) : RawFrame{wire::kKindOf<M>, {}};
  }
  /// Sends PING and waits for its PONG: everything the server had for us before it has come now.
  void settle() {
    const std::uint64_t token = ++lastPing_;
    send(wire::Ping{.token = token});
    while (auto pong = await(wire::FrameKind::Pong)) {
      if (pong->decode<wire::Pong>().token == token) return;
    }
    ADD_FAILURE() << "no PONG";
  }
  /// Waits for a frame of this kind and leaves it. PINGs meanwhile show the server that the client lives, as a real
  /// client's heartbeat does.
  void awaitWithHeartbeat(wire::FrameKind kind) {
    constexpr std::chrono::milliseconds kHeartbeat{20};
    const auto come = [&] {
      return inner_->ended || std::any_of(inner_->frames.begin(), inner_->frames.end(),
                                          [kind](const RawFrame& frame) { return frame.kind == kind; });
    };
    while (!inner_->wait(come, kHeartbeat)) settle();
  }
  /// Frames of this kind that have come and were not taken.
  std::size_t count(wire::FrameKind kind) {
    const std::lock_guard lock(inner_->mutex);
    return static_cast<std::size_t>(std::count_if(inner_->frames.begin(), inner_->frames.end(),
                                                  [kind](const RawFrame& frame) { return frame.kind == kind; }));
  }
  /// Kinds of all frames that have come and were not taken, in order.
  std::vector<wire::FrameKind> kinds() {
    const std::lock_guard lock(inner_->mutex);
    std::vector<wire::FrameKind> kinds;
    for (const RawFrame& frame : inner_->frames) kinds.push_back(frame.kind);
    return kinds;
  }

  bool awaitEnd() {
    return inner_->wait([this] { return inner_->ended; });
  }
  bool ended() {
    const std::lock_guard lock(inner_->mutex);
    return inner_->ended;
  }
  /// The code of the server's BYE, after the connection has ended; None if it said nothing.
  wire::ByeCode awaitBye() {
    EXPECT_TRUE(awaitEnd()) << "the server did not close";
    const auto bye = await(wire::FrameKind::Bye);
    return bye ? bye->decode<wire::Bye>().code : wire::ByeCode::None;
  }

  /// The connection is gone without a word.
  void cut() {
    onLoop([this] {
      inner_->connector.reset();
      inner_->link.reset();
    });
  }
  void pauseReading() {
    onLoop([this] { inner_->link->pauseReading(); });
  }
  void resumeReading() {
    onLoop([this] { inner_->link->resumeReading(); });
  }

 private:
  struct Inner final : net::LinkObserver {
    bool onFrame(wire::FrameKind kind, ByteView body) override {
      note([&] { frames.push_back({kind, Bytes(body.begin(), body.end())}); });
      return true;
    }
    void onLinkEnd(const net::LinkEnd&) override {
      note([&] { ended = true; });
    }
    template <typename Change>
    void note(Change&& change) {
      {
        const std::lock_guard lock(mutex);
        change();
      }
      changed.notify_all();
    }
    template <typename Done>
    bool wait(Done&& done, std::chrono::milliseconds patience = kPatience) {
      std::unique_lock lock(mutex);
      return changed.wait_for(lock, patience, done);
    }

    std::unique_ptr<net::Connector> connector;  // loop thread
    net::LinkHandle link;                       // loop thread
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<RawFrame> frames;
    std::optional<bool> connected;
    bool ended = false;
  };

  static void onLoop(const std::function<void()>& work) {
    std::promise<void> done;
    clientLoop().post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  std::shared_ptr<Inner> inner_;
  std::uint64_t lastPing_ = 0;
};

}  // namespace rtm::test
