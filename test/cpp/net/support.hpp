#pragma once

// Tools of the tests of net/: a loop on its thread, a recording observer, a server on loopback. Nothing here sleeps:
// tests wait for events, with a deadline that only a failure reaches.

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "net/connect/connector.hpp"
#include "net/link/link.hpp"
#include "net/loop/io_loop.hpp"
#include "net/schemes.hpp"
#include "net/transport/tls/tls_context.hpp"

namespace rtm::net::test {

inline constexpr std::chrono::seconds kDeadline{15};

/// Something that happens on a loop and is waited for on the test's thread.
class Signal {
 public:
  template <typename Change>
  void update(Change&& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }

  template <typename Condition>
  bool await(Condition&& condition, std::chrono::milliseconds timeout = kDeadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, timeout, std::forward<Condition>(condition));
  }

  template <typename Read>
  auto read(Read&& read) {
    const std::lock_guard lock(mutex_);
    return read();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// Runs `body` on the loop and returns its result.
template <typename Body>
auto runOn(IoLoop& loop, Body body) {
  using Value = std::invoke_result_t<Body>;
  auto promise = std::make_shared<std::promise<Value>>();
  auto future = promise->get_future();
  const bool posted = loop.post([promise, &body] {
    if constexpr (std::is_void_v<Value>) {
      body();
      promise->set_value();
    } else {
      promise->set_value(body());
    }
  });
  if (!posted || future.wait_for(kDeadline) != std::future_status::ready) {
    ADD_FAILURE() << "the loop did not run a task";
    std::abort();  // the task may still refer to this frame
  }
  return future.get();
}

struct Frame {
  wire::FrameKind kind;
  Bytes body;
};

/// Owns a link and records its callbacks. The hooks run on the loop, inside the callback of the same name.
class Peer final : public LinkObserver, private Signal {
 public:
  std::function<bool(Peer&, wire::FrameKind, ByteView)> whenFrame;  ///< instead of recording; its result is returned
  std::function<void(Peer&)> whenBatchEnd;
  std::function<void(Peer&)> whenDrained;
  std::function<void(Peer&)> whenEnd;
  LinkHandle link;  ///< loop thread only

  void attach(LinkHandle handle) {
    link = std::move(handle);
    link->setFrameLimit(wire::kMaxFrameBody);
    link->setObserver(this);
  }

  bool awaitFrames(std::size_t count, std::chrono::milliseconds timeout = kDeadline) {
    return await([&] { return frames_.size() >= count; }, timeout);
  }
  std::optional<LinkEnd> awaitEnd(std::chrono::milliseconds timeout = kDeadline) {
    await([&] { return !ends_.empty(); }, timeout);
    return read([&] { return ends_.empty() ? std::optional<LinkEnd>() : ends_.front(); });
  }
  bool awaitDrained(int count = 1, std::chrono::milliseconds timeout = kDeadline) {
    return await([&] { return drained_ >= count; }, timeout);
  }
  bool awaitBatches(int count) {
    return await([&] { return batches_ >= count; });
  }
  std::vector<Frame> frames() {
    return read([&] { return frames_; });
  }
  std::size_t frameCount() {
    return read([&] { return frames_.size(); });
  }
  std::size_t endCount() {
    return read([&] { return ends_.size(); });
  }
  int batchCount() {
    return read([&] { return batches_; });
  }
  int drainedCount() {
    return read([&] { return drained_; });
  }

  bool onFrame(wire::FrameKind kind, ByteView body) override {
    bool more = true;
    if (whenFrame) more = whenFrame(*this, kind, body);
    update([&] { frames_.push_back({kind, Bytes(body.begin(), body.end())}); });
    return more;
  }
  void onBatchEnd() override {
    update([&] { ++batches_; });
    if (whenBatchEnd) whenBatchEnd(*this);
  }
  void onDrained() override {
    update([&] { ++drained_; });
    if (whenDrained) whenDrained(*this);
  }
  void onLinkEnd(const LinkEnd& end) override {
    if (whenEnd) whenEnd(*this);
    update([&] { ends_.push_back(end); });
  }

 private:
  std::vector<Frame> frames_;
  std::vector<LinkEnd> ends_;
  int batches_ = 0;
  int drained_ = 0;
};

/// One self-signed certificate for everything: making keys is the slow part of a test.
const SelfSignedCertificate& testCertificate();
std::shared_ptr<TlsServerContext> serverTls();
/// No system CAs: the test chooses the trusted certificates.
std::shared_ptr<TlsClientContext> clientTls(const std::string& caPem = "");

/// `tls` null: plaintext.
ListenOptions listenOn(const std::string& host, std::shared_ptr<TlsServerContext> tls = nullptr);

/// A listener and the peers it has accepted.
class TestServer : private Signal {
 public:
  /// With `tls` a listener for rtms://, else for the scheme of `options`.
  TestServer(IoLoop& loop, std::shared_ptr<TlsServerContext> tls, ListenOptions options = listenOn("127.0.0.1"));
  ~TestServer();

  std::function<void(Peer&)> whenLink;  ///< on the loop; set before the first connection
  std::uint16_t port() const { return port_; }
  /// The n-th accepted link; null after the deadline.
  std::shared_ptr<Peer> awaitPeer(std::size_t index = 0);
  /// Why the n-th handshake failed; empty after the deadline.
  std::string awaitRefused(std::size_t index = 0);
  std::size_t peerCount();
  /// Loop thread.
  Listener& listener() { return *listener_; }
  void closeListener();

 private:
  IoLoop& loop_;
  std::unique_ptr<Listener> listener_;
  std::vector<std::shared_ptr<Peer>> peers_;
  std::vector<std::string> refused_;
  std::uint16_t port_ = 0;
};

/// The outcome of one connect.
class TestConnect : private Signal {
 public:
  TestConnect(IoLoop& loop, std::shared_ptr<TlsClientContext> tls, ConnectOptions options);
  ~TestConnect();

  bool awaitDone(std::chrono::milliseconds timeout = kDeadline);
  bool done();
  /// The peer; null (and the test has failed) if connecting failed.
  std::shared_ptr<Peer> peer();
  /// The failure; code -1 (and the test has failed) if it succeeded.
  Failure failure();
  void cancel();

 private:
  IoLoop& loop_;
  std::unique_ptr<Connector> connector_;
  std::shared_ptr<Peer> peer_;
  std::optional<Failure> failure_;
};

/// Letting go of a peer's link happens on the loop.
void letGo(IoLoop& loop, Peer& peer);

Endpoint endpointTo(const std::string& host, std::uint16_t port, bool tls, const std::string& pin = "");
ConnectOptions connectTo(const Endpoint& endpoint);

class NetTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  IoLoop& loop() { return *loop_; }
  /// Lets the loop turn for a while, to show that something does not happen.
  void settle(std::chrono::milliseconds time = std::chrono::milliseconds(30));
  /// Connections of the loop, over TCP or memory, that are not closed yet. Listening sockets do not count.
  std::size_t sockets();
  /// Waits until exactly `count` are left: closed handles are freed.
  bool awaitSockets(std::size_t count);
  bool awaitAtMostSockets(std::size_t count);
  template <typename Body>
  auto run(Body body) {
    return runOn(*loop_, std::move(body));
  }

 private:
  std::unique_ptr<IoLoop> loop_;
};

}  // namespace rtm::net::test
