#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/seam/operations.hpp"
#include "server/governor/ledger.hpp"
#include "server/model/stored_messages.hpp"
#include "server/permissions/permissions.hpp"
#include "server/quotas/session_quotas.hpp"
#include "server/session/result_coalescer.hpp"
#include "server/session/sent_results.hpp"

namespace rtm::server {

class ClientConnection;
struct WatchedUser;

/// What a session knows of one channel that it is in, or is joining. Its address must not change while ChannelMembers
/// lists it.
struct Membership {
  static constexpr std::uint32_t kUnlisted = 0xFFFFFFFF;
  std::uint32_t listPosition = kUnlisted;
  bool answered = false;  ///< its JOIN_RESULT has been sent: the client may count itself in
  // What the client was not told because too much waited for it (ChannelFanOut).
  bool owesAttributes = false;
  bool asksAttributes = false;  ///< the engine was asked for them, and no notice has come since
  bool toldLate = false;  ///< the last notice came after messages, so their offsets do not tell whether it was heard
  bool owesCount = false;
  Verdict publish;  ///< what the rules said
};

/// A user whose presence the client of a session watches. Its address must not change while PresenceWatches lists it.
struct Subscription {
  std::string_view userId;         ///< the key in SessionState::subscriptions
  WatchedUser* watched = nullptr;  ///< null while the session has no link
  std::uint32_t position = 0;      ///< among the watchers of `watched`
  /// The last state that the client was told. Empty until the request that began the subscription, or the resume that
  /// continues it, is answered: that answer tells the first state, and no event may come before it.
  std::optional<wire::PresenceState> told;
  bool news = false;  ///< listed in Session::presenceNews
};

/// What a session is, wherever its link ends. It moves when the session is resumed on another loop.
struct SessionState final : SessionCarry {
  /// `carryMs`: as for CallQuota.
  SessionState(AppNumber appNumber, std::string user, std::uint64_t id, const Limits& limits, std::uint32_t carryMs,
               std::uint64_t nowMs)
      : app(appNumber),
        userId(std::move(user)),
        sessionId(id),
        results(limits.inFlightSends == 0 ? kDefaultWindow : limits.inFlightSends),
        quotas(limits, carryMs, nowMs) {}

  /// Unanswered sends of a client whose number of sends in flight is not limited.
  static constexpr std::uint64_t kDefaultWindow = 16 * 1024;

  ScopedName user() const { return {app, userId}; }
  ScopedName channel(std::string_view channelId) const { return {app, channelId}; }
  Asker asker() { return {app, userId, grants}; }
  /// What the rules said before does not count any more.
  void setRoles(std::vector<std::string> roles) {
    grants.setRoles(std::move(roles));
    for (auto& [channelId, membership] : channels) membership.publish.forget();
  }

  AppNumber app;
  std::string userId;
  std::uint64_t sessionId;
  std::uint64_t fence = 0;
  std::uint64_t tokenExpiresAtMs = 0;  ///< wall clock; 0: never
  std::uint64_t acceptedSeq = 0;       ///< sends up to this number have come
  std::uint64_t unanswered = 0;        ///< of these, the sends without a result
  SentResults results;
  TextMap<Membership> channels;
  std::vector<std::string> kicked;        ///< channels the session was removed from; the client does not know yet
  TextMap<Subscription> subscriptions;    ///< by watched user
  std::unique_ptr<MemoryCharge> watches;  ///< what `subscriptions` take; null before the first
  SessionQuotas quotas;
  Grants grants;
  bool usedMedia = false;  ///< MediaTransfers has to hear of its end
};

/// The queries of the history that a client has asked on its present link and that are not answered yet.
struct HistoryQueries {
  /// Most of them. A client asks for some at a time, and for all of them again after a resume.
  static constexpr std::size_t kMost = 16;
  struct Query {
    std::uint32_t requestId = 0;
    HistoryFilter filter;
  };
  bool busy = false;           ///< one runs, or is in the HistoryQueue
  std::vector<Query> waiting;  ///< for that one, in the order they were asked
};

/// A login whose link ends, or last ended, on this loop. Loop thread only.
class Session {
 public:
  /// Most bytes of replays in `held`: 20 channels with 32 messages of 32 KiB each, and some more. A replay that does
  /// not fit is left out, and its channel counts as incomplete.
  static constexpr std::size_t kReplayBytes = 22 * 1024 * 1024;
  /// More than this must fit into what the user may take.
  static constexpr std::size_t kFreeReplayBytes = 1024 * 1024;
  /// Most bytes in `held`: replays, and frames that came while the resume was under way.
  static constexpr std::size_t kHeldBytes = kReplayBytes + 2 * 1024 * 1024;
  /// Most joins and renewals that wait for the callout.
  static constexpr std::uint32_t kMostCalloutAsked = 64;

  explicit Session(std::unique_ptr<SessionState> moved) : state(std::move(moved)) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::unique_ptr<SessionState> state;
  ClientConnection* connection = nullptr;  ///< null while the link is lost
  std::uint64_t capabilities = 0;          ///< of the client on the present link
  bool live = false;         ///< frames may be sent: there is a link, and its login or resume has been answered
  bool unconfirmed = false;  ///< resumed, and the client has sent nothing yet on the new link
  bool closing = false;      ///< the engine has been asked to end the session
  std::optional<std::uint32_t> logoutRequest;  ///< to be answered when the session has ended
  ResultCoalescer pending;                     ///< results of this turn
  bool dirty = false;                          ///< SendAnswers lists the session
  bool behind = false;                         ///< ChannelFanOut lists the session
  bool silent = false;                         ///< the engine knows that the client has been silent for a while
  std::vector<Subscription*> presenceNews;     ///< what the client may have to hear at the end of the turn
  std::uint32_t mediaAsked = 0;                ///< requests for tickets without an answer
  std::uint32_t calloutAsked = 0;              ///< joins and renewals without an answer of the callout
  HistoryQueries history;
  std::unique_ptr<MemoryCharge> queue;  ///< what waits for the client, if it is much
  Bytes held;                           ///< while resuming: channel frames that must follow RESUME_RESULT
};

}  // namespace rtm::server
