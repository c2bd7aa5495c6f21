#include "client/connection/connection.hpp"

#include <algorithm>
#include <utility>

#include "client/runtime/process.hpp"

namespace rtm::client {

namespace {
constexpr std::uint64_t kDeadlineTickMs = 100;
}

Connection::Connection(net::IoLoop& loop, Owner& owner)
    : loop_(loop),
      owner_(owner),
      connectTimer_(loop,
                    [this] {
                      stopWaiting();
                      search();
                    }),
      answerTimer_(loop, [this] { onNoAnswer(); }),
      heartbeatTimer_(loop, [this] { heartbeat(); }),
      deadlineTimer_(loop,
                     [this] {
                       if (owner_.onDeadlineTick(loop_.now())) deadlineTimer_.arm(kDeadlineTickMs);
                     }),
      loginTimer_(loop, [this] { owner_.onTimer(Owner::TimerKind::Login); }),
      outageTimer_(loop, [this] { owner_.onTimer(Owner::TimerKind::Outage); }),
      logoutTimer_(loop, [this] { owner_.onTimer(Owner::TimerKind::Logout); }),
      tokenTimer_(loop, [this] { owner_.onTimer(Owner::TimerKind::TokenWarning); }) {}

Connection::~Connection() {
  stopWaiting();
}

void Connection::connect(std::uint64_t attempt, Wait wait, Target target) {
  drop();
  attempt_ = attempt;
  target_ = std::move(target);
  if (wait.ms == 0) return search();
  connectTimer_.arm(wait.ms);
  connectDueMs_ = loop_.now() + wait.ms;
  if (!wait.asked) loop_.networkWatch().add(*this);
}

void Connection::stopWaiting() {
  connectTimer_.cancel();
  loop_.networkWatch().remove(*this);
}

void Connection::onNetworkChange() {
  const std::uint64_t due = loop_.now() + owner_.onNetworkChange();
  if (due < connectDueMs_) connectTimer_.arm(due - loop_.now());
}

void Connection::drop() {
  stopWaiting();
  answerTimer_.cancel();
  heartbeatTimer_.cancel();
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
  auto tls = Process::instance()->tlsContext(target_.tls);
  if (!tls) {
    owner_.onAttemptLost("not tried: " + tls.failure().message);
    owner_.onConnectFailed(attempt_, net::ConnectError::Untrusted, tls.failure().message);
    return;
  }
  net::ConnectOptions options = target_.options;
  options.onLost = [&owner = owner_, &loop = loop_](const net::ConnectAttempt& lost, const std::string& result) {
    owner.onAttemptLost(lost.line(loop.now(), result));
  };
  connector_ = std::make_unique<net::Connector>(
      loop_, std::move(tls.value()), std::move(options), [this](Result<net::LinkHandle> result) {
        // The connector is in the middle of calling us: it is let go by the next connect() or drop(), not here.
        if (!result) {
          owner_.onConnectFailed(attempt_, static_cast<net::ConnectError>(result.failure().code),
                                 result.failure().message);
          return;
        }
        link_ = std::move(result.value());
        server_ = connector_->found();
        made_ = connector_->winner();
        madeTo_ = target_.options.endpoints.at(made_.endpoint).toString();
        link_->setObserver(this);
        // The small bound before login protects a server from strangers; this server has shown its certificate, and its
        // answer to a RESUME with many channels is longer.
        link_->setFrameLimit(wire::kMaxFrameBody);
        if (paused_) link_->pauseReading();
        owner_.onLinkUp(attempt_);
      });
  connector_->start();
}

Connection::Target Connection::sameServer() const {
  Target target{.options = {}, .tls = target_.tls};
  if (!server_) return target;
  target.options.endpoints = {server_->endpoint};
  target.options.address = server_->address;
  return target;
}

/// Without this a network that dies, or a server that hangs, between the TLS handshake and the login would hold a
/// reconnect for ever: heartbeats begin only after it.
void Connection::awaitAnswer(net::ConnectStep step, std::uint64_t withinMs) {
  if (link_ == nullptr) return;
  made_.step = step;
  answerMs_ = withinMs;
  answerTimer_.arm(withinMs);
}

void Connection::onNoAnswer() {
  // While reading is paused by our own side, silence proves nothing.
  if (paused_) return answerTimer_.arm(answerMs_);
  giveUp("no answer within " + std::to_string(answerMs_) + " ms");
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
  answerTimer_.cancel();
  connector_.reset();  // has called long ago; not to be kept for as long as the link lives
  heartbeatMs_ = std::max<std::uint32_t>(heartbeatMs, 50);
  silenceMs_ = silenceMs;
  answered_ = false;
  // The answer to this first one tells a network that flaps from a server that lets clients in and hangs up.
  heartbeat();
}

void Connection::heartbeat() {
  if (link_ == nullptr) return;
  const std::uint64_t now = loop_.now();
  // While reading is paused by our own side, silence proves nothing.
  const std::uint64_t heard = std::max(link_->lastReceivedMs(), resumedReadingMs_);
  const std::uint64_t silent = paused_ || now < heard ? 0 : now - heard;
  if (silent >= silenceMs_) {
    giveUp("nothing heard for " + std::to_string(silent) + " ms");
    return;
  }
  link_->send(wire::Ping{.token = now});
  const std::uint64_t untilSilence = silenceMs_ - silent;
  heartbeatTimer_.arm(std::min<std::uint64_t>(heartbeatMs_, untilSilence));
}

void Connection::giveUp(std::string detail) {
  const std::uint64_t heard = link_ != nullptr ? link_->lastReceivedMs() : loop_.now();
  const std::uint64_t now = loop_.now();
  const std::uint64_t attempt = attempt_;
  drop();
  owner_.onLinkDown(attempt, detail, now > heard ? now - heard : 0);
}

void Connection::arm(Owner::TimerKind kind, std::uint64_t delayMs) {
  switch (kind) {
    case Owner::TimerKind::Login:
      return loginTimer_.arm(delayMs);
    case Owner::TimerKind::Outage:
      return outageTimer_.arm(delayMs);
    case Owner::TimerKind::Logout:
      return logoutTimer_.arm(delayMs);
    case Owner::TimerKind::TokenWarning:
      return tokenTimer_.arm(delayMs);
  }
}

void Connection::cancel(Owner::TimerKind kind) {
  switch (kind) {
    case Owner::TimerKind::Login:
      return loginTimer_.cancel();
    case Owner::TimerKind::Outage:
      return outageTimer_.cancel();
    case Owner::TimerKind::Logout:
      return logoutTimer_.cancel();
    case Owner::TimerKind::TokenWarning:
      return tokenTimer_.cancel();
  }
}

void Connection::watchDeadlines() {
  if (!deadlineTimer_.armed()) deadlineTimer_.arm(kDeadlineTickMs);
}

void Connection::setPaused(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  if (!paused) resumedReadingMs_ = loop_.now();
  if (!paused && answerTimer_.armed()) answerTimer_.arm(answerMs_);
  if (link_ == nullptr) return;
  if (paused) {
    link_->pauseReading();
  } else {
    link_->resumeReading();
  }
}

bool Connection::onFrame(wire::FrameKind kind, ByteView body) {
  if (kind != wire::FrameKind::Bye) answered_ = true;
  if (kind == wire::FrameKind::Pong) return true;  // any byte is a sign of life; the link has noted it
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
