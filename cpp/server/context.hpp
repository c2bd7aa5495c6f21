#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "net/admission/prefix_list.hpp"
#include "net/datagram/address_token.hpp"
#include "server/auth/ban_list.hpp"
#include "server/auth/token.hpp"
#include "server/engine/seam/engine.hpp"
#include "server/governor/history_queue.hpp"
#include "server/governor/known_clients.hpp"
#include "server/governor/ledger.hpp"
#include "server/governor/security_log.hpp"
#include "server/options.hpp"
#include "server/permissions/rules.hpp"
#include "server/quotas/shared_quota.hpp"

namespace rtm::server {

inline constexpr std::string_view kServerVersion = "rtm-native/0.1.0";
inline constexpr std::uint64_t kCapabilities = static_cast<std::uint64_t>(wire::Capability::Resume) |
                                               static_cast<std::uint64_t>(wire::Capability::MediaMessages) |
                                               static_cast<std::uint64_t>(wire::Capability::Invitations);

class MediaTransfers;
class MemoryWatch;

/// What a server tells its clients of UDP.
struct UdpOffer {
  std::atomic<std::uint16_t> port{0};  ///< 0: none, or not yet
  /// By the index of the loop: all know each other's tokens. Empty without UDP.
  std::vector<std::shared_ptr<const net::AddressTokens>> tokens;
};

/// What all loops of one server share. Immutable but for the ban list, the quotas, the history queue, the ledger and
/// the log, which any thread may call, and the watch of the memory, which belongs to the first loop; outlives the
/// loops.
struct ServerContext {
  ServerOptions options;
  std::vector<TokenPolicy> apps;  ///< indexed by AppNumber
  /// Indexed by AppNumber: the rules of the options. Each loop has the present rules (gateway/session_table.hpp).
  std::vector<std::shared_ptr<const Rules>> rules;
  BanList bans;
  net::PrefixList exempt;                                   ///< ServerOptions::exemptNetworks
  std::vector<std::unique_ptr<SharedQuota>> historyQuotas;  ///< indexed by AppNumber
  HistoryQueue historyQueue;
  IdSource* ids = nullptr;
  Engine* engine = nullptr;
  MediaTransfers* media = nullptr;
  std::unique_ptr<SecurityLog> security;
  KnownClients known;
  UdpOffer udp;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<MemoryWatch> memory;

  std::optional<AppNumber> findApp(std::string_view appId) const {
    for (std::size_t i = 0; i < apps.size(); ++i) {
      if (apps[i].appId == appId) return static_cast<AppNumber>(i);
    }
    return std::nullopt;
  }
  const TokenPolicy& policy(AppNumber app) const { return apps[static_cast<std::size_t>(app)]; }
  void log(LogLevel level, std::string_view line) const {
    if (options.log) options.log(level, line);
  }
};

}  // namespace rtm::server
