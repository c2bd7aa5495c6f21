#pragma once

#include <cstdint>
#include <map>

#include "server/engine/seam/engine.hpp"
#include "server/gateway/session_table.hpp"
#include "server/options.hpp"

namespace rtm::server {

/// Sessions whose client has been silent for a while. Only the gateway knows when something came last, so it decides,
/// with a link and without one, when others see UNREACHABLE (docs/spec/connection.md §2). Loop thread only; at most one
/// entry for each lost link of the last ServerOptions::unreachableMs.
class SilenceWatch {
 public:
  SilenceWatch(EngineClient& engine, SessionTable& sessions, const ServerOptions& options)
      : engine_(engine), sessions_(sessions), options_(options) {}

  /// Tells the engine whether the session is silent, if that is new.
  void note(Session& session, bool silent);
  /// The session has lost its link. Its grace period began when something came last, at `lastReceivedMs`.
  void linkLost(const Session& session, std::uint64_t lastReceivedMs, std::uint64_t nowMs);
  /// Every sweep: reports the sessions without a link that have been silent for too long.
  void sweep(std::uint64_t nowMs);

 private:
  struct Lost {
    std::uint64_t sessionId = 0;
    std::uint64_t fence = 0;  ///< of the link that was lost
  };

  EngineClient& engine_;
  SessionTable& sessions_;
  const ServerOptions& options_;
  std::multimap<std::uint64_t, Lost> lost_;  ///< by the time from which others see UNREACHABLE
};

}  // namespace rtm::server
