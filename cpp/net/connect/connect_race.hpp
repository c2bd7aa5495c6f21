#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "net/resolve/socket_address.hpp"
#include "net/transport/connect_error.hpp"

namespace rtm::net {

/// Decides which address to try at which time (RFC 8305 over several endpoints). Owns no socket, no timer and no clock:
/// inputs are events with their time, and each answer says what to do now.
///
/// Addresses are tried in rounds: the n-th IPv6 and the n-th IPv4 address of each endpoint, endpoints in order of
/// preference. So families alternate, and an endpoint with ten dead addresses does not delay the next endpoint.
class ConnectRace {
 public:
  struct Options {
    std::uint64_t attemptDelayMs = 250;
    /// The same once the other side has answered an attempt: the address works, and its server may be slow because
    /// many clients come at once. An earlier second try would double its work.
    std::uint64_t handshakeDelayMs = 2000;
    /// How long IPv4 addresses wait for the IPv6 answer of the same name (RFC 8305 section 3).
    std::uint64_t resolutionDelayMs = 50;
    /// At this number the next attempt waits until one fails: many dead addresses must not cost a socket each.
    std::size_t maxConcurrent = 8;
    /// When the contenders beside others begin: another way to the same servers, which waits for none of them.
    std::uint64_t besideDelayMs = 250;
  };

  /// What takes part: a server, or another way to one.
  struct Entrant {
    std::string name;     ///< what failures call it
    bool beside = false;  ///< starts at its own time, and holds up nobody
  };

  struct Attempt {
    int id;
    std::size_t endpoint;
    SocketAddress address;
  };

  struct Failed {
    ConnectError code;
    std::string message;  ///< one line per attempt and per name that did not resolve
  };

  struct Effects {
    std::optional<Attempt> start;
    std::optional<std::uint64_t> timerAt;  ///< call onTimer() at this time; empty: no timer. Replaces the last value
    std::optional<int> winner;             ///< finished: keep this attempt, cancel all others and all lookups
    std::optional<Failed> failed;          ///< finished: nothing is left to try
  };

  /// Both families of each entrant count as being resolved until they are answered by onResolved() or onUnresolved().
  ConnectRace(Options options, std::vector<Entrant> entrants, std::uint64_t now);

  /// An empty list is an answer, too: no address of this family, and no error.
  Effects onResolved(std::uint64_t now, std::size_t endpoint, Family family, std::vector<SocketAddress> addresses);
  Effects onUnresolved(std::uint64_t now, std::size_t endpoint, Family family, const std::string& cause);
  /// The other side has answered; the handshake goes on. Idempotent.
  void onAttemptConnected(int attempt);
  /// TCP and TLS are done and the server is trusted.
  Effects onAttemptReady(std::uint64_t now, int attempt);
  Effects onAttemptFailed(std::uint64_t now, int attempt, ConnectError code, const std::string& cause);
  Effects onTimer(std::uint64_t now);

  bool finished() const { return finished_; }

 private:
  struct Addresses {
    std::vector<SocketAddress> list;
    std::size_t next = 0;
    bool resolving = true;
    std::uint64_t notBefore = 0;
    bool waiting() const { return next < list.size(); }
  };
  struct Contender {
    std::string name;
    bool beside;
    std::array<Addresses, 2> families;  ///< by Family: IPv6 first
  };
  struct Running {
    std::string what;
    std::uint64_t startedAt;
    bool beside;
    bool connected = false;
  };

  struct Candidate {
    Addresses* addresses;
    std::size_t endpoint;
    std::uint64_t at;
  };
  std::optional<Candidate> nextCandidate(std::uint64_t now);
  Effects step(std::uint64_t now);
  bool anythingLeft() const;
  Effects fail();
  void note(const std::string& line);

  Options options_;
  std::vector<Contender> contenders_;
  std::map<int, Running> running_;
  std::uint64_t startedAt_;
  std::uint64_t nextStartAt_;
  int lastId_ = 0;
  bool finished_ = false;
  std::optional<ConnectError> worst_;
  std::string log_;
  std::size_t logLines_ = 0;
};

}  // namespace rtm::net
