#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "server/engine/seam/parameters.hpp"
#include "server/limits.hpp"
#include "server/permissions/rules.hpp"
#include "server/settings.hpp"

namespace rtm::server {

class Bridge;
class Callout;
class Engine;
class MediaCatalog;
class MessageStore;

/// One project: its users and channels are invisible to all others.
struct AppOptions {
  std::string appId;                      ///< 32 hex digits
  std::vector<std::string> certificates;  ///< current first, then the previous one; empty: static App ID mode
  std::vector<Rule> rules = {};           ///< what its users may do; empty: everything
};

/// `retention`, of offline messages and of the history, counts where `store` is null.
struct ServerOptions : ServerSettings {
  std::string host = "::";  ///< "::" = all addresses of both families
  /// The schemes to listen on, with the same host and port (net/schemes.hpp). Empty: rtms, or rtm without `tls`.
  std::vector<std::string> schemes;
  std::vector<AppOptions> apps;
  bool tls = true;             ///< false: plaintext, by explicit choice
  std::string certificatePem;  ///< with tls: empty = make a self-signed one (development)
  std::string keyPem;
  std::uint32_t area = 0;  ///< bit set of RTM_AREA_CODE; 0: every area
  Limits limits = Limits::sdk();
  /// Networks whose connections and logins are not counted by address: "192.0.2.0/24", "2001:db8::/32".
  std::vector<std::string> exemptNetworks;
  /// `loops`, `noticeLimit` and the limits of attributes are taken from above when the server starts.
  EngineParameters engineParameters;
  /// The folder for the bodies of files and images, for this server alone. Empty: a private folder for temporary files,
  /// which goes with the server. A missing one is made for the first upload. Bodies outlive the server if
  /// `mediaCatalog` does.
  std::string mediaFolder;
  bool ownsProcess = false;  ///< nothing but this server runs in the process: all of its memory counts
  /// Keeps messages beyond their delivery; null: in memory, bounded by `retention`. The server closes it.
  std::shared_ptr<MessageStore> store;
  /// The records of bodies; null: in memory.
  std::shared_ptr<MediaCatalog> mediaCatalog;
  /// The state that this server shares with others; null: this process alone, with `store`.
  std::shared_ptr<Engine> engine;
  /// Who is asked about logins, joins and renewals besides the rules; null: nobody.
  std::shared_ptr<Callout> callout;
  /// The bridge that any of these stand on; the server closes it when its loops have ended. Null: none.
  std::shared_ptr<Bridge> bridge;
  LogSink log;
};

/// How a server goes away.
struct DrainOptions {
  /// Where its clients go, as in the connect string; at most 16. Empty: nobody is let in any more, so that clients look
  /// for another of the servers they know.
  std::vector<std::string> endpoints;
  std::uint32_t overMs = 0;  ///< the time over which they are sent away, evenly, so that they do not arrive all at once
};

/// Failure: the option that is wrong, and what was expected.
Result<bool> validate(const ServerOptions& options);
Result<bool> validate(const DrainOptions& options);

/// A line for each setting that is valid and below what programs need that keep to the table of the SDK.
std::vector<std::string> shortfalls(const ServerOptions& options);

/// Brings sizes down to what a frame can carry, and fills in the engine's parameters that follow from other options.
/// Only for options that are valid.
void complete(ServerOptions& options);

}  // namespace rtm::server
