#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/move_function.hpp"
#include "net/admission/address_prefix.hpp"
#include "net/admission/penalties.hpp"
#include "net/admission/prefix_list.hpp"

namespace rtm::net {

class PendingLinks;

/// How far a client that is not logged in has come. When places run out, clients of an earlier stage go first: a client
/// that lets the server wait goes before a client that waits for the server.
enum class PendingStage : std::uint8_t {
  Leaving,        ///< refused; the connection is kept for a moment, so that the client hears why
  Silent,         ///< connected, and has sent nothing
  Handshaking,    ///< the server waits for the client's next bytes
  AwaitingLogin,  ///< greeted; the server waits for the login
  WaitsForUs,     ///< the client's bytes wait for this server; only a larger prefix makes room for a smaller one
};

/// One client's place among the pending ones; given back when this object goes. An object without a place does nothing.
class PendingPlace {
 public:
  PendingPlace() = default;
  PendingPlace(std::shared_ptr<PendingLinks> links, std::uint64_t id) : links_(std::move(links)), id_(id) {}
  ~PendingPlace() { release(); }
  PendingPlace(PendingPlace&& other) noexcept : links_(std::move(other.links_)), id_(other.id_) {}
  PendingPlace& operator=(PendingPlace&& other) noexcept;
  PendingPlace(const PendingPlace&) = delete;
  PendingPlace& operator=(const PendingPlace&) = delete;

  void moveTo(PendingStage stage);
  /// `drop` replaces the earlier function: it must close the client's connection. Called at most once, on the loop.
  void onDrop(Task drop);
  /// The client is logged in, or gone.
  void release();

 private:
  std::shared_ptr<PendingLinks> links_;
  std::uint64_t id_ = 0;
};

/// The clients of one loop that are connected and not logged in, by address prefix and site. There is a bound for each
/// prefix, for each site, and for all; at a bound the newcomer gets the place of the client that has let the server
/// wait longest, in the site with the most clients and there in the prefix with the most, so that one address, or one
/// IPv6 network with its 65,536 prefixes, cannot lock out the others. The time of waiting begins again with each stage,
/// so that who waited for this server does not pay for it. Pure but for the calls of `drop`: time comes in. Loop thread
/// only; each call costs the logarithm of the number of clients.
class PendingLinks : public std::enable_shared_from_this<PendingLinks> {
 public:
  struct Limits {
    std::size_t total = 4096;
    std::size_t perPrefix = 2048;
    std::size_t perSite = 3072;
    std::uint64_t firstByteMs = 3000;  ///< a client that has sent nothing for so long is dropped
    /// The same for the clients of a site that holds a quarter of all places.
    std::uint64_t firstByteOfManyMs = 1000;
    PrefixList exempt = {};                          ///< prefixes with no bound but the one for all
    std::shared_ptr<Penalties> penalties = nullptr;  ///< null: nobody has any
  };
  struct Counters {
    std::uint64_t dropped = 0;  ///< clients that lost their place to a newcomer or to a lack of descriptors
    std::uint64_t silent = 0;   ///< clients that sent nothing in time
    std::uint64_t refused = 0;  ///< newcomers for whom there was no place
  };

  explicit PendingLinks(Limits limits) : limits_(limits) {}
  PendingLinks(const PendingLinks&) = delete;
  PendingLinks& operator=(const PendingLinks&) = delete;
  ~PendingLinks() = default;

  /// A place for a newcomer; `drop` closes its connection if the place is taken away. May call the `drop` of another
  /// client. Nothing: every client that could make room waits for this server, and no prefix holds more places than the
  /// newcomer's; close the newcomer's connection.
  std::optional<PendingPlace> enter(AddressPrefix prefix, std::uint64_t nowMs, Task drop);
  /// Descriptors or memory have run out: drops the client that has let the server wait longest, in the largest prefix.
  /// False: every client waits for this server.
  bool dropOne();
  /// Drops the clients that have sent nothing for too long. Call it every 100 ms or so.
  void sweep(std::uint64_t nowMs);

  /// Whether a newcomer of this prefix gets no place because of offences of other clients of the prefix.
  bool refuses(const AddressPrefix& prefix, std::uint64_t nowMs) const {
    return standingOf(prefix, nowMs) == Penalties::Standing::Refused;
  }
  std::size_t size() const { return clients_.size(); }
  std::size_t sizeOf(AddressPrefix prefix) const;
  std::size_t sizeOfSite(AddressPrefix site) const;
  const Counters& counters() const { return counters_; }

 private:
  friend class PendingPlace;
  /// The order of dropping within a prefix: by stage, then by the time in the stage.
  using Rank = std::pair<PendingStage, std::uint64_t>;
  using BySize = std::set<std::pair<std::size_t, AddressPrefix>>;
  struct Site {
    std::size_t clients = 0;
    BySize prefixes;
  };
  struct Client {
    AddressPrefix prefix;
    Rank rank;
    std::uint64_t sinceMs = 0;
    Task drop;
  };

  Penalties::Standing standingOf(const AddressPrefix& prefix, std::uint64_t nowMs) const {
    return limits_.penalties == nullptr ? Penalties::Standing::Good : limits_.penalties->standing(prefix, nowMs);
  }
  void moveTo(std::uint64_t id, PendingStage stage);
  void onDrop(std::uint64_t id, Task drop);
  void remove(std::uint64_t id);
  /// Makes room for a client of this prefix, if there is none. False: there is no room.
  bool makeRoom(AddressPrefix prefix, std::uint64_t nowMs);
  bool dropFirstOf(AddressPrefix prefix);
  bool dropFirstOfSite(AddressPrefix site);
  /// Drops the last client of the largest prefix of the site, if that prefix holds more places than `prefix` would.
  bool dropForSmallerPrefix(AddressPrefix site, AddressPrefix prefix);
  /// Drops the last client of the largest site, if that site holds more places than `site` would.
  bool dropForSmallerSite(AddressPrefix site);
  bool dropLastOf(AddressPrefix prefix);
  void drop(std::uint64_t id);
  /// The prefix has one client more or less.
  void count(AddressPrefix prefix, std::size_t before, std::size_t after);

  const Limits limits_;
  Counters counters_;
  std::uint64_t lastId_ = 0;
  std::uint64_t lastOrder_ = 0;
  std::map<std::uint64_t, Client> clients_;                          ///< ids grow, so the oldest client stands first
  std::map<AddressPrefix, std::map<Rank, std::uint64_t>> byPrefix_;  ///< ids in the order of dropping
  std::map<AddressPrefix, Site> sites_;
  BySize sitesBySize_;
  std::set<std::uint64_t> silent_;  ///< the oldest first
};

}  // namespace rtm::net
