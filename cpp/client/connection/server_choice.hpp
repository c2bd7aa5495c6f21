#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/api/session_codes.hpp"
#include "net/resolve/endpoint.hpp"

namespace rtm::client {

/// Which server to try next. A server that accepts connections and is of no use would win every race against the good
/// server behind it. So each endpoint has one turn in a round; when all have had theirs, or the rest cannot be reached,
/// a new round begins. Servers that were named by a server that goes away come first
/// (docs/decisions/005-told-endpoints.md).
///
/// Pure: no socket, no clock, no lock. `configured` and `areas` are the same in all calls of one round.
class ServerChoice {
 public:
  using Endpoints = std::vector<net::Endpoint>;

  /// A login begins: nothing is known of any server.
  void begin();
  /// The endpoints to race for, begins a new round if there are none left. `areas`: a mask; an endpoint without a tag
  /// is allowed everywhere, since its server says its area in HELLO.
  Endpoints next(const Endpoints& configured, std::uint32_t areas);
  /// Whether this round has a server that has not had its turn.
  bool another(const Endpoints& configured, std::uint32_t areas) const;

  /// `endpoint` has had its turn.
  void passOver(const std::string& endpoint) { passedOver_.insert(endpoint); }
  /// A link to `endpoint` ended before it was logged in. The server of the session (`haveSession`) has more turns than
  /// others.
  void onUseless(const std::string& endpoint, bool haveSession);
  /// The session is on `endpoint` now: whatever was known of others is over.
  void onEstablished(const std::string& endpoint);
  /// None of the endpoints could be reached: the round is over.
  void endRound() { passedOver_.clear(); }

  /// The last server of this round, which cannot be used however often it is asked. Only the end of the round says that
  /// this holds for all.
  void refuse(LoginCode code, std::string reason);
  struct Refusal {
    LoginCode code{};
    std::string reason;
  };
  /// Gives the refusal of this round, once.
  std::optional<Refusal> takeRefusal();

  struct Told {
    bool taken = false;
    std::string text;  ///< its name, or why it is ignored
  };
  /// A server that goes away names others. The client follows a server that is not configured only if it needs no new
  /// trust.
  std::vector<Told> tell(const std::vector<std::string_view>& endpoints, const Endpoints& configured);
  /// Most endpoints that one server may name; further endpoints are ignored.
  static constexpr std::size_t kMaxTold = 8;
  bool anyTold() const { return !told_.empty(); }

 private:
  Endpoints allowed(const Endpoints& configured, std::uint32_t areas) const;

  Endpoints told_;                    ///< before the configured endpoints, until the next login
  std::set<std::string> passedOver_;  ///< have had their turn in this round and were of no use
  std::string home_;                  ///< the endpoint over which the session was last seen
  unsigned homeFailures_ = 0;         ///< since then
  std::optional<Refusal> refusal_;
};

}  // namespace rtm::client
