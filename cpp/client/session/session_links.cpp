// How searches fail and links end, and where the next one goes.

#include <algorithm>

#include "client/service_context.hpp"
#include "client/session/session_keeper.hpp"

namespace rtm::client {

namespace {

/// `problem`: the fault of the endpoints that the program gave, if it gave endpoints.
std::string whyNoEndpoint(const std::string& problem) {
  return (problem.empty() ? "no endpoint is configured" : "no endpoint can be used: " + problem) +
         R"(; set RTM_ENDPOINTS=rtms://host:9136, or setParameters({"rtm.endpoints": "rtms://host:9136"}), before login)";
}

}  // namespace

Connection::Target SessionKeeper::target() {
  Connection::Target target;
  target.tls = common_.config.tls;
  target.options.endpoints = servers_.next(common_.config.endpoints, areaMask());
  target.options.datagrams = !tcpOnly();
  return target;
}

bool SessionKeeper::anotherServer() const {
  return servers_.another(common_.config.endpoints, areaMask());
}

void SessionKeeper::onAttemptLost(const std::string& line) {
  const std::lock_guard lock(common_.lock);
  if (!released_) common_.log.warning("connect " + line);
}

void SessionKeeper::onConnectFailed(std::uint64_t attempt, net::ConnectError error, const std::string& detail) {
  const std::lock_guard lock(common_.lock);
  if (isStale(attempt)) return;
  const bool configured = !common_.config.endpoints.empty();
  lastFailure_ = detail;
  if (error == net::ConnectError::NoEndpoint) {
    lastFailure_ = configured
                       ? "none of the endpoints is in the allowed areas (mask " + std::to_string(areaMask()) + ")"
                       : whyNoEndpoint(common_.config.endpointsProblem);
    common_.log.error("connect: " + lastFailure_);
  }
  servers_.endRound();
  // An untrusted server that another server named says nothing about the configured servers.
  const bool hopeless = (error == net::ConnectError::Untrusted && !servers_.anyTold()) ||
                        (error == net::ConnectError::NoEndpoint && !configured);
  const std::optional<ServerChoice::Refusal> refusal = servers_.takeRefusal();
  if (!refusal && !hopeless) return run(machine_.linkLost(randomUnit(), endedLink()));
  if (refusal) lastFailure_ = refusal->reason + "\n" + lastFailure_;
  run(machine_.cannotConnect(refusal ? refusal->code : LoginCode::Unknown, randomUnit()));
}

void SessionKeeper::onLinkDown(std::uint64_t attempt, const std::string& detail, std::uint64_t silentMs) {
  const std::lock_guard lock(common_.lock);
  if (isStale(attempt)) return;
  linkFailed(LogLevel::Warning, detail);
  const std::uint64_t outage = common_.config.timing.outage;
  outageDelayMs_ = outage > silentMs ? outage - silentMs : 0;
  EndedLink link = endedLink(silentMs);
  link.answered = connection_->answered();
  run(machine_.linkLost(randomUnit(), link));
}

/// The link that ends now, or the search that found no server. `silentMs`: the time since the last byte from the
/// server.
EndedLink SessionKeeper::endedLink(std::uint64_t silentMs) {
  const std::uint64_t now = steadyMs();
  const std::uint64_t graceMs = session_.graceMs();
  // The server counts from the last byte that it heard. In a dead network both sides heard their last byte together.
  if (established_) since_.sessionEnds = now + graceMs - std::min(silentMs, graceMs);
  EndedLink link;
  link.upMs = established_ ? now - since_.established : 0;
  link.sessionLeftMs = session_.alive() && since_.sessionEnds > now ? since_.sessionEnds - now : 0;
  return link;
}

/// The present link cannot be used, or not any more. Before the login has succeeded, its server has had its turn.
void SessionKeeper::linkFailed(LogLevel level, const std::string& why) {
  const net::ConnectAttempt& made = connection_->made();
  lastFailure_ = made.where() + ": " + why;
  if (established_) return common_.log.write(level, "link lost: " + lastFailure_);
  common_.log.write(level, "connect " + made.line(loop_.now(), why));
  servers_.onUseless(connection_->madeTo(), session_.alive());
}

/// linkFailed() has reported the present link, and no retry can make its server usable.
void SessionKeeper::serverRefused(LoginCode code) {
  servers_.refuse(code, lastFailure_);
  if (anotherServer()) return run(machine_.linkLost(randomUnit(), endedLink()));
  servers_.takeRefusal();
  servers_.endRound();
  run(machine_.cannotConnect(code, randomUnit()));
}

/// Where a server that goes away sends its users.
void SessionKeeper::takeTold(const wire::Bye& bye) {
  if (bye.endpoints.size() > ServerChoice::kMaxTold) {
    common_.log.warning("the server names " + std::to_string(bye.endpoints.size()) + " others, the first " +
                        std::to_string(ServerChoice::kMaxTold) + " count");
  }
  for (const ServerChoice::Told& told : servers_.tell(bye.endpoints, common_.config.endpoints)) {
    const std::string text = session_.printable(told.text);
    common_.log.write(told.taken ? LogLevel::Info : LogLevel::Warning,
                      (told.taken ? "told by the server to go to " : "ignored, told by the server: ") + text);
  }
}

bool SessionKeeper::on(const wire::Bye& bye) {
  // A send from now on would count as sent, although the server takes no more sends.
  common_.queue.setGate(nullptr);
  linkFailed(LogLevel::Warning, "the server said goodbye, code " + std::to_string(static_cast<unsigned>(bye.code)) +
                                    ": " + session_.printable(bye.reason));
  const bool loggingIn = machine_.phase() == ConnectionMachine::Phase::LoggingIn;
  switch (bye.code) {
    case wire::ByeCode::RemoteLogin:
      // Not during a login: nobody can take over a session that does not exist yet.
      run(loggingIn ? machine_.linkLost(randomUnit(), endedLink()) : machine_.aborted(ConnectionReason::RemoteLogin));
      break;
    case wire::ByeCode::Banned:
      run(loggingIn ? machine_.loginRefused(LoginCode::NotAuthorized, randomUnit())
                    : machine_.aborted(ConnectionReason::BannedByServer));
      break;
    case wire::ByeCode::TokenExpired:
      run(loggingIn ? machine_.loginRefused(LoginCode::TokenExpired, randomUnit())
                    : machine_.aborted(ConnectionReason::TokenExpired));
      break;
    case wire::ByeCode::Version:
      serverRefused(LoginCode::Rejected);
      break;
    default:
      leaveTo(bye, loggingIn);
      break;
  }
  return false;
}

/// The server goes away, or has no room: the session continues on another server, or later on this one.
void SessionKeeper::leaveTo(const wire::Bye& bye, bool loggingIn) {
  outageDelayMs_ = common_.config.timing.outage;
  // A server that goes away tells thousands of clients, which must not all return in the same millisecond.
  constexpr double kSpreadMs = 1000;
  const bool toMany = bye.code == wire::ByeCode::ShuttingDown || bye.code == wire::ByeCode::Overloaded;
  const auto spread = toMany ? static_cast<std::uint64_t>(kSpreadMs * randomUnit()) : 0;
  if (!loggingIn && bye.sendsTaken != 0) common_.queue.unsendAfter(bye.sendsTaken - 1);
  if (toMany) {
    takeTold(bye);
    servers_.passOver(connection_->madeTo());
  }
  // The wait that a server asks for concerns that server only, and no server may send its users away for days.
  constexpr std::uint32_t kMaxRetryAfterMs = 60'000;
  const std::uint64_t wait = anotherServer() ? 0 : std::min(bye.retryAfterMs, kMaxRetryAfterMs);
  EndedLink link = endedLink();
  link.retryAfterMs = wait + spread;
  // The program already has the messages of this read. The server waits for their acknowledgement before it goes away.
  if (!loggingIn && session_.inbox().ackDue() && connection_->link() != nullptr) {
    if (connection_->link()->send(session_.inbox().ack())) session_.inbox().acknowledged();
    connection_->finish();
  }
  run(machine_.linkLost(randomUnit(), link));
}

}  // namespace rtm::client
