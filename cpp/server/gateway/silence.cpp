// Who has not been heard of for a while. The gateway alone knows when something came the last time, so it decides, with
// a link and without one, when others shall see UNREACHABLE (connection §2).

#include <algorithm>

#include "server/gateway/gateway.hpp"

namespace rtm::server {

void Gateway::onPresence(const ScopedName& user, wire::PresenceState state) {
  if (presence_.update(user, state)) requestTurnEnd();
}

void Gateway::noteSilence(Session& session, bool silent) {
  if (session.silent == silent) return;
  session.silent = silent;
  port_.noteSilence(session.state->user(), session.state->fence, silent);
}

void Gateway::loseLink(Session& session, std::uint64_t lastReceivedMs) {
  const SessionState& state = *session.state;
  const std::uint64_t quiet = now() - std::min(now(), lastReceivedMs);
  const std::uint64_t grace = context_.options.graceMs;
  lost_.emplace(now() - quiet + context_.options.unreachableMs, Lost{state.sessionId, state.fence});
  port_.linkLost(state.user(), state.fence, grace - std::min(grace, quiet));
}

void Gateway::sweepLost(std::uint64_t at) {
  while (!lost_.empty() && lost_.begin()->first <= at) {
    const Lost lost = lost_.begin()->second;
    lost_.erase(lost_.begin());
    Session* session = findSession(lost.sessionId);
    // Resumed since, here or elsewhere: then its fence is another one.
    if (session != nullptr && session->peer == nullptr && session->state->fence == lost.fence) {
      noteSilence(*session, true);
    }
  }
}

}  // namespace rtm::server
