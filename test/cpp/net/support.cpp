#include "net/support.hpp"

#include "net/loop/timer.hpp"

namespace rtm::net::test {

const SelfSignedCertificate& testCertificate() {
  static const SelfSignedCertificate certificate =
      makeSelfSignedCertificate({"localhost", "rtm.test", "127.0.0.1", "::1"}, 30).value();
  return certificate;
}

std::shared_ptr<TlsServerContext> serverTls() {
  return TlsServerContext::create(testCertificate().certificatePem, testCertificate().keyPem).value();
}

std::shared_ptr<TlsClientContext> clientTls(const std::string& caPem) {
  TlsClientOptions options;
  options.systemCas = false;
  options.caPem = caPem;
  return TlsClientContext::create(options).value();
}

ListenOptions listenOn(const std::string& host, std::shared_ptr<TlsServerContext> tls) {
  ListenOptions options;
  options.scheme = tls != nullptr ? "rtms" : "rtm";
  options.tls = std::move(tls);
  options.host = host;
  return options;
}

TestServer::TestServer(IoLoop& loop, std::shared_ptr<TlsServerContext> tls, ListenOptions options) : loop_(loop) {
  runOn(loop_, [&] {
    if (tls != nullptr && !schemes::secure(options.scheme)) options.scheme = "rtms";
    options.tls = std::move(tls);
    auto listener = listen(
        loop_, options,
        [this](LinkHandle link) {
          auto peer = std::make_shared<Peer>();
          peer->attach(std::move(link));
          if (whenLink) whenLink(*peer);
          update([&] { peers_.push_back(std::move(peer)); });
        },
        [this](Listener::Refusal, const std::string&, const std::string& why) {
          update([&] { refused_.push_back(why); });
        });
    ASSERT_TRUE(listener) << listener.failure().message;
    listener_ = std::move(listener.value());
    port_ = listener_->port();
  });
}

TestServer::~TestServer() {
  runOn(loop_, [this] {
    listener_.reset();
    for (auto& peer : peers_) peer->link.reset();
  });
}

std::shared_ptr<Peer> TestServer::awaitPeer(std::size_t index) {
  await([&] { return peers_.size() > index; });
  return read([&] { return peers_.size() > index ? peers_[index] : nullptr; });
}

std::string TestServer::awaitRefused(std::size_t index) {
  await([&] { return refused_.size() > index; });
  return read([&] { return refused_.size() > index ? refused_[index] : std::string(); });
}

std::size_t TestServer::peerCount() {
  return read([&] { return peers_.size(); });
}

void TestServer::closeListener() {
  runOn(loop_, [this] { listener_.reset(); });
}

TestConnect::TestConnect(IoLoop& loop, std::shared_ptr<TlsClientContext> tls, ConnectOptions options) : loop_(loop) {
  runOn(loop_, [&] {
    connector_ =
        std::make_unique<Connector>(loop_, std::move(tls), std::move(options), [this](Result<LinkHandle> result) {
          std::shared_ptr<Peer> peer;
          if (result) {
            peer = std::make_shared<Peer>();
            peer->attach(std::move(result.value()));
          }
          update([&] {
            peer_ = std::move(peer);
            if (!result) failure_ = result.failure();
          });
        });
    connector_->start();
  });
}

TestConnect::~TestConnect() {
  runOn(loop_, [this] {
    connector_.reset();
    if (peer_) peer_->link.reset();
  });
}

bool TestConnect::awaitDone(std::chrono::milliseconds timeout) {
  return await([&] { return peer_ || failure_; }, timeout);
}

bool TestConnect::done() {
  return read([&] { return peer_ || failure_; });
}

std::shared_ptr<Peer> TestConnect::peer() {
  EXPECT_TRUE(awaitDone());
  return read([&] {
    if (failure_) ADD_FAILURE() << failure_->message;
    return peer_;
  });
}

Failure TestConnect::failure() {
  EXPECT_TRUE(awaitDone());
  return read([&] {
    EXPECT_TRUE(failure_) << "it connected";
    return failure_.value_or(Failure{-1, ""});
  });
}

void TestConnect::cancel() {
  runOn(loop_, [this] { connector_.reset(); });
}

void letGo(IoLoop& loop, Peer& peer) {
  runOn(loop, [&] { peer.link.reset(); });
}

Endpoint endpointTo(const std::string& host, std::uint16_t port, bool tls, const std::string& pin) {
  Endpoint endpoint;
  endpoint.host = host;
  endpoint.port = port;
  endpoint.scheme = tls ? "rtms" : "rtm";
  endpoint.pin = pin;
  return endpoint;
}

ConnectOptions connectTo(const Endpoint& endpoint) {
  ConnectOptions options;
  options.endpoints = {endpoint};
  return options;
}

void NetTest::SetUp() {
  auto loop = IoLoop::start("test-loop");
  ASSERT_TRUE(loop) << loop.failure().message;
  loop_ = std::move(loop.value());
}

void NetTest::settle(std::chrono::milliseconds time) {
  auto passed = std::make_shared<std::promise<void>>();
  auto timer = std::make_shared<std::unique_ptr<Timer>>();
  run([&] {
    *timer = std::make_unique<Timer>(loop(), [passed, timer] {
      timer->reset();
      passed->set_value();
    });
    (*timer)->arm(static_cast<std::uint64_t>(time.count()));
  });
  ASSERT_EQ(passed->get_future().wait_for(kDeadline), std::future_status::ready);
}

std::size_t NetTest::sockets() {
  return run([this] {
    std::size_t count = 0;
    uv_walk(
        loop().uv(),
        [](uv_handle_t* handle, void* sum) {
          *static_cast<std::size_t*>(sum) += handle->type == UV_TCP || handle->type == UV_CHECK;
        },
        &count);
    return count;
  });
}

bool NetTest::awaitSockets(std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (sockets() != count) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    settle(std::chrono::milliseconds(10));
  }
  return true;
}

bool NetTest::awaitAtMostSockets(std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (sockets() > count) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    settle(std::chrono::milliseconds(10));
  }
  return true;
}

void NetTest::TearDown() {
  if (loop_) loop_->stop();
}

}  // namespace rtm::net::test
