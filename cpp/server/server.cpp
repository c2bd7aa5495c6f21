#include "server/server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <utility>

#include "net/resolve/endpoint.hpp"
#include "net/schemes.hpp"
#include "net/transport/tls/tls_context.hpp"
#include "server/bridge/bridge.hpp"
#include "server/context.hpp"
#include "server/engine/memory/memory_engine.hpp"
#include "server/gateway/rule_change.hpp"
#include "server/governor/memory_watch.hpp"
#include "server/media/media_transfers.hpp"
#include "server/media/memory_media_catalog.hpp"
#include "server/requests/dispatch.hpp"
#include "server/server_loop.hpp"
#include "server/store/memory_store.hpp"

namespace rtm::server {
namespace {

constexpr int kDevelopmentDays = 3650;
/// How long a server that ends waits for its store. Its clients notice the end only after that.
constexpr int kStoreRestMs = 2000;
/// How often the system is asked for a port that is free for all schemes.
constexpr int kPortTries = 8;

Result<std::shared_ptr<net::TlsServerContext>> makeTls(const ServerOptions& options) {
  if (!options.tls) return std::shared_ptr<net::TlsServerContext>();
  if (!options.certificatePem.empty()) return net::TlsServerContext::create(options.certificatePem, options.keyPem);
  auto made = net::makeSelfSignedCertificate({"localhost", "127.0.0.1", "::1"}, kDevelopmentDays);
  if (!made) return made.failure();
  return net::TlsServerContext::create(made.value().certificatePem, made.value().keyPem);
}

/// Looks at some sessions of the loop in each turn. `done` is not called if the gateway ends before.
template <typename Done>
void runSlices(ServerLoop& host, const std::shared_ptr<RuleChange>& change, Done done) {
  if (!change->step()) return done();
  host.loop->post([&host, change, done] {
    if (host.gateway) runSlices(host, change, done);
  });
}

}  // namespace

struct Server::State {
  // Destroyed from the last to the first: loops before the objects they use.
  SecureIds ids;
  ServerContext context;
  MeasuredStore* measuredStore = nullptr;  ///< context.options.store
  std::shared_ptr<Engine> engine;
  std::unique_ptr<MediaTransfers> media;
  std::shared_ptr<net::TlsServerContext> tls;
  std::vector<std::unique_ptr<ServerLoop>> hosts;
  std::uint16_t port = 0;
  std::mutex closeMutex;
  bool closed = false;    ///< guarded by closeMutex
  bool draining = false;  ///< guarded by closeMutex

  // The steps of start().
  void makeContext(ServerOptions options);
  void makeLedger();
  void makeEngine();
  Result<bool> makeMedia();
  Result<bool> startLoops();
  Result<bool> listen();

  void close(bool storing);
  /// Gives the store what clients have not acknowledged, and waits for it, but not for long.
  void storeRest();
  /// Runs `command(engineClient, app, done)` on a loop.
  template <typename Command>
  void command(const std::string& appId, Outcome done, Command command);
};

template <typename Command>
void Server::State::command(const std::string& appId, Outcome done, Command command) {
  if (!done) done = [](bool) {};
  const auto app = context.findApp(appId);
  if (!app) return done(false);
  ServerLoop& host = *hosts.front();
  host.loop->post([&host, app = *app, run = std::move(command), then = std::move(done)]() mutable {
    if (host.gateway) run(host.gateway->engine(), app, std::move(then));
  });
}

void Server::State::makeContext(ServerOptions options) {
  complete(options);
  context.options = std::move(options);
  context.security = std::make_unique<SecurityLog>(context.options.log);
  context.known.quotas = std::make_unique<QuotaVault>(context.options.loops);
  const RateRule ofUser = context.options.limits.rates[static_cast<std::size_t>(wire::RateGroup::Login)];
  const AdmissionSettings& admission = context.options.admission;
  context.known.logins = std::make_unique<LoginRates>(
      LoginRates::Rules{
          .ofUser = ofUser, .ofAddressPerSecond = admission.logins, .ofAddressBurst = admission.loginBurst},
      context.options.loops);
  context.known.refusals = std::make_unique<UserRefusals>();
  context.known.invitations = std::make_unique<PendingInvitations>();
  context.known.penalties = std::make_shared<net::Penalties>();
  context.exempt = net::PrefixList::parse(context.options.exemptNetworks).value();  // validate() has looked
  for (const std::string& line : shortfalls(context.options)) context.log(LogLevel::Warning, "setting " + line);
  context.ids = &ids;
  for (const AppOptions& app : context.options.apps) {
    context.apps.push_back({app.appId, app.certificates});
    context.rules.push_back(Rules::compile(app.rules).value());  // validate() has compiled them
    context.historyQuotas.push_back(std::make_unique<SharedQuota>(context.options.limits.historyQueries));
  }
  makeLedger();
}

void Server::State::makeLedger() {
  ServerOptions& options = context.options;
  Limits& limits = options.limits;
  if (limits.memoryBytes == 0) limits.memoryBytes = defaultMemoryBytes(options.ownsProcess);
  const LedgerBounds bounds{.memory = limits.memoryBytes, .user = limits.userMemoryBytes, .apps = options.apps.size()};
  context.ledger = std::make_unique<Ledger>(bounds);
  options.engineParameters.ledger = context.ledger.get();
  std::vector<std::string> appIds;
  for (const AppOptions& app : options.apps) appIds.push_back(app.appId);
  context.memory =
      std::make_unique<MemoryWatch>(*context.ledger, *context.security, std::move(appIds), options.ownsProcess);
}

void Server::State::makeEngine() {
  ServerOptions& options = context.options;
  if (!options.store) {
    options.store = std::make_shared<MemoryStore>(options.retention, options.apps.size(), context.ledger.get());
  }
  auto measured = std::make_shared<MeasuredStore>(std::move(options.store), options.log);
  measuredStore = measured.get();
  options.store = std::move(measured);
  engine = options.engine;
  if (!engine) engine = std::make_shared<MemoryEngine>(options.engineParameters, options.store, ids);
  context.engine = engine.get();
}

Result<bool> Server::State::makeMedia() {
  ServerOptions& options = context.options;
  if (!options.mediaCatalog) options.mediaCatalog = std::make_shared<MemoryMediaCatalog>();
  const bool keepBodies = options.mediaCatalog->outlivesServer();
  auto store = options.media ? MediaStore::open(options.mediaFolder, options.mediaStoreBytes, keepBodies)
                             : Result<std::unique_ptr<MediaStore>>(MediaStore::none());
  if (!store) return store.failure();
  media = std::make_unique<MediaTransfers>(context, std::move(store.value()), options.mediaCatalog);
  context.media = media.get();
  return true;
}

Result<bool> Server::State::startLoops() {
  for (std::uint32_t index = 0; index < context.options.loops; ++index) {
    auto loop = net::IoLoop::start("rtm-server-" + std::to_string(index));
    if (!loop) return loop.failure();
    ServerLoop& host = *hosts.emplace_back(std::make_unique<ServerLoop>());
    host.loop = std::move(loop.value());
    media->attach(host, *host.loop);
    host.run([&] { host.gateway = std::make_unique<Gateway>(context, *host.loop, index, host, host.stats, dispatch); });
  }
  return true;
}

Result<bool> Server::State::listen() {
  const ServerOptions& options = context.options;
  port = options.port;
  std::vector<std::string> schemes = options.schemes;
  if (schemes.empty()) schemes = {options.tls ? "rtms" : "rtm"};
  if (options.udp) {
    schemes.emplace_back(net::kUdpScheme);
    const auto tokens = net::AddressTokens::create();
    if (!tokens) return Failure{ENOMEM, "udp: OpenSSL has no random bytes or no SipHash"};
    for (std::size_t i = 0; i < hosts.size(); ++i)
      context.udp.tokens.push_back(std::make_shared<const net::AddressTokens>(*tokens));
  }
  Result<bool> result = true;
  const auto listenOn = [&](std::size_t index, const std::string& scheme) {
    ServerLoop& host = *hosts[index];
    host.run([&] {
      net::ListenOptions where;
      where.scheme = scheme;
      where.tls = tls;
      where.host = options.host;
      where.port = port;
      where.reusePort = hosts.size() > 1;
      where.sharers = hosts.size();
      where.sharer = index;
      if (options.udp) where.tokens = context.udp.tokens[index];
      where.admission = host.gateway->admission();
      auto listener = net::listen(
          *host.loop, where, [&host](net::LinkHandle link) { host.gateway->accept(std::move(link)); },
          [&host](net::Listener::Refusal refusal, const std::string& remote, const std::string& why) {
            host.gateway->noteRefused(refusal, remote, why);
          });
      if (!listener) {
        result = listener.failure();
        return;
      }
      host.listeners.push_back(std::move(listener.value()));
      port = host.listeners.back()->port();  // the first listener's choice holds for all
    });
  };
  // The system chose a number that is free for TCP; for UDP somebody else may have it.
  for (int tries = 1;; ++tries) {
    for (const std::string& scheme : schemes) {
      for (std::size_t index = 0; result && index < hosts.size(); ++index) listenOn(index, scheme);
    }
    if (result && options.udp) context.udp.port = port;
    if (result || options.port != 0 || result.failure().code != EADDRINUSE || tries == kPortTries) return result;
    for (auto& host : hosts) host->run([&host] { host->listeners.clear(); });
    port = 0;
    result = true;
  }
}

void Server::State::storeRest() {
  struct Waiting {
    std::atomic<std::size_t> loops;
    std::promise<void> done;
  };
  if (hosts.empty() || !context.options.store->outlivesServer()) return;
  const auto waiting = std::make_shared<Waiting>();
  waiting->loops = hosts.size();
  const auto count = [waiting] {
    if (--waiting->loops == 0) waiting->done.set_value();
  };
  for (std::uint32_t index = 0; index < hosts.size(); ++index) {
    ServerLoop& host = *hosts[index];
    host.loop->post([this, &host, index, count] {
      if (!host.gateway) return count();
      // In a later turn, so that the senders' results have left this loop before.
      engine->storeRest(index, [&host, count] { host.post(count); });
    });
  }
  const auto stored = waiting->done.get_future().wait_for(std::chrono::milliseconds(kStoreRestMs));
  if (stored == std::future_status::ready) return;
  context.log(LogLevel::Warning, "the store did not answer within " + std::to_string(kStoreRestMs) +
                                     " ms: messages that were not acknowledged may be lost");
}

void Server::State::close(bool storing) {
  const std::lock_guard lock(closeMutex);
  if (std::exchange(closed, true)) return;
  for (auto& host : hosts) {
    host->run([&host] { host->listeners.clear(); });
  }
  if (storing) storeRest();
  if (context.options.store) context.options.store->close();
  for (auto& host : hosts) {
    host->run([&host] {
      if (host->gateway) host->gateway->shutDown();
    });
  }
  for (auto& host : hosts) host->run([&host] { host->gateway.reset(); });
  for (auto& host : hosts) host->loop->stop();
  if (context.options.bridge) context.options.bridge->close();
  media.reset();  // and its files: no loop uses one any more
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  close();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  if (const auto valid = validate(options); !valid) return valid.failure();
  auto state = std::make_unique<State>();
  state->makeContext(std::move(options));
  state->makeEngine();
  auto tls = makeTls(state->context.options);
  if (!tls) return tls.failure();
  state->tls = std::move(tls.value());
  if (const auto media = state->makeMedia(); !media) return media.failure();

  std::unique_ptr<Server> server(new Server(std::move(state)));  // from here on a failure closes the server
  if (const auto started = server->state_->startLoops(); !started) return started.failure();
  if (const auto listening = server->state_->listen(); !listening) return listening.failure();
  return server;
}

std::uint16_t Server::port() const {
  return state_->port;
}

std::string Server::fingerprint() const {
  return state_->tls ? state_->tls->fingerprint() : std::string();
}

ServerStats Server::stats() const {
  ServerStats stats;
  const EngineCounts counts = state_->engine->counts();
  stats.sessions = counts.sessions;
  stats.channels = counts.channels;
  for (const auto& host : state_->hosts) {
    const LoopStats& loop = host->stats;
    loop.addTo(stats);
    stats.loopDelayMs = std::max(stats.loopDelayMs, host->standstillMs());
  }
  const Ledger& ledger = *state_->context.ledger;
  stats.memoryUsed = ledger.used();
  stats.memoryLimit = ledger.most();
  for (std::size_t i = 0; i < kMemoryCategories; ++i) stats.memory[i] = ledger.bytesOf(static_cast<MemoryCategory>(i));
  stats.store = state_->measuredStore->stats();
  return stats;
}

std::vector<UserUsage> Server::heaviestUsers(std::size_t most) const {
  return state_->context.ledger->largest(most);
}

std::vector<ChannelUsage> Server::heaviestChannels(std::size_t most) const {
  return state_->engine->heaviestChannels(most);
}

std::vector<std::uint64_t> Server::appBytes() const {
  std::vector<std::uint64_t> bytes;
  for (std::uint32_t app = 0; app < state_->context.apps.size(); ++app) {
    bytes.push_back(state_->context.ledger->bytesOf(AppNumber{app}));
  }
  return bytes;
}

void Server::ban(const std::string& appId, const std::string& userId, std::uint64_t untilMs, Outcome done) {
  // The list first: later logins are refused, and the engine finds an earlier one.
  if (const auto app = state_->context.findApp(appId)) state_->context.bans.set({*app, userId}, untilMs);
  disconnect(appId, userId, std::move(done));
}

void Server::unban(const std::string& appId, const std::string& userId) {
  if (const auto app = state_->context.findApp(appId)) state_->context.bans.set({*app, userId}, 0);
}

void Server::disconnect(const std::string& appId, const std::string& userId, Outcome done) {
  state_->command(appId, std::move(done), [userId](EngineClient& engine, AppNumber app, Outcome then) {
    engine.closeUser({app, userId}, SessionEnd::Banned, std::move(then));
  });
}

void Server::kickFromChannel(const std::string& appId, const std::string& channelId, const std::string& userId,
                             Outcome done) {
  state_->command(appId, std::move(done), [channelId, userId](EngineClient& engine, AppNumber app, Outcome then) {
    engine.kick({app, userId}, channelId, std::move(then));
  });
}

Result<bool> Server::setRules(const std::string& appId, const std::vector<Rule>& rules, Outcome done) {
  auto compiled = Rules::compile(rules);
  if (!compiled) return compiled.failure();
  const auto app = state_->context.findApp(appId);
  if (!app) return Failure{0, "appId: expected one of this server's, got another"};
  const std::lock_guard lock(state_->closeMutex);  // all loops get rules in one order
  if (state_->closed) return Failure{0, "the server is closed"};
  struct Waiting {
    std::atomic<std::size_t> loops;
    Outcome done;
  };
  const auto waiting = std::make_shared<Waiting>();
  waiting->loops = state_->hosts.size();
  waiting->done = std::move(done);
  for (const auto& owned : state_->hosts) {
    ServerLoop& host = *owned;
    host.loop->post([&host, waiting, app = *app, shared = compiled.value()] {
      if (!host.gateway) return;
      host.gateway->permissions().set(app, shared);
      const auto change = std::make_shared<RuleChange>(*host.gateway, app);
      runSlices(host, change, [waiting] {
        if (--waiting->loops == 0 && waiting->done) waiting->done(true);
      });
    });
  }
  return true;
}

Result<bool> Server::reloadCertificate(std::string certificatePem, std::string keyPem) {
  if (!state_->tls) return Failure{0, "this server speaks plaintext: it has no certificate"};
  return state_->tls->reload(certificatePem, keyPem);
}

Result<bool> Server::drain(DrainOptions options, Task gone) {
  if (const auto valid = validate(options); !valid) return valid.failure();
  const std::lock_guard lock(state_->closeMutex);
  if (state_->closed || std::exchange(state_->draining, true)) {
    return Failure{0, "the server drains or closes already"};
  }
  struct Waiting {
    std::atomic<std::size_t> loops;
    Task gone;
  };
  const auto waiting = std::make_shared<Waiting>();
  waiting->loops = state_->hosts.size();
  waiting->gone = std::move(gone);
  const auto shared = std::make_shared<const DrainOptions>(std::move(options));
  for (const auto& owned : state_->hosts) {
    ServerLoop& host = *owned;
    host.run([&host, shared, waiting] {  // waits, so that nobody logs in after the return
      if (!host.gateway) return;
      // Without another endpoint, a closed port is what makes clients try the next server.
      if (shared->endpoints.empty()) host.listeners.clear();
      host.gateway->drain(shared, [waiting] {
        if (--waiting->loops == 0 && waiting->gone) waiting->gone();
      });
    });
  }
  return true;
}

void Server::close(bool storeRest) {
  state_->close(storeRest);
}

}  // namespace rtm::server
