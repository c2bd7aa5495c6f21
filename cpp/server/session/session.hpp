#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/engine/seam/engine.hpp"
#include "server/gateway/channel_members.hpp"
#include "server/gateway/presence_watches.hpp"
#include "server/quotas/call_quota.hpp"
#include "server/session/result_coalescer.hpp"
#include "server/session/sent_results.hpp"

namespace rtm::server {

class Peer;

/// The counters of one session's calls, by group.
class SessionQuotas {
 public:
  SessionQuotas(const Limits& limits, std::uint32_t carryMs, std::uint64_t nowMs);

  bool take(wire::RateGroup group, std::uint64_t nowMs) { return groups_[static_cast<std::size_t>(group)].take(nowMs); }
  /// After a resume the client repeats requests that have been counted and whose answers were lost. Sends and joins are
  /// not meant: those are recognised, and not counted twice.
  void allowRepeats();
  bool takeJoin(std::string_view channelId, std::uint64_t nowMs);

 private:
  std::array<CallQuota, std::tuple_size_v<decltype(Limits::rates)>> groups_;
  RateRule sameChannel_;
  TextMap<CallQuota> perChannel_;
};

/// What a session is, wherever its link ends: this moves when it is resumed on another loop.
struct SessionState final : SessionCarry {
  SessionState(AppNumber appNumber, std::string user, std::uint64_t id, const Limits& limits, std::uint32_t carryMs,
               std::uint64_t nowMs)
      : app(appNumber),
        userId(std::move(user)),
        sessionId(id),
        results(limits.inFlightSends == 0 ? kDefaultWindow : limits.inFlightSends),
        quotas(limits, carryMs, nowMs) {}

  static constexpr std::uint64_t kDefaultWindow = 16 * 1024;

  ScopedName user() const { return {app, userId}; }
  ScopedName channel(std::string_view channelId) const { return {app, channelId}; }

  AppNumber app;
  std::string userId;
  std::uint64_t sessionId;
  std::uint64_t fence = 0;
  std::uint64_t tokenExpiresAtMs = 0;  ///< wall clock; 0: never
  std::uint64_t acceptedSeq = 0;       ///< sends up to here have come
  std::uint64_t unanswered = 0;        ///< of them, those without a result
  SentResults results;
  TextMap<Membership> channels;
  std::vector<std::string> kicked;      ///< channels it was put out of, which its client is still to be told
  TextMap<Subscription> subscriptions;  ///< by watched user
  SessionQuotas quotas;
  bool usedMedia = false;  ///< the hub has to be told of its end
};

/// A session whose link ends (or last ended) on this loop.
class Session {
 public:
  explicit Session(std::unique_ptr<SessionState> moved) : state(std::move(moved)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::unique_ptr<SessionState> state;
  Peer* peer = nullptr;            ///< null while the link is lost
  std::uint64_t capabilities = 0;  ///< of the client on the present link
  bool live = false;               ///< frames may be sent: there is a link, and its login or resume has been answered
  bool unconfirmed = false;        ///< resumed, and the client has sent nothing yet on the new link
  bool closing = false;            ///< closeSession() was asked for
  std::optional<std::uint32_t> logoutRequest;  ///< to be answered when the session has ended
  ResultCoalescer pending;                     ///< results of this turn
  bool dirty = false;                          ///< listed for flushing
  bool silent = false;                         ///< the engine knows that nothing has come for a while
  std::vector<Subscription*> presenceNews;     ///< of which the client may have to be told at the end of the turn
  std::uint32_t mediaAsked = 0;                ///< requests for tickets that are not answered yet
  Bytes held;                                  ///< while resuming: channel frames that must follow RESUME_RESULT
};

}  // namespace rtm::server
