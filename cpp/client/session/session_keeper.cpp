// Calls, what the connection machine wants done, and timers.

#include "client/session/session_keeper.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/identifiers.hpp"
#include "client/why_no_id.hpp"

namespace rtm::client {

namespace {

std::string inOneLine(std::string lines) {
  for (std::size_t at = lines.find('\n'); at != std::string::npos; at = lines.find('\n', at)) {
    lines.replace(at, 1, "; ");
  }
  return lines;
}

}  // namespace

SessionKeeper::~SessionKeeper() = default;

LoginCode SessionKeeper::login(std::string_view token, std::string_view userId) {
  const std::lock_guard lock(common_.lock);
  if (!common_.access.initialized()) return LoginCode::NotInitialized;
  if (!isValidUserId(userId)) {
    common_.log.error("login: user id: " + whyNoId(userId));
    return LoginCode::InvalidArgument;
  }
  if (!machine_.mayLogin()) return LoginCode::AlreadyLoggedIn;
  if (!common_.queue.acceptCall(wire::RateGroup::Login)) return LoginCode::TooOften;
  session_.begin(userId, token);
  common_.log.setUser(userId);
  lastFailure_.clear();
  servers_.begin();
  since_.down = steadyMs();
  run(machine_.login());
  return LoginCode::Ok;
}

LogoutCode SessionKeeper::logout(bool drain) {
  const std::lock_guard lock(common_.lock);
  if (!common_.access.initialized()) return LogoutCode::NotInitialized;
  if (!drain && machine_.phase() == ConnectionMachine::Phase::Draining) {  // the program will not wait any longer
    run(machine_.drained());
    return LogoutCode::Ok;
  }
  if (!machine_.mayLogout()) return LogoutCode::UserNotLoggedIn;
  common_.queue.scheduleFlush();  // accepted frames leave before the goodbye
  since_.logout = steadyMs();
  run(machine_.logout(drain && common_.config.timing.drain > 0 && common_.queue.awaiting()));
  return LogoutCode::Ok;
}

RenewTokenCode SessionKeeper::renewToken(std::string_view token) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<RenewTokenCode>(); code != RenewTokenCode::Ok) return code;
  if (token.empty() || !isValidUtf8(token)) return RenewTokenCode::InvalidArgument;
  if (!common_.queue.acceptCall(wire::RateGroup::RenewToken)) return RenewTokenCode::TooOften;
  PendingRequest pending{.text = std::string(token)};
  if (token.size() > wire::kMaxFrameBodyBeforeLogin) {  // no login could be made with it
    common_.delivery->run([&events = common_.events, text = std::move(pending.text)] {
      events.onRenewTokenResult(text, RenewTokenCode::InvalidToken);
    });
    return RenewTokenCode::Ok;
  }
  wire::RenewToken request{.token = token};
  if (!common_.requests.start(*this, request, RequestKind::RenewToken, std::move(pending))) {
    return RenewTokenCode::TooOften;
  }
  // A reconnect that failed with the old token may succeed with this one. A token that no server takes is given up.
  session_.renew(token);
  machine_.tokenRenewed();
  return RenewTokenCode::Ok;
}

void SessionKeeper::onRequestEnded(PendingRequest& request, int number) {
  const auto code = static_cast<RenewTokenCode>(number);
  session_.renewed(request.text, code == RenewTokenCode::Ok, code == RenewTokenCode::Failure);
  common_.delivery->run(
      [&events = common_.events, token = std::move(request.text), code] { events.onRenewTokenResult(token, code); });
}

std::string SessionKeeper::lastFailure() const {
  const std::lock_guard lock(common_.lock);
  return lastFailure_;
}

void SessionKeeper::pauseDelivery() {
  if (pauses_.fetch_add(1) != 0) return;
  post([](Connection& connection) { connection.setPaused(true); });
}

void SessionKeeper::resumeDelivery() {
  if (pauses_.fetch_sub(1) != 1) return;
  post([](Connection& connection) { connection.setPaused(false); });
}

void SessionKeeper::post(MoveFunction<void(Connection&)> work) {
  loop_.post([this, hold = common_.client.lock(), work = std::move(work)]() mutable {
    {
      const std::lock_guard lock(common_.lock);
      if (released_) return;
      if (connection_ == nullptr) {
        connection_ = std::make_unique<Connection>(loop_, static_cast<Connection::Owner&>(*this));
        connection_->setPaused(pauses_ > 0);
      }
    }
    work(*connection_);
  });
}

void SessionKeeper::postFlush() {
  post([this](Connection&) {
    const std::lock_guard lock(common_.lock);
    common_.queue.flushBegins();  // before looking
    flush();
    if (net::Link* present = link()) common_.queue.setGate(present);
  });
}

void SessionKeeper::flush() {
  if (connection_ == nullptr) return;
  connection_->watchDeadlines();
  common_.queue.flush(link());
}

net::Link* SessionKeeper::link() const {
  return established_ && connection_ != nullptr ? connection_->link() : nullptr;
}

void SessionKeeper::release() {
  released_ = true;
  if (machine_.mayLogout()) machine_.logout(false);
  machine_ = ConnectionMachine();
  common_.access.setSession(false, false);
  ++attempt_;
}

std::optional<wire::InboxAck> SessionKeeper::takeAck() {
  if (!session_.inbox().ackDue()) return std::nullopt;
  std::optional<wire::InboxAck> ack = session_.inbox().ack();
  session_.inbox().acknowledged();
  return ack;
}

void SessionKeeper::sayGoodbye() {
  std::optional<wire::InboxAck> ack;
  {
    const std::lock_guard lock(common_.lock);
    flush();  // accepted frames leave before the goodbye
    common_.queue.clear();
    ack = takeAck();
  }
  if (connection_ == nullptr) return;
  if (net::Link* present = link()) {
    if (ack) present->send(*ack);
    present->send(wire::Logout{});
  }
  connection_->finish();
  connection_.reset();
}

void SessionKeeper::run(const Effects& effects) {
  common_.access.setSession(machine_.loggedIn(), machine_.phase() == ConnectionMachine::Phase::Aborted);
  for (const Effect& effect : effects) perform(effect);
}

void SessionKeeper::perform(const Effect& effect) {
  ClientEvents& events = common_.events;
  switch (effect.kind) {
    case EffectKind::Connect:
      return post([attempt = attempt_, wait = Connection::Wait{effect.delayMs, effect.asked}, target = target()](
                      Connection& connection) mutable { connection.connect(attempt, wait, std::move(target)); });
    case EffectKind::DropLink:
      return dropLink();
    case EffectKind::SendLogout:
    case EffectKind::ArmLoginTimer:
    case EffectKind::ArmOutageTimer:
    case EffectKind::ArmDrainTimer:
    case EffectKind::ArmLogoutTimer:
    case EffectKind::CancelTimers:
      return onConnectionThread(effect.kind);
    case EffectKind::ChangeState:
      common_.log.info("state " + std::to_string(static_cast<int>(effect.state)) + ", reason " +
                       std::to_string(static_cast<int>(effect.reason)));
      return common_.delivery->run(
          [&events, state = effect.state, reason = effect.reason] { events.onConnectionState(state, reason); });
    case EffectKind::LoginSuccess:
      return common_.delivery->run([&events] { events.onLoginSuccess(); });
    case EffectKind::LoginFailure:
      common_.log.error("login failed, code " + std::to_string(static_cast<int>(effect.loginError)) +
                        (lastFailure_.empty() ? "" : ": " + inOneLine(lastFailure_)));
      return common_.delivery->run([&events, code = effect.loginError] { events.onLoginFailure(code); });
    case EffectKind::LogoutDone:
      return common_.delivery->run([&events] { events.onLogout(LogoutCode::Ok); });
    case EffectKind::TokenExpired:
      return common_.delivery->run([&events] { events.onTokenExpired(); });
    case EffectKind::ForgetSession:
      return forgetSession();
    case EffectKind::Flush:
      return common_.queue.scheduleFlush();
    case EffectKind::Restore:
      return owner_.onRestore();
  }
}

/// Runs the effects that need only the connection.
void SessionKeeper::onConnectionThread(EffectKind kind) {
  const Timing& timing = common_.config.timing;
  const auto arm = [this](TimerKind timer, std::uint64_t delayMs) {
    post([timer, delayMs](Connection& connection) { connection.arm(timer, delayMs); });
  };
  switch (kind) {
    case EffectKind::SendLogout:
      // The client acknowledges all delivered messages first and delivers none afterwards, so senders get true results.
      session_.inbox().close();
      return post([ack = takeAck()](Connection& connection) {
        if (connection.link() == nullptr) return;
        if (ack) connection.link()->send(*ack);
        connection.link()->send(wire::Logout{});
      });
    case EffectKind::ArmLoginTimer:
      return arm(TimerKind::Login, timing.login);
    case EffectKind::ArmOutageTimer:
      return arm(TimerKind::Outage, outageDelayMs_);
    case EffectKind::ArmDrainTimer:
      return arm(TimerKind::Logout, std::min(timing.drain, timing.logout));
    case EffectKind::ArmLogoutTimer:
      return arm(TimerKind::Logout, logoutLeftMs());
    default:
      return post([](Connection& connection) {
        connection.cancel(TimerKind::Login);
        connection.cancel(TimerKind::Outage);
        connection.cancel(TimerKind::Logout);
      });
  }
}

/// A logout waits no longer than its own bound for the results before it.
std::uint64_t SessionKeeper::logoutLeftMs() const {
  const std::uint64_t ends = since_.logout + common_.config.timing.logout;
  return std::max<std::uint64_t>(1, ends - std::min(ends, steadyMs()));
}

/// Each result may be the last result that a logout waits for.
void SessionKeeper::noteDrained() {
  if (machine_.phase() == ConnectionMachine::Phase::Draining && !common_.queue.awaiting()) run(machine_.drained());
}

void SessionKeeper::dropLink() {
  ++attempt_;
  if (established_) since_.down = steadyMs();
  established_ = false;
  common_.queue.setGate(nullptr);
  owner_.onLinkLost();
  post([](Connection& connection) { connection.drop(); });
}

/// After a logout pending calls fail at once; in ABORTED they run into their timeouts, as calls made in that state do
/// (docs/spec/semantics.md §9).
void SessionKeeper::forgetSession() {
  session_.end();
  post([](Connection& connection) { connection.cancel(TimerKind::TokenWarning); });
  owner_.onSessionOver(common_.access.usable() || !common_.access.loggedIn());
}

void SessionKeeper::onDrained(std::uint64_t attempt) {
  const std::lock_guard lock(common_.lock);
  if (!isStale(attempt)) flush();
}

void SessionKeeper::onBatchEnd(std::uint64_t attempt) {
  const std::lock_guard lock(common_.lock);
  if (isStale(attempt)) return;
  if (session_.inbox().ackDue() && connection_->link() != nullptr) {
    // One acknowledgement for all messages of a read. A full queue only delays it: the next batch tries again.
    if (connection_->link()->send(session_.inbox().ack())) session_.inbox().acknowledged();
  }
  noteDrained();
}

bool SessionKeeper::onDeadlineTick(std::uint64_t nowMs) {
  const std::lock_guard lock(common_.lock);
  if (released_) return false;
  const bool waiting = owner_.onTick(nowMs);
  noteDrained();
  return waiting;
}

std::uint64_t SessionKeeper::onNetworkChange() {
  const std::lock_guard lock(common_.lock);
  if (released_) return 0;
  machine_.networkChanged();
  common_.log.info("connect: the network has changed, not waiting any longer");
  // All clients of a machine learn of a network change at once.
  constexpr double kSpreadMs = 250;
  return static_cast<std::uint64_t>(kSpreadMs * randomUnit());
}

void SessionKeeper::onTimer(TimerKind kind) {
  const std::lock_guard lock(common_.lock);
  if (released_) return;
  switch (kind) {
    case TimerKind::Login:
      lastFailure_ = "no answer within the login timeout of " + std::to_string(common_.config.timing.login) + " ms; " +
                     (lastFailure_.empty() ? connection_->underWay() : "last attempt: " + lastFailure_);
      return run(machine_.loginTimeout());
    case TimerKind::Outage:
      return run(machine_.outageTimeout());
    case TimerKind::Logout:
      return run(machine_.logoutTimeout());
    case TimerKind::TokenWarning:
      // Once for a token, however often the link breaks in its last 30 s (docs/spec/connection.md §5).
      if (!machine_.loggedIn() || !session_.warnOnce()) return;
      return common_.delivery->run([&events = common_.events] { events.onTokenWillExpire(); });
  }
}

}  // namespace rtm::client
