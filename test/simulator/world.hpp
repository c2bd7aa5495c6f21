#pragma once

// A server, its disk, and programs of a few users, in one thread and in virtual time.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "history/history.hpp"
#include "server/server.hpp"
#include "simulator/disk.hpp"
#include "simulator/network.hpp"
#include "simulator/program.hpp"

namespace rtm::simulator {

struct User {
  std::string name;
  Host host;
  std::unique_ptr<Program> program;  ///< null: its process does not run
};

class World {
 public:
  /// `durable`: the server has a disk; otherwise what it stores goes with its process.
  World(std::uint64_t seed, bool durable, std::size_t users);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::vector<User>& users() { return users_; }
  Network& network() { return network_; }
  Host& serverHost() { return serverHost_; }
  Disk& disk() { return disk_; }
  bool durable() const { return durable_; }
  const server::Server* server() const { return server_.get(); }
  server::Server& command() { return *server_; }

  void startServer();
  /// In good order.
  void closeServer();
  void killServer(Network::Death death);
  void startProgram(User& user);
  void killProgram(User& user, Network::Death death);
  /// Its program has logged out.
  void endProgram(User& user);
  void suspend(User& user, bool suspended);
  /// The number of the next message.
  long long nextMessage() { return ++lastMessage_; }
  void goOn(std::uint64_t ms);

  /// A line of the story that is no event.
  void note(std::string text);
  const std::vector<history::Event>& events() const { return events_; }
  /// The story so far; an event that shows a broken promise is marked.
  std::string story(const std::vector<history::Violation>& marked) const;

 private:
  void record(history::Event event);

  const bool durable_;
  std::uint64_t startMs_ = 0;
  Network network_;
  Disk disk_;
  Host serverHost_;
  std::shared_ptr<DiskStore> store_;
  std::unique_ptr<server::Server> server_;
  std::vector<User> users_;
  std::vector<history::Event> events_;
  std::vector<std::pair<std::size_t, std::string>> notes_;  ///< before this event
  history::Process lastProcess_ = 0;
  long long lastMessage_ = 0;
};

}  // namespace rtm::simulator
