#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/move_function.hpp"
#include "base/result.hpp"
#include "server/limits.hpp"
#include "server/stats.hpp"
#include "server/store/measured_store.hpp"
#include "server/store/retention.hpp"

namespace rtm::server {

class Bridge;
class Engine;
class MediaCatalog;
class MessageStore;

/// One project: its users and channels are invisible to all others.
struct AppOptions {
  std::string appId;                      ///< 32 hex digits
  std::vector<std::string> certificates;  ///< current first, then the previous one; empty: static App ID mode
};

struct ServerOptions {
  std::string host = "::";    ///< "::" = all addresses of both families
  std::uint16_t port = 9136;  ///< 0: the system chooses
  /// The schemes to listen on, with the same host and port (net/schemes.hpp). Empty: rtms, or rtm without `tls`.
  std::vector<std::string> schemes;
  unsigned loops = 1;  ///< I/O threads; users and channels are spread over them
  std::vector<AppOptions> apps;
  bool tls = true;             ///< false: plaintext, by explicit choice
  std::string certificatePem;  ///< with tls: empty = make a self-signed one (development)
  std::string keyPem;
  std::uint32_t area = 0;  ///< bit set of RTM_AREA_CODE; 0: every area
  Limits limits = Limits::sdk();
  std::uint32_t heartbeatMs = 2000;
  std::uint32_t unreachableMs = 6000;            ///< silence after which others see UNREACHABLE
  std::uint32_t graceMs = 30000;                 ///< silence after which the session ends
  std::uint32_t loginTimeoutMs = 6000;           ///< connected but not logged in
  std::uint32_t attributeAfterlifeMs = 180'000;  ///< how long a channel's attributes outlive its last member
  std::uint32_t maxConnections = 0;              ///< 0: as many as the system allows
  /// Where the bodies of files and images lie, for this server alone; empty: a private folder for temporary files,
  /// which goes with the server. Bodies outlive the server if `mediaCatalog` does.
  std::string mediaFolder;
  std::uint64_t mediaStoreBytes = std::uint64_t{1} << 30;  ///< most bytes of all bodies; when full, uploads fail
  std::uint64_t mediaLifeMs = 7ULL * 24 * 3600 * 1000;     ///< how long a body is kept, from its upload
  std::uint32_t mediaIdleMs = 120'000;                     ///< a transfer without a byte for so long is over
  Retention retention;       ///< of offline messages and of the history, where `store` is null
  bool historyOpen = false;  ///< true: every user of an App ID may read all of its history, not only its own
  /// Where messages are kept beyond their delivery; null: in memory, bounded by `retention`. Closed by the server.
  std::shared_ptr<MessageStore> store;
  /// What is known of bodies; null: in memory.
  std::shared_ptr<MediaCatalog> mediaCatalog;
  /// The state that this server shares with others; null: this process alone, with `store`.
  std::shared_ptr<Engine> engine;
  /// The bridge that any of these stand on; closed by the server when its loops have ended. Null: none.
  std::shared_ptr<Bridge> bridge;
  LogSink log;
};

struct ServerStats {
  std::uint64_t connections = 0;  ///< open now
  std::uint64_t sessions = 0;     ///< logged in now, including those in their grace period
  std::uint64_t channels = 0;     ///< with at least one member
  std::uint64_t logins = 0;       ///< since the start
  std::uint64_t loginFailures = 0;
  std::array<std::uint64_t, kLoginRefusals> loginRefusals{};  ///< the same by LoginRefusal
  std::uint64_t resumes = 0;
  std::uint64_t kicks = 0;
  std::uint64_t messagesIn = 0;
  std::uint64_t messagesOut = 0;         ///< deliveries
  std::uint64_t channelMessagesIn = 0;   ///< of messagesIn, those to channels
  std::uint64_t channelMessagesOut = 0;  ///< of messagesOut, those of channels
  std::uint64_t queueBytes = 0;          ///< waiting for clients to read; at most 100 ms old
  std::uint64_t loopDelayMs = 0;         ///< by how much the slowest loop was late, at most, in the last second or two
  std::uint64_t malformed = 0;           ///< connections closed for what they sent
  std::uint64_t slowConsumers = 0;
  std::uint64_t mediaBytesIn = 0;   ///< of bodies
  std::uint64_t mediaBytesOut = 0;  ///< of bodies
  std::uint64_t mediaPeak = 0;      ///< most bytes that one transfer has had in memory
  StoreStats store;
};

/// How a server goes away.
struct DrainOptions {
  /// Where its clients shall go, as in the connect string; at most 16. Empty: nobody is let in any more, so that
  /// clients look for another of the servers they know.
  std::vector<std::string> endpoints;
  std::uint32_t overMs = 0;  ///< in which they are sent away, evenly, so that they do not arrive all at once
};

/// A running server. Owns its loops; any thread may call it.
class Server {
 public:
  /// Binds, starts the loops and serves from then on. Failure: what could not be done (bad option, address in use …)
  /// and what to do about it.
  static Result<std::unique_ptr<Server>> start(ServerOptions options);
  ~Server();  ///< close()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Pin of the certificate, lower-case hex SHA-256; empty without TLS.
  std::string fingerprint() const;
  ServerStats stats() const;

  /// What an order to the engine came to, on a loop's thread; not called if the server closes before. For an App ID
  /// that is not served it is false, at once.
  using Outcome = MoveFunction<void(bool)>;
  /// Refuses logins and resumes of a user until `untilMs` (wall clock) and ends the session it has, with
  /// BANNED_BY_SERVER; `done`: whether there was one. Kept in memory.
  void ban(const std::string& appId, const std::string& userId, std::uint64_t untilMs, Outcome done = {});
  void unban(const std::string& appId, const std::string& userId);
  /// Ends the session of a user, with BANNED_BY_SERVER (the one reason of the API that says that a server did it); the
  /// user may log in again. `done`: whether there was one.
  void disconnect(const std::string& appId, const std::string& userId, Outcome done = {});
  /// Puts a user out of a channel: it hears onLeave(KICKED), now or when its link is back, the others onMemberLeft. It
  /// may join again. `done`: whether it was a member.
  void kickFromChannel(const std::string& appId, const std::string& channelId, const std::string& userId,
                       Outcome done = {});

  /// New handshakes use the new certificate, connections stay as they are. Failure: what is wrong with the pair; the
  /// old one stays.
  Result<bool> reloadCertificate(std::string certificatePem, std::string keyPem);
  /// Sends all clients away and lets nobody log in any more; `gone` is called on a loop's thread when they have left (a
  /// client has 2 s to do so), not if the server closes before. Failure: a bad endpoint, or it drains already.
  Result<bool> drain(DrainOptions options, Task gone);
  /// Says BYE to every client, closes, joins the loops. Idempotent; blocks at most about 3 s.
  void close();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace rtm::server
