#include "client/connection/connection.hpp"

#include <utility>

#include "client/runtime/process.hpp"
#include "net/schemes.hpp"
#include "net/transport/udp_servers.hpp"

namespace rtm::client {

namespace {
constexpr std::uint64_t kDeadlineTickMs = 100;
}

Connection::Connection(net::IoLoop& loop, Owner& owner)
    : loop_(loop),
      owner_(owner),
      heartbeat_(loop, *this),
      timers_{{loop,
               [this] {
                 stopWaiting();
                 search();
               }},
              {loop, [this] { onNoAnswer(); }},
              {loop,
               [this] {
                 if (owner_.onDeadlineTick(loop_.now())) timers_.deadline.arm(kDeadlineTickMs);
               }},
              {loop, [this] { owner_.onTimer(Owner::TimerKind::Login); }},
              {loop, [this] { owner_.onTimer(Owner::TimerKind::Outage); }},
              {loop, [this] { owner_.onTimer(Owner::TimerKind::Logout); }},
              {loop, [this] { owner_.onTimer(Owner::TimerKind::TokenWarning); }}} {}

Connection::~Connection() {
  stopWaiting();
}

void Connection::connect(std::uint64_t attempt, Wait wait, Target target) {
  drop();
  attempt_ = attempt;
  target_ = std::move(target);
  if (wait.ms == 0) return search();
  timers_.connect.arm(wait.ms);
  waits_.connectDueMs = loop_.now() + wait.ms;
  if (!wait.asked) loop_.networkWatch().add(*this);
}

void Connection::stopWaiting() {
  timers_.connect.cancel();
  loop_.networkWatch().remove(*this);
}

void Connection::onNetworkChange() {
  const std::uint64_t due = loop_.now() + owner_.onNetworkChange();
  if (due < waits_.connectDueMs) timers_.connect.arm(due - loop_.now());
}

void Connection::drop() {
  stopWaiting();
  timers_.answer.cancel();
  heartbeat_.stop();
  connector_.reset();
  link_.reset();
}

void Connection::finish() {
  if (link_ != nullptr) link_->closeAfterFlush();
  drop();
}

void Connection::search() {
  if (target_.options.endpoints.empty()) {
    owner_.onConnectFailed(attempt_, net::ConnectError::NoEndpoint, "no endpoint in the allowed areas");
    return;
  }
  auto tls = Process::tlsContext(target_.tls);
  if (!tls) {
    owner_.onAttemptLost("not tried: " + tls.failure().message);
    owner_.onConnectFailed(attempt_, net::ConnectError::Untrusted, tls.failure().message);
    return;
  }
  net::ConnectOptions options = target_.options;
  options.datagramsFirst = made_.udp || lostToSilence_;
  options.onLost = [&owner = owner_, &loop = loop_](const net::ConnectAttempt& lost, const std::string& result) {
    owner.onAttemptLost(lost.line(loop.now(), result));
  };
  connector_ = std::make_unique<net::Connector>(
      loop_, std::move(tls.value()), std::move(options), [this](Result<net::LinkHandle> result) {
        // The connector is in the middle of this call: the next connect() or drop() frees it, not this function.
        if (!result) {
          owner_.onConnectFailed(attempt_, static_cast<net::ConnectError>(result.failure().code),
                                 result.failure().message);
          return;
        }
        link_ = std::move(result.value());
        server_ = connector_->found();
        made_ = connector_->winner();
        madeTo_ = target_.options.endpoints.at(made_.endpoint).toString();
        lostToSilence_ = false;
        link_->setObserver(this);
        // The small bound before login protects servers from strangers. This server has shown its certificate, and its
        // answer to a RESUME with many channels is longer.
        link_->setFrameLimit(wire::kMaxFrameBody);
        if (paused_) link_->pauseReading();
        owner_.onLinkUp(attempt_);
      });
  connector_->start();
}

void Connection::learnUdp(std::uint32_t port, ByteView token) {
  const auto tls = Process::tlsContext(target_.tls);
  const net::Endpoint& endpoint = target_.options.endpoints.at(made_.endpoint);
  if (!tls || !net::schemes::secure(endpoint.scheme) || port > 0xffff) return;
  tls.value()->udpServers().learn(endpoint, {static_cast<std::uint16_t>(port), Bytes(token.begin(), token.end())});
}

Connection::Target Connection::sameServer() const {
  Target target{.options = {}, .tls = target_.tls};
  target.options.datagrams = target_.options.datagrams;
  if (!server_) return target;
  target.options.endpoints = {server_->endpoint};
  target.options.address = server_->address;
  return target;
}

/// Heartbeats begin after the login. Without this timer, a network that dies or a server that hangs before the login
/// would hold up a reconnect for ever.
void Connection::awaitAnswer(net::ConnectStep step, std::uint64_t withinMs) {
  if (link_ == nullptr) return;
  made_.step = step;
  waits_.answerMs = withinMs;
  timers_.answer.arm(withinMs);
}

void Connection::onNoAnswer() {
  // While our side does not read, silence proves nothing.
  if (paused_) return timers_.answer.arm(waits_.answerMs);
  giveUp("no answer within " + std::to_string(waits_.answerMs) + " ms");
}

std::string Connection::underWay() const {
  if (link_ != nullptr) {
    return made_.where() + " has not answered " + (made_.step == net::ConnectStep::Login ? "the login" : "HELLO");
  }
  std::string names;
  for (const net::Endpoint& endpoint : target_.options.endpoints) {
    names += (names.empty() ? "" : ", ") + endpoint.host + ":" + std::to_string(endpoint.port);
  }
  return names.empty() ? "no endpoint in the allowed areas" : "still connecting to " + names;
}

void Connection::established(std::uint32_t heartbeatMs, std::uint64_t silenceMs) {
  if (link_ == nullptr) return;
  timers_.answer.cancel();
  connector_.reset();  // its work is done; it would only take memory while the link lives
  answered_ = false;
  // The answer to the first PING tells a network that flaps from a server that lets clients in and hangs up.
  heartbeat_.start(*link_, heartbeatMs, silenceMs);
}

void Connection::onSilence(std::uint64_t silentMs) {
  lostToSilence_ = true;
  giveUp("nothing heard for " + std::to_string(silentMs) + " ms");
}

void Connection::giveUp(std::string detail) {
  const std::uint64_t heard = link_ != nullptr ? link_->lastReceivedMs() : loop_.now();
  const std::uint64_t now = loop_.now();
  const std::uint64_t attempt = attempt_;
  drop();
  owner_.onLinkDown(attempt, detail, now > heard ? now - heard : 0);
}

net::Timer& Connection::timerOf(Owner::TimerKind kind) {
  switch (kind) {
    case Owner::TimerKind::Login:
      return timers_.login;
    case Owner::TimerKind::Outage:
      return timers_.outage;
    case Owner::TimerKind::Logout:
      return timers_.logout;
    case Owner::TimerKind::TokenWarning:
      break;
  }
  return timers_.token;
}

void Connection::arm(Owner::TimerKind kind, std::uint64_t delayMs) {
  timerOf(kind).arm(delayMs);
}

void Connection::cancel(Owner::TimerKind kind) {
  timerOf(kind).cancel();
}

void Connection::watchDeadlines() {
  if (!timers_.deadline.armed()) timers_.deadline.arm(kDeadlineTickMs);
}

void Connection::setPaused(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  heartbeat_.setPaused(paused);
  if (!paused && timers_.answer.armed()) timers_.answer.arm(waits_.answerMs);
  if (link_ == nullptr) return;
  if (paused) {
    link_->pauseReading();
  } else {
    link_->resumeReading();
  }
}

bool Connection::onFrame(wire::FrameKind kind, ByteView body) {
  if (kind != wire::FrameKind::Bye) answered_ = true;
  if (kind == wire::FrameKind::Pong) return true;  // the link has noted the time of its last byte
  return owner_.onFrame(attempt_, kind, body);
}

void Connection::onBatchEnd() {
  owner_.onBatchEnd(attempt_);
}

void Connection::onDrained() {
  owner_.onDrained(attempt_);
}

void Connection::onLinkEnd(const net::LinkEnd& end) {
  giveUp(end.detail);
}

}  // namespace rtm::client
