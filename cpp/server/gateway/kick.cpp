// A session is put out of a channel. The session is what knows where it is a member, so the order goes to it, wherever
// it is, and it leaves like one that had asked to.

#include <utility>

#include "server/gateway/gateway.hpp"

namespace rtm::server {

bool Gateway::onKick(std::uint64_t sessionId, std::string_view channelId) {
  Session* session = findSession(sessionId);
  if (session == nullptr) return false;
  SessionState& state = *session->state;
  const auto found = state.channels.find(channelId);
  if (found == state.channels.end()) return false;
  const bool answered = found->second.answered;
  state.kicked.push_back(found->first);
  forgetChannel(*session, channelId);
  port_.leave(state.channel(channelId), state.user(), state.fence, [](bool) {});
  // Before its JOIN_RESULT the client would take this for an older membership; after it, it is told.
  if (answered) tellKicked(*session);
  return true;
}

void Gateway::tellKicked(Session& session) {
  if (!session.live) return;  // when it resumes
  for (const std::string& channelId : std::exchange(session.state->kicked, {})) {
    session.peer->send(wire::ChannelKicked{.channelId = channelId});
  }
}

}  // namespace rtm::server
