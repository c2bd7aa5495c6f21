#include "client/connection/server_choice.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "net/connect/parse_endpoint.hpp"
#include "net/schemes.hpp"

namespace rtm::client {

namespace {

/// A shaky network breaks a resume as well, and a client that leaves the session's server for a server that does not
/// know the session loses channels and messages for the time of a restore.
constexpr unsigned kHomeTurns = 3;

bool sameServer(const net::Endpoint& one, const net::Endpoint& other) {
  return one.host == other.host && one.port == other.port;
}

/// Why a server's hint is not to be followed; empty if it is. A hint names a way to go, it does not widen whom the
/// program trusts (docs/decisions/005-told-endpoints.md): without this, one server that has been taken over could hand
/// all users on to another, beyond its own end.
std::string whyNot(const net::Endpoint& told, const ServerChoice::Endpoints& configured) {
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

void ServerChoice::begin() {
  told_.clear();
  passedOver_.clear();
  refusal_.reset();
}

ServerChoice::Endpoints ServerChoice::allowed(const Endpoints& configured, std::uint32_t areas) const {
  Endpoints all;
  for (const Endpoints* list : {&told_, &configured}) {
    for (const net::Endpoint& endpoint : *list) {
      const bool known = std::any_of(
          all.begin(), all.end(), [&](const net::Endpoint& other) { return endpoint.toString() == other.toString(); });
      if (!known && (endpoint.areas == 0 || (endpoint.areas & areas) != 0)) all.push_back(endpoint);
    }
  }
  return all;
}

ServerChoice::Endpoints ServerChoice::next(const Endpoints& configured, std::uint32_t areas) {
  const Endpoints all = allowed(configured, areas);
  Endpoints left;
  std::copy_if(all.begin(), all.end(), std::back_inserter(left),
               [&](const net::Endpoint& endpoint) { return !passedOver_.contains(endpoint.toString()); });
  if (!left.empty()) return left;
  passedOver_.clear();
  return all;
}

bool ServerChoice::another(const Endpoints& configured, std::uint32_t areas) const {
  const Endpoints all = allowed(configured, areas);
  return std::any_of(all.begin(), all.end(),
                     [&](const net::Endpoint& endpoint) { return !passedOver_.contains(endpoint.toString()); });
}

void ServerChoice::onUseless(const std::string& endpoint, bool haveSession) {
  const bool home = haveSession && endpoint == home_;
  if (!home || ++homeFailures_ >= kHomeTurns) passOver(endpoint);
}

void ServerChoice::onEstablished(const std::string& endpoint) {
  begin();
  home_ = endpoint;
  homeFailures_ = 0;
}

void ServerChoice::refuse(LoginCode code, std::string reason) {
  refusal_ = Refusal{code, std::move(reason)};
}

std::optional<ServerChoice::Refusal> ServerChoice::takeRefusal() {
  return std::exchange(refusal_, std::nullopt);
}

std::vector<ServerChoice::Told> ServerChoice::tell(const std::vector<std::string_view>& endpoints,
                                                   const Endpoints& configured) {
  std::vector<Told> verdicts;
  told_.clear();
  for (std::size_t i = 0; i < std::min(endpoints.size(), kMaxTold); ++i) {
    Result<net::Endpoint> endpoint = net::parseEndpoint(endpoints[i]);
    if (!endpoint) {
      verdicts.push_back({false, endpoint.failure().message});
      continue;
    }
    net::Endpoint told = std::move(endpoint.value());
    const std::string name = told.host + ":" + std::to_string(told.port);
    const auto own = std::find_if(configured.begin(), configured.end(),
                                  [&](const net::Endpoint& each) { return sameServer(each, told); });
    const std::string problem = own != configured.end() ? "" : whyNot(told, configured);
    if (own != configured.end()) told = *own;
    if (problem.empty()) told_.push_back(std::move(told));
    verdicts.push_back({problem.empty(), problem.empty() ? name : name + ": " + problem});
  }
  return verdicts;
}

}  // namespace rtm::client
