#include "server/gateway/silence_watch.hpp"

#include <algorithm>

namespace rtm::server {

void SilenceWatch::note(Session& session, bool silent) {
  if (session.silent == silent) return;
  session.silent = silent;
  engine_.noteSilence(session.state->user(), session.state->fence, silent);
}

void SilenceWatch::linkLost(const Session& session, std::uint64_t lastReceivedMs, std::uint64_t nowMs) {
  const SessionState& state = *session.state;
  const std::uint64_t quiet = nowMs - std::min(nowMs, lastReceivedMs);
  const std::uint64_t grace = options_.graceMs;
  lost_.emplace(nowMs - quiet + options_.unreachableMs, Lost{state.sessionId, state.fence});
  engine_.linkLost(state.user(), state.fence, grace - std::min(grace, quiet));
}

void SilenceWatch::sweep(std::uint64_t nowMs) {
  while (!lost_.empty() && lost_.begin()->first <= nowMs) {
    const Lost lost = lost_.begin()->second;
    lost_.erase(lost_.begin());
    Session* session = sessions_.find(lost.sessionId);
    // A resume, here or elsewhere, gives the session another fence.
    if (session != nullptr && session->connection == nullptr && session->state->fence == lost.fence) {
      note(*session, true);
    }
  }
}

}  // namespace rtm::server
