// Which server to try, and what is told of those that were tried.

#include <algorithm>

#include "client/service.hpp"
#include "net/connect/parse_endpoint.hpp"
#include "net/schemes.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr std::size_t kMaxTold = 8;
/// A shaky network breaks a resume as well: whoever leaves the session's server for one that does not know it loses
/// channels and messages for the time of a restore, so that one gets more turns.
constexpr unsigned kHomeTurns = 3;

bool sameServer(const net::Endpoint& one, const net::Endpoint& other) {
  return one.host == other.host && one.port == other.port;
}

/// Why a server's hint is not to be followed; empty if it is. A hint names a way to go, it does not widen whom the
/// program trusts (decision 005): without this, one server that has been taken over could hand all users on to
/// another, beyond its own end.
std::string whyNot(const net::Endpoint& told, const std::vector<net::Endpoint>& configured) {
  const auto any = [&](auto&& is) { return std::any_of(configured.begin(), configured.end(), is); };
  const auto secure = [](const net::Endpoint& each) { return net::schemes::secure(each.scheme); };
  if (!secure(told) && any(secure)) return "it is without TLS";
  if (!secure(told)) return {};
  if (!told.pin.empty()) {
    return any([&](const net::Endpoint& own) { return own.pin == told.pin; }) ? ""
                                                                              : "its pin is none of the configured";
  }
  return any([&](const net::Endpoint& own) { return secure(own) && own.pin.empty(); })
             ? ""
             : "it has no pin, and all configured servers are pinned";
}

}  // namespace

void Service::observeLink(LinkObserver* observer) {
  const std::lock_guard lock(mutex_);
  linkObserver_ = observer;
}

std::string Service::lastFailure() const {
  const std::lock_guard lock(mutex_);
  return lastFailure_;
}

/// No answer may take longer, and half of a login's time is left for another server.
std::uint64_t Service::handshakeMs() const {
  return std::max<std::uint64_t>(1, std::min(config_.timing.handshake, config_.timing.login / 2));
}

/// Told ones first, then the configured ones; those that the area mask allows. Without a tag an endpoint is allowed
/// everywhere: its server is asked in HELLO.
std::vector<net::Endpoint> Service::allowedEndpoints() const {
  const auto mask = static_cast<std::uint32_t>(serviceContext().areaCode);
  std::vector<net::Endpoint> allowed;
  for (const std::vector<net::Endpoint>* list : {&told_, &config_.endpoints}) {
    for (const net::Endpoint& endpoint : *list) {
      const bool known = std::any_of(allowed.begin(), allowed.end(), [&](const net::Endpoint& other) {
        return endpoint.toString() == other.toString();
      });
      if (!known && (endpoint.areas == 0 || (endpoint.areas & mask) != 0)) allowed.push_back(endpoint);
    }
  }
  return allowed;
}

/// A server that accepts connections and is of no use would win every race against the good one behind it. So each
/// gets one turn in a round; when all have had theirs, or the rest cannot be reached, a new round begins.
Connection::Target Service::target() {
  Connection::Target target;
  target.tls = config_.tls;
  const std::vector<net::Endpoint> allowed = allowedEndpoints();
  std::copy_if(allowed.begin(), allowed.end(), std::back_inserter(target.options.endpoints),
               [&](const net::Endpoint& endpoint) { return !passedOver_.contains(endpoint.toString()); });
  if (target.options.endpoints.empty()) {
    passedOver_.clear();
    target.options.endpoints = allowed;
  }
  return target;
}

/// Whether this round has a server that has not had its turn.
bool Service::anotherServer() const {
  const std::vector<net::Endpoint> allowed = allowedEndpoints();
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const net::Endpoint& endpoint) { return !passedOver_.contains(endpoint.toString()); });
}

void Service::onAttemptLost(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (!released_) log(LogLevel::Warning, "connect " + line);
}

void Service::onConnectFailed(std::uint64_t attempt, net::ConnectError error, const std::string& detail) {
  const std::lock_guard lock(mutex_);
  if (attempt != attempt_ || released_) return;
  lastFailure_ = detail;
  if (error == net::ConnectError::NoEndpoint) {
    const auto mask = static_cast<std::uint32_t>(serviceContext().areaCode);
    lastFailure_ = config_.endpoints.empty()
                       ? "no endpoint is configured"
                       : "none of the endpoints is in the allowed areas (mask " + std::to_string(mask) + ")";
    log(LogLevel::Error, "connect: " + lastFailure_);
  }
  passedOver_.clear();
  // That a server we were told of is not trusted says nothing of our own.
  const bool hopeless = (error == net::ConnectError::Untrusted && told_.empty()) ||
                        (error == net::ConnectError::NoEndpoint && config_.endpoints.empty());
  if (!refusal_ && !hopeless) return run(machine_.linkLost(random(), endedLink()));
  if (refusal_) lastFailure_ = refusalReason_ + "\n" + lastFailure_;
  const LOGIN_ERR_CODE code = refusal_.value_or(LOGIN_ERR_UNKNOWN);
  refusal_.reset();
  run(machine_.cannotConnect(code, random()));
}

/// The present link is of no (more) use. Before the login is through, its server has had its turn.
void Service::linkFailed(LogLevel level, const std::string& why) {
  const net::ConnectAttempt& made = session_->made();
  lastFailure_ = made.where() + ": " + why;
  if (established_) return log(level, "link lost: " + lastFailure_);
  log(level, "connect " + made.line(process_.loop().now(), why));
  const bool home = haveSession_ && session_->madeTo() == home_;
  if (!home || ++homeFailures_ >= kHomeTurns) passedOver_.insert(session_->madeTo());
}

/// The server of the present link, of which linkFailed() has told, cannot be used however often it is asked. Only the
/// end of the round says that this holds for all.
void Service::serverRefused(LOGIN_ERR_CODE code) {
  refusal_ = code;
  refusalReason_ = lastFailure_;
  if (anotherServer()) return run(machine_.linkLost(random(), endedLink()));
  refusal_.reset();
  passedOver_.clear();
  run(machine_.cannotConnect(code, random()));
}

/// Where a server that goes away sends its users.
void Service::takeTold(const wire::Bye& bye) {
  told_.clear();
  if (bye.endpoints.size() > kMaxTold) {
    log(LogLevel::Warning, "the server names " + std::to_string(bye.endpoints.size()) + " others, the first " +
                               std::to_string(kMaxTold) + " count");
  }
  for (std::size_t i = 0; i < std::min(bye.endpoints.size(), kMaxTold); ++i) {
    Result<net::Endpoint> endpoint = net::parseEndpoint(bye.endpoints[i]);
    if (!endpoint) {
      log(LogLevel::Warning, "ignored, told by the server: " + printable(endpoint.failure().message));
      continue;
    }
    net::Endpoint told = std::move(endpoint.value());
    const auto own = std::find_if(config_.endpoints.begin(), config_.endpoints.end(),
                                  [&](const net::Endpoint& each) { return sameServer(each, told); });
    if (own != config_.endpoints.end()) told = *own;
    const std::string problem = own != config_.endpoints.end() ? "" : whyNot(told, config_.endpoints);
    const std::string name = told.host + ":" + std::to_string(told.port);
    if (problem.empty()) told_.push_back(std::move(told));
    log(problem.empty() ? LogLevel::Info : LogLevel::Warning,
        problem.empty() ? "told by the server to go to " + name
                        : "ignored, told by the server: " + name + ": " + problem);
  }
}

/// Text of a server for log and errors: short, printable ASCII (a log line must stay one, and a terminal unharmed), and
/// without our token, should the server quote it.
std::string Service::printable(std::string_view text) const {
  constexpr std::size_t kMaxShown = 300;
  if (token_.size() >= 8 && text.find(token_) != std::string_view::npos) return "(withheld: it quotes the token)";
  std::string shown(text.substr(0, kMaxShown));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

void Service::reportEstablished(LinkObserver::How how, bool complete) {
  told_.clear();
  passedOver_.clear();
  refusal_.reset();
  lastFailure_.clear();
  home_ = session_->madeTo();
  homeFailures_ = 0;
  log(LogLevel::Info, "connect " + session_->made().line(process_.loop().now(),
                                                         how == LinkObserver::How::Resume ? "resumed" : "logged in"));
  if (linkObserver_ == nullptr) return;
  const std::uint64_t now = steadyMs();
  delivery_->run([observer = linkObserver_, how, complete, tookMs = now > downSinceMs_ ? now - downSinceMs_ : 0,
                  server = session_->made().where()] {
    observer->onEstablished({how, complete, tookMs, server});
  });
}

}  // namespace rtm::client
