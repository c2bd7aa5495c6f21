#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "net/resolve/endpoint.hpp"
#include "net/transport/tls/tls_context.hpp"

namespace rtm::client {

/// How long things may take, ms (docs/spec/limits.md §8). Tests shorten them through setParameters.
struct Timing {
  std::uint64_t login = 12000;
  std::uint64_t logout = 5000;     ///< all of a logout
  std::uint64_t drain = 2000;      ///< part of it, for the results of unanswered sends; 0: no wait
  std::uint64_t handshake = 6000;  ///< for each answer of a server until the login is through
  std::uint64_t peerMessage = 10000;
  std::uint64_t channelMessage = 10000;
  std::uint64_t request = 5000;          ///< join, leave, members, counts, attributes, renewToken
  std::uint64_t presence = 10000;        ///< queries and subscriptions
  std::uint64_t outage = 4000;           ///< silence until RECONNECTING
  std::uint64_t tokenWarning = 30000;    ///< before expiry
  std::uint64_t invitationSend = 30000;  ///< until the callee's SDK must have acknowledged
  std::uint64_t invitation = 60000;      ///< until somebody must have acted
  std::uint64_t acceptance = 10000;      ///< until the caller's SDK must have acknowledged
  std::uint64_t mediaIdle = 120000;      ///< without a byte
  std::uint64_t mediaProgress = 1000;    ///< between two progress callbacks
};

/// What setParameters() and the environment can set for one client.
struct Config {
  std::vector<net::Endpoint> endpoints;
  std::string endpointsProblem;  ///< the fault of the endpoints that were given last; empty: none
  net::TlsClientOptions tls;
  Timing timing;
};

/// What a setParameters object says besides Config.
struct OtherParameters {
  std::optional<unsigned> logFilter;
  std::vector<std::string> unknown;  ///< keys that mean nothing to this SDK
};

/// Takes the known keys of a setParameters object. Empty on success; else the fault, and `config` is unchanged but
/// for endpointsProblem. Keys: docs/configuration.md.
std::string applyParameters(Config& config, OtherParameters& others, const JsonValue& parameters);

/// Takes RTM_ENDPOINTS and RTM_CA_FILE, where set. Empty on success, else the fault.
std::string applyEnvironment(Config& config);

}  // namespace rtm::client
