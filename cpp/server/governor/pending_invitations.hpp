#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/model/names.hpp"

namespace rtm::server {

/// The invitations that wait for an answer, as the server sees them: from INVITE to the answer, the cancellation, the
/// callee's next login, or a minute after the last INVITE that reached the callee. A callee has as many as its client
/// keeps, of one caller and of all, and by the same rule: where all places are taken, the caller with the most loses
/// its newest one to a caller with fewer. So a client that keeps no bound of its own is safe, too. One for all loops of
/// a server; any thread, asked for invitations only.
class PendingInvitations {
 public:
  /// Of one caller at all callees, for the memory of the server.
  static constexpr std::size_t kMostByCaller = 1024;
  static constexpr std::uint64_t kLifeMs = 60'000;

  /// Counts an INVITE. False: it is one too many. A repeat of an INVITE that waits is never one too many.
  bool begin(const ScopedName& callee, std::string_view callerId, std::uint64_t invitationId, std::uint64_t nowMs);
  /// The invitation was answered or cancelled, or did not reach the callee.
  void end(const ScopedName& callee, std::string_view callerId, std::uint64_t invitationId);
  /// The callee logs in again: its client knows no invitation.
  void endAll(const ScopedName& callee);
  /// Drops what nobody has answered in time, once a second at most.
  void sweep(std::uint64_t nowMs);

  std::size_t size() const;

 private:
  struct Pending {
    std::uint64_t caller = 0;  ///< hash of its name
    std::uint64_t invitationId = 0;
    std::uint64_t untilMs = 0;
  };
  using OfCallee = std::vector<Pending>;  ///< in the order of arrival

  bool makeRoom(OfCallee& waiting, std::uint64_t caller);
  void release(std::uint64_t caller);
  template <typename Ended>
  void removeIf(OfCallee& waiting, Ended ended);

  mutable std::mutex mutex_;
  ScopedMap<OfCallee> callees_;                             ///< guarded by mutex_; none is empty
  std::uint64_t nextSweepMs_ = 0;                           ///< guarded by mutex_
  std::unordered_map<std::uint64_t, std::size_t> callers_;  ///< guarded by mutex_: how many wait, by caller
};

}  // namespace rtm::server
