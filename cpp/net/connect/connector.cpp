#include "net/connect/connector.hpp"

#include <map>
#include <optional>
#include <utility>

#include "net/connect/connect_race.hpp"
#include "net/loop/timer.hpp"
#include "net/resolve/resolver.hpp"
#include "net/schemes.hpp"
#include "net/transport/udp_servers.hpp"

namespace rtm::net {
namespace {

std::string nameOf(const Endpoint& endpoint) {
  const bool isIpv6 = endpoint.host.find(':') != std::string::npos;
  return (isIpv6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

}  // namespace

/// Drives a ConnectRace with real lookups, links and a timer. The callbacks of all three come here. Each callback holds
/// the state while it runs, because its effect may be the user's callback, which may destroy the connector.
struct Connector::State : std::enable_shared_from_this<State> {
  State(IoLoop& onLoop, std::shared_ptr<TlsClientContext> context, ConnectOptions connectOptions, Callback onDone)
      : loop(onLoop),
        tls(std::move(context)),
        options(std::move(connectOptions)),
        callback(std::move(onDone)),
        timer(onLoop, [this] {
          const auto self = shared_from_this();
          for (const auto& [id, attempt] : attempts) {
            if (attempt.link->connected()) race->onAttemptConnected(id);
          }
          apply(race->onTimer(loop.now()));
        }) {}

  /// One way to one server.
  struct Way {
    std::size_t index;  ///< of the endpoint in the list
    Endpoint endpoint;  ///< with the scheme and the port of this way
    bool udp;
    Bytes token;  ///< DialTarget::udpToken
  };

  /// By UDP, beside TCP or alone.
  std::optional<Way> wayByUdp(std::size_t index) const {
    const Endpoint& endpoint = options.endpoints[index];
    const bool alone = endpoint.scheme == kUdpScheme;
    if (!options.datagrams || !schemes::secure(endpoint.scheme)) return std::nullopt;
    const auto known = tls != nullptr ? tls->udpServers().find(endpoint) : std::nullopt;
    Way way{index, endpoint, true, known ? known->token : Bytes()};
    if (alone) return way;
    way.endpoint.port = endpoint.udp.value_or(known ? known->port : 0);
    way.endpoint.udp.reset();
    way.endpoint.scheme = kUdpScheme;
    return way.endpoint.port == 0 ? std::nullopt : std::optional(std::move(way));
  }

  void start() {
    std::vector<ConnectRace::Entrant> entrants;
    for (std::size_t i = 0; i < options.endpoints.size(); ++i) {
      const Endpoint& endpoint = options.endpoints[i];
      const bool alone = endpoint.scheme == kUdpScheme;
      if (!alone) {
        ways.push_back({i, endpoint, false, {}});
        entrants.push_back({nameOf(endpoint), false});
      }
      if (auto way = wayByUdp(i)) {
        entrants.push_back({nameOf(way->endpoint) + (alone ? "" : " by UDP"), !alone});
        ways.push_back(std::move(*way));
      }
    }
    ConnectRace::Options raceOptions;
    raceOptions.attemptDelayMs = options.attemptDelayMs;
    raceOptions.besideDelayMs = options.datagramsFirst ? 0 : options.attemptDelayMs;
    race.emplace(raceOptions, std::move(entrants), loop.now());
    starting = true;
    if (ways.empty()) apply(race->onTimer(loop.now()));
    for (std::size_t i = 0; i < ways.size(); ++i) resolve(i);
    starting = false;
  }

  void resolve(std::size_t index) {
    const Endpoint& endpoint = ways[index].endpoint;
    resolvingSinceMs = loop.now();
    auto literal = options.address ? options.address : SocketAddress::parse(endpoint.host, endpoint.port);
    if (literal) literal->setPort(endpoint.port);
    if (literal) {
      // The empty family first: an IPv4 literal has no IPv6 answer to wait for.
      const Family other = literal->family() == Family::V6 ? Family::V4 : Family::V6;
      apply(race->onResolved(loop.now(), index, other, {}));
      return apply(race->onResolved(loop.now(), index, literal->family(), {*literal}));
    }
    for (const Family family : {Family::V6, Family::V4}) {
      lookups.push_back(loop.local<Resolver>().resolve(endpoint.host, endpoint.port, family, options.resolveTimeoutMs,
                                                       [this, index, family](const Resolver::Answer& answer) {
                                                         const auto self = shared_from_this();
                                                         onAnswer(index, family, answer);
                                                       }));
    }
  }

  void onAnswer(std::size_t index, Family family, const Resolver::Answer& answer) {
    if (answer) {
      apply(race->onResolved(loop.now(), index, family, answer.value()));
    } else {
      tellLost(attemptOf(index, {}, family, resolvingSinceMs, ConnectStep::Lookup), answer.failure().message);
      apply(race->onUnresolved(loop.now(), index, family, answer.failure().message));
    }
  }

  void apply(ConnectRace::Effects effects) {
    if (done) return;
    if (effects.winner) {
      const auto won = attempts.find(*effects.winner);
      found = {ways[won->second.way].endpoint, won->second.address};
      winner = std::move(won->second.about);
      winner.step = ConnectStep::Tls;
      LinkHandle link(std::move(won->second.link));
      attempts.erase(won);
      return finish(std::move(link));
    }
    if (effects.failed) return finish(Failure{static_cast<int>(effects.failed->code), effects.failed->message});
    if (effects.timerAt) {
      timer.arm(*effects.timerAt > loop.now() ? *effects.timerAt - loop.now() : 0);
    } else {
      timer.cancel();
    }
    if (effects.start) begin(*effects.start);
  }

  ConnectAttempt attemptOf(std::size_t way, std::string address, Family family, std::uint64_t startedMs,
                           ConnectStep step) const {
    const Way& tried = ways[way];
    return {tried.index, nameOf(tried.endpoint), std::move(address), family, tried.udp, startedMs, step};
  }

  void begin(const ConnectRace::Attempt& attempt) {
    ConnectAttempt about =
        attemptOf(attempt.endpoint, attempt.address.toString(), attempt.address.family(), loop.now(), ConnectStep::Tcp);
    auto link = dial(ways[attempt.endpoint].endpoint, attempt);
    if (!link) {
      const std::string& why = link.failure().message;
      tellLost(about, why);
      return apply(race->onAttemptFailed(loop.now(), attempt.id, ConnectError::Unreachable, why));
    }
    attempts.emplace(attempt.id, Attempt{std::move(link.value()), std::move(about), attempt.address, attempt.endpoint});
  }

  Result<LinkHandle> dial(const Endpoint& endpoint, const ConnectRace::Attempt& attempt) {
    const auto factory = schemes::find(endpoint.scheme);
    if (factory == nullptr) return Failure{0, "no transport for " + endpoint.scheme + "://"};
    return factory->dial(loop, {endpoint, attempt.address, tls, ways[attempt.endpoint].token}, options.attemptTimeoutMs,
                         [this, id = attempt.id](const OpenFailure* failure) {
                           const auto self = shared_from_this();
                           onAttemptDone(id, failure);
                         });
  }

  void onAttemptDone(int id, const OpenFailure* failure) {
    if (failure == nullptr) return apply(race->onAttemptReady(loop.now(), id));
    const auto lost = attempts.find(id);
    if (failure->connected) lost->second.about.step = ConnectStep::Tls;
    tellLost(lost->second.about, failure->detail);
    attempts.erase(lost);
    apply(race->onAttemptFailed(loop.now(), id, failure->code, failure->detail));
  }

  void finish(Result<LinkHandle> result) {
    if (starting) {  // the caller is still inside start(): reported later, as every outcome is
      done = true;
      loop.post([weak = weak_from_this(), early = std::move(result)]() mutable {
        if (const auto self = weak.lock(); self && self->callback) self->finish(std::move(early));
      });
      return;
    }
    cancel();
    Callback run = std::move(callback);
    run(std::move(result));
  }

  void cancel() {
    done = true;
    timer.cancel();
    for (auto& [id, attempt] : attempts) {
      if (attempt.link->connected()) attempt.about.step = ConnectStep::Tls;
      tellLost(attempt.about, winner.address.empty() ? "given up" : "given up, " + winner.address + " was faster");
    }
    attempts.clear();
    lookups.clear();
  }

  void tellLost(const ConnectAttempt& attempt, const std::string& result) const {
    if (options.onLost) options.onLost(attempt, result);
  }

  struct Attempt {
    LinkHandle link;
    ConnectAttempt about;
    SocketAddress address;
    std::size_t way;
  };

  IoLoop& loop;
  std::shared_ptr<TlsClientContext> tls;
  ConnectOptions options;
  std::vector<Way> ways;
  Callback callback;
  Timer timer;
  std::optional<ConnectRace> race;
  std::map<int, Attempt> attempts;
  ConnectAttempt winner;
  std::uint64_t resolvingSinceMs = 0;
  Found found;
  std::vector<std::unique_ptr<Resolver::Request>> lookups;
  bool starting = false;
  bool done = false;
};

Connector::Connector(IoLoop& loop, std::shared_ptr<TlsClientContext> tls, ConnectOptions options, Callback callback)
    : state_(std::make_shared<State>(loop, std::move(tls), std::move(options), std::move(callback))) {}

Connector::~Connector() {
  state_->cancel();
}

void Connector::start() {
  state_->start();
}

const Found& Connector::found() const {
  return state_->found;
}

const ConnectAttempt& Connector::winner() const {
  return state_->winner;
}

}  // namespace rtm::net
