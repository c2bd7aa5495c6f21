// Login, logout, token renewal, and what the connection machine wants done.

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/identifiers.hpp"
#include "client/channel.hpp"
#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

std::string inOneLine(std::string lines) {
  for (std::size_t at = lines.find('\n'); at != std::string::npos; at = lines.find('\n', at)) {
    lines.replace(at, 1, "; ");
  }
  return lines;
}

}  // namespace

int Service::login(const char* token, const char* userId) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return LOGIN_ERR_NOT_INITIALIZED;
  if (userId == nullptr || !isValidUserId(userId)) return LOGIN_ERR_INVALID_ARGUMENT;
  if (!machine_.mayLogin()) return LOGIN_ERR_ALREADY_LOGGED_IN;
  if (!acceptCall(wire::RateGroup::Login)) return LOGIN_ERR_TOO_OFTEN;
  userId_ = userId;
  token_ = provenToken_ = token != nullptr ? token : "";
  lastFailure_.clear();
  warnedToken_.reset();
  told_.clear();
  passedOver_.clear();
  refusal_.reset();
  downSinceMs_ = steadyMs();
  run(machine_.login());
  return LOGIN_ERR_OK;
}

int Service::logout() {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return LOGOUT_ERR_NOT_INITIALIZED;
  if (!machine_.mayLogout()) return LOGOUT_ERR_USER_NOT_LOGGED_IN;
  scheduleFlush();  // what was accepted before the call leaves before the goodbye
  run(machine_.logout());
  return LOGOUT_ERR_OK;
}

int Service::renewToken(const char* token) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return RENEW_TOKEN_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return RENEW_TOKEN_ERR_USER_NOT_LOGGED_IN;
  if (token == nullptr || *token == '\0' || !isValidUtf8(token)) return RENEW_TOKEN_ERR_INVALID_ARGUMENT;
  if (!acceptCall(wire::RateGroup::RenewToken)) return RENEW_TOKEN_ERR_TOO_OFTEN;
  if (std::strlen(token) > wire::kMaxFrameBodyBeforeLogin) {  // no login could be made with it
    notify([text = std::string(token)](IRtmServiceEventHandler& handler) {
      handler.onRenewTokenResult(text.c_str(), RENEW_TOKEN_ERR_INVALID_TOKEN);
    });
    return RENEW_TOKEN_ERR_OK;
  }
  wire::RenewToken request{.token = token};
  PendingRequest pending;
  pending.text = token;
  long long requestId = 0;
  if (!startRequest(request, RequestKind::RenewToken, std::move(pending), requestId)) return RENEW_TOKEN_ERR_TOO_OFTEN;
  // A reconnect that the old token could not do may succeed with this one; one that no server takes is given up again.
  token_ = token;
  machine_.tokenRenewed();
  return RENEW_TOKEN_ERR_OK;
}

/// A server let us in with neither login nor resume. A token that was given since the last success and is worse than
/// the one before ends here: it must not keep a session away that the older one would bring back.
void Service::tokenRefused(LOGIN_ERR_CODE code) {
  const bool ofToken =
      code == LOGIN_ERR_INVALID_TOKEN || code == LOGIN_ERR_TOKEN_EXPIRED || code == LOGIN_ERR_NOT_AUTHORIZED;
  if (!ofToken || token_ == provenToken_) return run(machine_.loginRefused(code, random()));
  const std::string refused = std::exchange(token_, provenToken_);
  std::vector<std::uint64_t> renewals;
  for (const auto& [id, pending] : pending_) {
    if (pending.kind == RequestKind::RenewToken && pending.text == refused) renewals.push_back(id);
  }
  for (const std::uint64_t id : renewals) {
    finishRequest(id, code == LOGIN_ERR_TOKEN_EXPIRED ? RENEW_TOKEN_ERR_TOKEN_EXPIRED : RENEW_TOKEN_ERR_INVALID_TOKEN);
  }
  // Not as expired: onTokenExpired is about the token in use, which the next try tells of.
  run(machine_.loginRefused(LOGIN_ERR_INVALID_TOKEN, random()));
}

/// Gives `work` the session on the I/O thread; does nothing after release().
void Service::withSession(MoveFunction<void(Connection&)> work) {
  process_.loop().post([self = shared_from_this(), work = std::move(work)]() mutable {
    {
      const std::lock_guard lock(self->mutex_);
      if (self->released_) return;
      if (self->session_ == nullptr) {
        self->session_ = std::make_unique<Connection>(self->process_.loop(), static_cast<Connection::Owner&>(*self));
        self->session_->setPaused(self->pauses_ > 0);
      }
    }
    work(*self->session_);
  });
}

void Service::run(const Effects& effects) {
  loggedIn_ = machine_.loggedIn();
  for (const Effect& effect : effects) {
    switch (effect.kind) {
      case EffectKind::Connect:
        withSession([attempt = attempt_, wait = Connection::Wait{effect.delayMs, effect.asked}, target = target()](
                        Connection& session) mutable { session.connect(attempt, wait, std::move(target)); });
        break;
      case EffectKind::DropLink:
        ++attempt_;
        if (established_) downSinceMs_ = steadyMs();
        established_ = false;
        closeGate();
        media_.onSession(MediaInput::SessionLost);
        withSession([](Connection& session) { session.drop(); });
        break;
      case EffectKind::SendLogout:
        withSession([](Connection& session) {
          if (session.link() != nullptr) session.link()->send(wire::Logout{});
        });
        break;
      case EffectKind::ArmLoginTimer:
        withSession([delay = config_.timing.login](Connection& session) { session.arm(TimerKind::Login, delay); });
        break;
      case EffectKind::ArmOutageTimer:
        withSession([delay = outageDelayMs_](Connection& session) { session.arm(TimerKind::Outage, delay); });
        break;
      case EffectKind::ArmLogoutTimer:
        withSession([delay = config_.timing.logout](Connection& session) { session.arm(TimerKind::Logout, delay); });
        break;
      case EffectKind::CancelTimers:
        withSession([](Connection& session) {
          session.cancel(TimerKind::Login);
          session.cancel(TimerKind::Outage);
          session.cancel(TimerKind::Logout);
        });
        break;
      case EffectKind::ChangeState:
        log(LogLevel::Info, "state " + std::to_string(effect.state) + ", reason " + std::to_string(effect.reason));
        notify([state = effect.state, reason = effect.reason](IRtmServiceEventHandler& handler) {
          handler.onConnectionStateChanged(state, reason);
        });
        break;
      case EffectKind::LoginSuccess:
        notify([](IRtmServiceEventHandler& handler) { handler.onLoginSuccess(); });
        break;
      case EffectKind::LoginFailure:
        log(LogLevel::Error, "login failed, code " + std::to_string(effect.loginError) +
                                 (lastFailure_.empty() ? "" : ": " + inOneLine(lastFailure_)));
        notify([code = effect.loginError](IRtmServiceEventHandler& handler) { handler.onLoginFailure(code); });
        break;
      case EffectKind::LogoutDone:
        notify([](IRtmServiceEventHandler& handler) { handler.onLogout(LOGOUT_ERR_OK); });
        break;
      case EffectKind::TokenExpired:
        notify([](IRtmServiceEventHandler& handler) { handler.onTokenExpired(); });
        break;
      case EffectKind::ForgetSession:
        forgetSession();
        break;
      case EffectKind::Flush:
        scheduleFlush();
        break;
      case EffectKind::Restore:
        restoreSession();
        break;
    }
  }
}

/// The login session is over. After a logout what was pending fails at once; in ABORTED it runs into its timeouts, as
/// calls made in that state do (spec semantics §9).
void Service::forgetSession() {
  haveSession_ = false;
  resumeToken_.clear();
  ackDue_ = false;
  if (calls_ != nullptr) calls_->onLoggedOut();
  media_.interruptAll();
  subscriptions_.clear();
  unsettled_.clear();
  userAttributes_.clear();
  for (const auto& [id, channel] : channels_) channel->state = Channel::State::Out;
  withSession([](Connection& session) { session.cancel(Connection::Owner::TimerKind::TokenWarning); });
  if (machine_.phase() == ConnectionMachine::Phase::Aborted && loggedIn_) return;
  std::vector<OutboxEnd> ended;
  {
    const std::lock_guard lock(outboxMutex_);
    outbox_.clear([&](const OutboxEnd& end) { ended.push_back(end); });
  }
  endEntries(ended, EndedBy::Loss);
}

/// A new session took the place of a lost one: the server knows nothing of what we had (spec connection §3).
void Service::restoreSession() {
  dropOwnRequests();
  unsettled_.clear();
  std::vector<OutboxEnd> repeated;
  {
    const std::lock_guard lock(outboxMutex_);
    outbox_.endSentSignals([&](const OutboxEnd& end) { repeated.push_back(end); });
    outbox_.startNewSession([this] {
      // First of all, so that the server meets no message for a channel before its join, and no attribute that was
      // written meanwhile before the older ones.
      for (const auto& [id, channel] : channels_) {
        if (channel->state != Channel::State::Joined) continue;
        wire::Join request{.channelId = channel->id()};
        PendingRequest pending;
        pending.channel = channel;
        long long requestId = 0;
        channel->rejoining = enterRequest(request, RequestKind::Rejoin, std::move(pending), requestId);
      }
      restoreUserAttributes();
    });
  }
  media_.onSession(MediaInput::SessionNew);
  restoreSubscriptions();
  for (const OutboxEnd& end : repeated) reportSend(end, PEER_MESSAGE_ERR_SENT_TIMEOUT);
}

/// What was to be done in an earlier session that did not live to do it: the next one begins anew.
void Service::dropOwnRequests() {
  std::vector<std::uint64_t> left;
  for (const auto& [id, pending] : pending_) {
    if (!isOwn(pending.kind)) continue;
    if (pending.channel != nullptr) pending.channel->rejoining = false;
    left.push_back(id);
  }
  for (const std::uint64_t id : left) takePending(id);
}

/// The link that ends now, or the search that came to nothing. `silentMs`: how long nothing has been heard over it.
EndedLink Service::endedLink(std::uint64_t silentMs) {
  const std::uint64_t now = steadyMs();
  // The server counts from what it heard last; with a dead network that was as long ago as what we heard.
  if (established_) sessionEndsMs_ = now + graceMs_ - std::min<std::uint64_t>(silentMs, graceMs_);
  EndedLink link;
  link.upMs = established_ ? now - establishedMs_ : 0;
  link.sessionLeftMs = haveSession_ && sessionEndsMs_ > now ? sessionEndsMs_ - now : 0;
  return link;
}

// Connection::Owner. Each takes the lock, drops what is stale, and lets the machine decide.

void Service::onLinkUp(std::uint64_t attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt != attempt_ || released_) return;
  session_->awaitAnswer(net::ConnectStep::Hello, handshakeMs());
  session_->link()->send(wire::Hello{.version = 1,
                                     .capabilities = static_cast<std::uint64_t>(wire::Capability::Resume) |
                                                     static_cast<std::uint64_t>(wire::Capability::MediaMessages) |
                                                     static_cast<std::uint64_t>(wire::Capability::Calls),
                                     .sdkVersion = getRtmSdkVersion()});
}

void Service::onLinkDown(std::uint64_t attempt, const std::string& detail, std::uint64_t silentMs) {
  const std::lock_guard lock(mutex_);
  if (attempt != attempt_ || released_) return;
  linkFailed(LogLevel::Warning, detail);
  outageDelayMs_ = config_.timing.outage > silentMs ? config_.timing.outage - silentMs : 0;
  EndedLink link = endedLink(silentMs);
  link.answered = session_->answered();
  run(machine_.linkLost(random(), link));
}

std::uint64_t Service::onNetworkChange() {
  const std::lock_guard lock(mutex_);
  if (released_) return 0;
  machine_.networkChanged();
  log(LogLevel::Info, "connect: the network has changed, not waiting any longer");
  // All bots of a machine hear of it at once.
  constexpr double kSpreadMs = 250;
  return static_cast<std::uint64_t>(kSpreadMs * random());
}

void Service::onTimer(Connection::Owner::TimerKind kind) {
  const std::lock_guard lock(mutex_);
  if (released_) return;
  switch (kind) {
    case Connection::Owner::TimerKind::Login:
      lastFailure_ = "no answer within the login timeout of " + std::to_string(config_.timing.login) + " ms; " +
                     (lastFailure_.empty() ? session_->underWay() : "last attempt: " + lastFailure_);
      return run(machine_.loginTimeout());
    case Connection::Owner::TimerKind::Outage:
      return run(machine_.outageTimeout());
    case Connection::Owner::TimerKind::Logout:
      return run(machine_.logoutDone());
    case Connection::Owner::TimerKind::TokenWarning:
      // Once for a token, however often the link breaks in its last 30 s (spec connection §5).
      if (!machine_.loggedIn() || warnedToken_ == provenToken_) return;
      warnedToken_ = provenToken_;
      return notify([](IRtmServiceEventHandler& handler) { handler.onTokenPrivilegeWillExpire(); });
  }
}

}  // namespace rtm::client
