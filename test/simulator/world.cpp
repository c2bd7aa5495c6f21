#include "simulator/world.hpp"

#include <cstdio>
#include <utility>

#include "simulated/files.hpp"
#include "simulated/loops.hpp"

namespace rtm::simulator {

using history::What;
using simulated::Loops;
using simulated::Posts;
using simulated::require;

namespace {

server::ServerOptions serverOptions() {
  server::ServerOptions options;
  options.schemes = {"memory"};
  options.tls = false;
  options.port = kServerPort;
  options.loops = 2;
  options.mediaFolder = simulated::emptyFolder();
  options.limits = server::Limits::off();
  options.limits.memoryBytes = std::uint64_t{256} * 1024 * 1024;
  options.exemptNetworks = {"10.0.0.0/8"};
  options.apps = {{.appId = std::string(kAppId), .certificates = {}}};
  return options;
}

std::string seconds(std::uint64_t ms) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%8.3f ", static_cast<double>(ms) / 1000);
  return text.data();
}

}  // namespace

World::World(std::uint64_t seed, bool durable, std::size_t users) : durable_(durable), users_(users) {
  Loops::begin(Posts::Wait);
  simulated::restartRandom(seed * 2 + 1);
  Loops::shuffle();
  startMs_ = Loops::now();
  for (std::size_t i = 0; i < users_.size(); ++i) {
    users_[i].name = "user" + std::to_string(i);
    users_[i].host.number = static_cast<std::uint16_t>(i + 1);
  }
  serverHost_.number = 200;
  startServer();
}

World::~World() {
  for (User& user : users_) {
    if (user.program) user.program->die();
    user.program.reset();
  }
  if (server_) {
    Loops::setPosts(Posts::Run);
    server_.reset();
  }
  simulated::forgetFiles();
}

void World::record(history::Event event) {
  event.ms = Loops::now() - startMs_;
  events_.push_back(std::move(event));
}

void World::note(std::string text) {
  notes_.emplace_back(events_.size(), seconds(Loops::now() - startMs_) + "-- " + std::move(text));
}

void World::startServer() {
  note("the server starts");
  serverHost_.suspended = false;
  server::ServerOptions options = serverOptions();
  if (durable_)
    options.store = store_ = std::make_shared<DiskStore>(disk_, [this] { record({.what = What::StoreRefuses}); });
  Loops::setMachine(&serverHost_);
  Loops::setPosts(Posts::Run);
  auto started = server::Server::start(std::move(options));
  Loops::setPosts(Posts::Wait);
  Loops::setMachine(nullptr);
  require(started.ok(), "the server starts");
  server_ = std::move(started.value());
}

void World::closeServer() {
  note("the server is closed in good order");
  serverHost_.suspended = false;
  Loops::setPosts(Posts::Run);
  server_.reset();
  Loops::setPosts(Posts::Wait);
  record({.what = What::ServerDies});
  if (!durable_) record({.what = What::ServerForgets});
}

void World::killServer(Network::Death death) {
  note(death == Network::Death::Process ? "the server's process is killed" : "the server's host loses its power");
  network_.kill(serverHost_, death);
  if (store_) store_->die();
  record({.what = What::ServerDies});
  if (!durable_) record({.what = What::ServerForgets});
  serverHost_.suspended = false;
  Loops::setPosts(Posts::Run);
  server_.reset();
  Loops::setPosts(Posts::Wait);
}

void World::startProgram(User& user) {
  user.host.suspended = false;
  user.program = std::make_unique<Program>(user.host, user.name, ++lastProcess_,
                                           [this](history::Event event) { record(std::move(event)); });
}

void World::killProgram(User& user, Network::Death death) {
  record({.what = What::Crash, .process = user.program->process(), .user = user.name});
  user.program->die();
  network_.kill(user.host, death);
  user.host.suspended = false;
  user.program.reset();
}

void World::endProgram(User& user) {
  note(user.name + " ends its process");
  user.program->die();
  user.program.reset();
}

void World::suspend(User& user, bool suspended) {
  if (std::exchange(user.host.suspended, suspended) == suspended) return;
  record({.what = suspended ? What::Suspend : What::Wake, .process = user.program->process(), .user = user.name});
}

void World::goOn(std::uint64_t ms) {
  Loops::advance(ms);
}

std::string World::story(const std::vector<history::Violation>& marked) const {
  std::string text;
  auto note = notes_.begin();
  for (std::size_t i = 0; i <= events_.size(); ++i) {
    for (; note != notes_.end() && note->first == i; ++note) text += note->second + "\n";
    if (i == events_.size()) break;
    text += history::describe(events_[i]) + "\n";
    for (const history::Violation& each : marked) {
      if (each.event == i) text += "         ^^^ " + each.text + "\n";
    }
  }
  return text;
}

}  // namespace rtm::simulator
