// From HELLO to a session: one function for each frame of the handshake.

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "client/service_context.hpp"
#include "client/session/session_keeper.hpp"
#include "wire/protocol.hpp"

namespace rtm::client {

namespace {

/// A receiver may ignore kinds from here on that it does not know (docs/protocol.md).
constexpr bool mayBeUnknown(wire::FrameKind kind) {
  return static_cast<unsigned>(kind) >= 128;
}

}  // namespace

void SessionKeeper::onLinkUp(std::uint64_t attempt) {
  const std::lock_guard lock(common_.lock);
  if (isStale(attempt)) return;
  connection_->awaitAnswer(net::ConnectStep::Hello, handshakeMs());
  connection_->link()->send(LoginSession::hello());
}

bool SessionKeeper::onFrame(std::uint64_t attempt, wire::FrameKind kind, ByteView body) {
  const std::lock_guard lock(common_.lock);
  if (isStale(attempt)) return false;
  if (!established_) return handshake(kind, body);
  switch (kind) {
    case wire::FrameKind::Bye: {
      wire::Bye bye;
      return wire::decode(body, bye) ? on(bye) : malformed(kind);
    }
    case wire::FrameKind::Result: {
      wire::Result result;
      return wire::decode(body, result) ? on(result) : malformed(kind);
    }
    default: {
      const Owner::Verdict verdict = owner_.onSessionFrame(kind, body);
      if (verdict == Owner::Verdict::Taken) return true;
      // A newer server may say more than we know.
      return (verdict == Owner::Verdict::Unknown && mayBeUnknown(kind)) || malformed(kind);
    }
  }
}

bool SessionKeeper::handshake(wire::FrameKind kind, ByteView body) {
  const auto take = [&](auto frame) { return wire::decode(body, frame) ? on(frame) : malformed(kind); };
  switch (kind) {
    case wire::FrameKind::HelloOk:
      return take(wire::HelloOk{});
    case wire::FrameKind::LoginResult:
      return take(wire::LoginResult{});
    case wire::FrameKind::ResumeResult:
      return take(wire::ResumeResult{});
    case wire::FrameKind::Bye:
      return take(wire::Bye{});
    default:
      return mayBeUnknown(kind) || malformed(kind);
  }
}

bool SessionKeeper::on(const wire::Result& result) {
  if (result.requestId == 0) {  // of LOGOUT, which has no number
    run(machine_.logoutDone());
    return machine_.phase() != ConnectionMachine::Phase::Disconnected;
  }
  if (result.tokenLifeMs != 0) watchToken(result.tokenLifeMs);
  common_.requests.finish(result.requestId, static_cast<int>(result.code));
  return true;
}

bool SessionKeeper::malformed(wire::FrameKind kind) {
  linkFailed(LogLevel::Error, "the server sent a frame that is malformed or unexpected, kind " +
                                  std::to_string(static_cast<unsigned>(kind)));
  run(machine_.linkLost(randomUnit(), endedLink()));
  return false;
}

bool SessionKeeper::on(const wire::HelloOk& hello) {
  if (hello.version != wire::kProtocolVersion) {
    linkFailed(LogLevel::Error,
               "the server speaks protocol version " + std::to_string(hello.version) + ", this SDK version 1");
    serverRefused(LoginCode::Rejected);
    return false;
  }
  if (hello.area != 0 && (hello.area & areaMask()) == 0) {
    // Fails closed: nothing about the user has been sent, and nothing will be. Another endpoint may be in the area.
    linkFailed(LogLevel::Error, "refused a server in area " + std::to_string(hello.area) + ", allowed are " +
                                    std::to_string(areaMask()));
    run(machine_.linkLost(randomUnit(), endedLink()));
    return false;
  }
  connection_->learnUdp(hello.udpPort, hello.udpToken);
  connection_->awaitAnswer(net::ConnectStep::Login, handshakeMs());
  const bool canResume = (hello.capabilities & static_cast<std::uint64_t>(wire::Capability::Resume)) != 0;
  net::Link& link = *connection_->link();
  if (session_.alive() && canResume) {
    const bool sent = session_.resume(
        owner_.joinedChannels(), common_.queue.firstUnansweredSeq(),
        [&link](const wire::ChannelPositions& more) { link.send(more); },
        [&link](const wire::Resume& resume) { link.send(resume); });
    if (sent) return true;
    session_.lose();
  }
  sendLogin();
  return true;
}

void SessionKeeper::sendLogin() {
  std::string problem;
  if (const std::optional<wire::Login> login = session_.login(problem)) {
    connection_->link()->send(*login);
    return;
  }
  lastFailure_ = std::move(problem);
  tokenRefused(LoginCode::InvalidToken);
}

bool SessionKeeper::on(const wire::LoginResult& result) {
  if (static_cast<LoginCode>(result.code) != LoginCode::Ok) {
    linkFailed(LogLevel::Warning, "the server refused the login: " + session_.printable(result.reason));
    tokenRefused(static_cast<LoginCode>(result.code));
    return false;
  }
  session_.accepted(result);
  owner_.onLimits(result.limits.value_or(wire::Limits{}));
  const bool first = machine_.phase() == ConnectionMachine::Phase::LoggingIn;
  std::vector<std::string> missed;
  if (!first) missed = owner_.channelIds();  // nobody can say what the server did not keep between the two sessions
  establish(first ? Established::How::Login : Established::How::NewLogin, false, std::move(missed));
  run(machine_.loginAccepted());
  watchToken(result.tokenLifeMs);  // after onLoginSuccess: a token may be within its last 30 s already
  return true;
}

bool SessionKeeper::on(const wire::ResumeResult& result) {
  if (static_cast<LoginCode>(result.code) != LoginCode::Ok) {
    linkFailed(LogLevel::Warning, "the server refused the resume: " + session_.printable(result.reason));
    tokenRefused(static_cast<LoginCode>(result.code));
    return false;
  }
  if (!result.resumed) {
    common_.log.info("the session is over on the server; logging in again: " + session_.printable(result.reason));
    session_.lose();
    connection_->awaitAnswer(net::ConnectStep::Login, handshakeMs());
    sendLogin();
    return true;
  }
  session_.resumed(result);
  if (!result.inboxComplete) common_.log.error("peer messages were lost during the interruption");
  common_.queue.resume(result.acceptedSeq);
  owner_.onResuming(result);
  // The server has not answered for a channel that this session had yet to join when the link broke.
  std::unordered_set<std::string_view> complete;
  for (const wire::ChannelResume& channel : result.channels) {
    if (channel.complete) complete.insert(channel.channelId);
  }
  std::vector<std::string> missed;
  for (std::string& id : owner_.channelIds()) {
    if (!complete.contains(id)) missed.push_back(std::move(id));
  }
  establish(Established::How::Resume, result.inboxComplete, std::move(missed));
  run(machine_.resumed());
  owner_.onResumed(result);
  watchToken(result.tokenLifeMs);
  return true;
}

/// The link is logged in.
void SessionKeeper::establish(Established::How how, bool complete, std::vector<std::string> channelsMissed) {
  established_ = true;
  const std::uint64_t now = steadyMs();
  since_.established = now;
  connection_->established(session_.heartbeatMs(), common_.config.timing.outage);
  lastFailure_.clear();
  servers_.onEstablished(connection_->madeTo());
  common_.log.info("connect " +
                   connection_->made().line(loop_.now(), how == Established::How::Resume ? "resumed" : "logged in"));
  const bool peerMissed = how != Established::How::Login && !complete;
  if (peerMissed || !channelsMissed.empty()) {
    std::string channels;
    for (const std::string& id : channelsMissed) channels += (channels.empty() ? "" : ", ") + id;
    common_.log.warning(std::string("messages may be missing since the loss of the link:") +
                        (peerMissed ? " of peers" : "") + (peerMissed && !channels.empty() ? ";" : "") +
                        (channels.empty() ? "" : " of channels " + channels));
  }
  common_.delivery->run([&events = common_.events, how, complete, peerMissed, ids = std::move(channelsMissed),
                         tookMs = now > since_.down ? now - since_.down : 0, server = connection_->made().where()] {
    const std::vector<std::string_view> views(ids.begin(), ids.end());
    events.onEstablished({how, complete, peerMissed, views, tookMs, server});
  });
}

/// A server let us in with neither login nor resume. A token that was given since the last success and is worse than
/// the one before ends here: it must not keep a session away that the older one would bring back.
void SessionKeeper::tokenRefused(LoginCode code) {
  const bool ofToken =
      code == LoginCode::InvalidToken || code == LoginCode::TokenExpired || code == LoginCode::NotAuthorized;
  if (!ofToken || session_.tokenIsProven()) return run(machine_.loginRefused(code, randomUnit()));
  const std::string refused = session_.dropUnprovenToken();
  const auto renewal = code == LoginCode::TokenExpired ? RenewTokenCode::TokenExpired : RenewTokenCode::InvalidToken;
  for (const std::uint64_t id : common_.requests.renewalsOf(refused)) {
    common_.requests.finish(id, static_cast<int>(renewal));
  }
  // Not as expired: onTokenExpired is about the token in use, which the next try tells of.
  run(machine_.loginRefused(LoginCode::InvalidToken, randomUnit()));
}

/// Arms the warning 30 s before the token in use ends (docs/spec/connection.md §5).
void SessionKeeper::watchToken(std::uint32_t lifeMs) {
  const std::uint64_t warning = common_.config.timing.tokenWarning;
  post([lifeMs, warning](Connection& connection) {
    if (lifeMs == 0) {
      connection.cancel(TimerKind::TokenWarning);
    } else {
      connection.arm(TimerKind::TokenWarning, lifeMs > warning ? lifeMs - warning : 0);
    }
  });
}

/// No answer may take longer, and half of a login's time is left for another server.
std::uint64_t SessionKeeper::handshakeMs() const {
  const Timing& timing = common_.config.timing;
  return std::max<std::uint64_t>(1, std::min(timing.handshake, timing.login / 2));
}

}  // namespace rtm::client
