#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "server/governor/ledger.hpp"
#include "server/options.hpp"
#include "server/stats.hpp"
#include "server/store/measured_store.hpp"
#include "server/usage.hpp"

namespace rtm::server {

struct ServerStats : ServerNumbers {
  StoreStats store;
};

/// A running server. Owns its loops; any thread may call it.
class Server {
 public:
  /// Binds, starts the loops and serves from then on. Failure: what could not be done (a bad option, an address in use
  /// …) and what to do about it.
  static Result<std::unique_ptr<Server>> start(ServerOptions options);
  ~Server();  ///< close()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Pin of the certificate, lower-case hex SHA-256; empty without TLS.
  std::string fingerprint() const;
  ServerStats stats() const;
  /// The users that take most memory, the largest first, and what each App takes, by AppNumber.
  std::vector<UserUsage> heaviestUsers(std::size_t most) const;
  std::vector<std::uint64_t> appBytes() const;
  /// The channels that take most memory, as Engine::heaviestChannels().
  std::vector<ChannelUsage> heaviestChannels(std::size_t most) const;

  // Commands of the owner. They go to the engine by its operations on behalf of the server (engine/seam/engine.hpp).

  /// The answer to a command, on a loop's thread; not called if the server closes first. For an App ID that is not
  /// served it is false, at once.
  using Outcome = MoveFunction<void(bool)>;
  /// Refuses logins and resumes of a user until `untilMs` (wall clock) and ends the session that it has, with
  /// BANNED_BY_SERVER; `done`: whether there was one. Kept in memory.
  void ban(const std::string& appId, const std::string& userId, std::uint64_t untilMs, Outcome done = {});
  void unban(const std::string& appId, const std::string& userId);
  /// Ends the session of a user, with BANNED_BY_SERVER (the only reason of the API for an end by the server); the user
  /// may log in again. `done`: whether there was one.
  void disconnect(const std::string& appId, const std::string& userId, Outcome done = {});
  /// Puts a user out of a channel: the user gets onLeave(KICKED), now or when its link is back, the other members get
  /// onMemberLeft. The user may join again. `done`: whether it was a member.
  void kickFromChannel(const std::string& appId, const std::string& channelId, const std::string& userId,
                       Outcome done = {});

  /// The users of an App ID may do other things from now on. The rules count at once; then the sessions that exist are
  /// looked at, 1,000 in a turn of each loop: a user who may not log in any more is sent away with BANNED_BY_SERVER; a
  /// user who may not join a channel any more is removed from it. `done` when all have been looked at; not if the
  /// server closes first. Failure: what is wrong with the rules; the old rules stay.
  Result<bool> setRules(const std::string& appId, const std::vector<Rule>& rules, Outcome done = {});

  /// New handshakes use the new certificate; connections stay as they are. Failure: what is wrong with the pair; the
  /// old one stays.
  Result<bool> reloadCertificate(std::string certificatePem, std::string keyPem);
  /// Sends all clients away and lets nobody log in any more. `gone` is called on a loop's thread when they have left (a
  /// client has 2 s to do so), but not if the server closes first. Failure: a bad endpoint, or the server drains or
  /// closes already.
  Result<bool> drain(DrainOptions options, Task gone);
  /// Says BYE to every client, closes, joins the loops. Idempotent; blocks at most about 5 s. With `storeRest`, and a
  /// store that outlives the server, what is flagged for the store and not acknowledged goes there before.
  void close(bool storeRest = true);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace rtm::server
