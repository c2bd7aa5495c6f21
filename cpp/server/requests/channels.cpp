#include <memory>
#include <vector>

#include "base/identifiers.hpp"
#include "server/gateway/callout_questions.hpp"
#include "server/model/codes.hpp"
#include "server/requests/denials.hpp"
#include "server/requests/handlers.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {
namespace {

/// The session `sessionId` if it still uses the connection `connectionId`; if not, the answer has no receiver.
Session* stillThere(Gateway& gateway, std::uint64_t sessionId, std::uint64_t connectionId) {
  Session* session = gateway.sessions().find(sessionId);
  return session != nullptr && session->connection != nullptr && session->connection->id() == connectionId ? session
                                                                                                           : nullptr;
}

std::uint32_t judgeJoin(Gateway& gateway, SessionState& state, std::string_view channelId) {
  if (!isValidChannelId(channelId)) return code::join::kInvalidArgument;
  if (!state.quotas.take(wire::RateGroup::Join, gateway.now())) return code::join::kTooOften;
  if (!state.quotas.takeJoin(channelId, gateway.now())) return code::join::kSameChannelTooOften;
  const std::uint32_t most = gateway.context().options.limits.joinedChannels;
  return most != 0 && state.channels.size() >= most ? code::join::kExceedLimit : code::kOk;
}

/// What the channel of a restored membership got since the server started.
void sendMissed(ClientConnection& connection, const std::vector<SharedFrame>& replay) {
  Bytes frames;
  for (const SharedFrame& frame : replay) {
    const ByteView bytes = frame.bytes();
    frames.insert(frames.end(), bytes.begin(), bytes.end());
  }
  if (!frames.empty()) connection.sendReplay(frames);
}

void finishJoin(Gateway& gateway, std::uint64_t sessionId, std::uint64_t connectionId, const std::string& channelId,
                std::uint32_t requestId, const JoinOutcome& outcome) {
  Session* session = stillThere(gateway, sessionId, connectionId);
  if (session == nullptr) return;
  if (outcome.joined) {
    gateway.channels().list(*session, channelId, outcome.memberCount);
  } else {
    gateway.channels().forget(*session, channelId);
  }
  session->connection->send(wire::JoinResult{.requestId = requestId,
                                             .code = outcome.joined ? code::kOk : code::join::kFailure,
                                             .epoch = outcome.epoch,
                                             .offset = outcome.offset,
                                             .memberCount = outcome.memberCount});
  sendMissed(*session->connection, outcome.replay);
  const auto membership = session->state->channels.find(channelId);
  if (membership != session->state->channels.end()) membership->second.answered = true;
  gateway.sessions().tellKicked(*session);  // it may have been removed before it had this answer
}

void answerJoin(ClientConnection& connection, std::uint32_t requestId, std::uint32_t code) {
  wire::JoinResult refusal;
  refusal.requestId = requestId;
  refusal.code = code;
  connection.send(refusal);
}

void submitJoin(Gateway& gateway, ClientConnection& connection, const wire::Join& join) {
  SessionState& state = *connection.session()->state;
  const std::string_view channelId = join.channelId;
  if (!state.channels.contains(channelId)) state.channels.emplace(std::string(channelId), Membership{});
  JoinRequest request{.app = state.app,
                      .channelId = std::string(channelId),
                      .userId = state.userId,
                      .address = {gateway.index(), state.sessionId},
                      .fence = state.fence,
                      .epoch = join.epoch,
                      .offset = join.offset,
                      .restores = join.restores};
  gateway.engine().join(std::move(request),
                        [&gateway, sessionId = state.sessionId, connectionId = connection.id(),
                         channelId = std::string(channelId), requestId = join.requestId](const JoinOutcome& outcome) {
                          finishJoin(gateway, sessionId, connectionId, channelId, requestId, outcome);
                        });
}

/// A client whose connection has ended since asks again after its resume.
void joinAsAnswered(Gateway& gateway, ClientConnection& connection, const wire::Join& join, bool allowed) {
  SessionState& state = *connection.session()->state;
  const std::uint32_t requestId = join.requestId;
  const std::string_view channelId = join.channelId;
  if (!allowed) noteDenied(gateway, connection, Action::Join, channelId);
  // The rules may be others by now, and other joins may have used up the places.
  if (!allowed || denied(gateway, connection, Action::Join, channelId)) {
    return answerJoin(connection, requestId, code::join::kFailure);
  }
  const std::uint32_t most = gateway.context().options.limits.joinedChannels;
  if (most != 0 && !state.channels.contains(channelId) && state.channels.size() >= most) {
    return answerJoin(connection, requestId, code::join::kExceedLimit);
  }
  submitJoin(gateway, connection, join);
}

void askAboutJoin(Gateway& gateway, ClientConnection& connection, const wire::Join& join) {
  Session& session = *connection.session();
  if (session.calloutAsked >= Session::kMostCalloutAsked) {
    return answerJoin(connection, join.requestId, code::join::kFailure);
  }
  ++session.calloutAsked;
  auto answered = [&gateway, sessionId = session.state->sessionId, asked = join,
                   channelId = std::string(join.channelId)](ClientConnection* asking, const CalloutAnswer& answer) {
    Session* found = gateway.sessions().find(sessionId);
    // 0 if the session was on another loop in between: each loop counts for itself.
    if (found != nullptr && found->calloutAsked > 0) --found->calloutAsked;
    if (found == nullptr || asking == nullptr || asking->session() != found) return;
    if (asking->phase() != ClientConnection::kEstablished) return;
    wire::Join again = asked;
    again.channelId = channelId;  // that of `asked` has gone with its frame
    joinAsAnswered(gateway, *asking, again, answer.allowed);
  };
  askCallout(gateway, connection, CalloutEvent::Join, session.state->user(), join.channelId, std::move(answered));
}

}  // namespace

void onJoin(Gateway& gateway, ClientConnection& connection, const wire::Join& join) {
  SessionState& state = *connection.session()->state;
  // A repeat after a resume is answered like the first request and does not count against the limits.
  const bool known = state.channels.find(join.channelId) != state.channels.end();
  std::uint32_t verdict = known ? code::kOk : judgeJoin(gateway, state, join.channelId);
  if (!known && verdict == code::kOk && denied(gateway, connection, Action::Join, join.channelId)) {
    verdict = code::join::kFailure;
  }
  if (verdict != code::kOk) return answerJoin(connection, join.requestId, verdict);
  if (!known && gateway.permissions().asks(CalloutEvent::Join)) return askAboutJoin(gateway, connection, join);
  submitJoin(gateway, connection, join);
}

void onLeave(Gateway& gateway, ClientConnection& connection, const wire::Leave& leave) {
  Session& session = *connection.session();
  SessionState& state = *session.state;
  const auto found = state.channels.find(leave.channelId);
  if (found == state.channels.end()) {
    return connection.send(
        wire::Result{.requestId = leave.requestId, .code = code::leave::kNotInChannel, .tokenLifeMs = 0});
  }
  gateway.channels().forget(session, leave.channelId);
  gateway.engine().leave(state.channel(leave.channelId), state.user(), state.fence,
                         [&gateway, connectionId = connection.id(), requestId = leave.requestId](bool) {
                           ClientConnection* asking = gateway.connections().find(connectionId);
                           if (asking == nullptr) return;
                           // The results of what was sent to the channel before: after the answer they would be
                           // nobody's.
                           if (Session* const left = asking->session()) gateway.answers().flush(*left);
                           asking->send(wire::Result{.requestId = requestId, .code = code::kOk, .tokenLifeMs = 0});
                         });
}

void onGetMembers(Gateway& gateway, ClientConnection& connection, const wire::GetMembers& get) {
  SessionState& state = *connection.session()->state;
  const auto refuse = [&](std::uint32_t code) {
    connection.send(wire::Members{.requestId = get.requestId, .code = code, .userIds = {}});
  };
  if (!state.quotas.take(wire::RateGroup::GetMembers, gateway.now())) return refuse(code::members::kTooOften);
  if (!isValidChannelId(get.channelId)) return refuse(code::members::kNotInChannel);
  const std::uint32_t limit = gateway.context().options.limits.listedMembers;
  gateway.engine().members(
      state.channel(get.channelId), state.user(), state.fence, limit == 0 ? wire::kMaxRepeated : limit,
      [&gateway, connectionId = connection.id(), requestId = get.requestId](const MembersOutcome& outcome) {
        ClientConnection* asking = gateway.connections().find(connectionId);
        if (asking == nullptr) return;
        wire::Members answer{.requestId = requestId, .code = code::kOk, .userIds = {}};
        if (!outcome.member) answer.code = code::members::kNotInChannel;
        if (outcome.failed) answer.code = code::members::kFailure;
        std::size_t bytes = 0;
        for (const std::string& userId : outcome.userIds) {
          bytes += userId.size() + 2;
          if (bytes > wire::kMaxPayloadBytes) break;
          answer.userIds.push_back(userId);
        }
        asking->send(answer);
      });
}

void onGetMemberCounts(Gateway& gateway, ClientConnection& connection, const wire::GetMemberCounts& get) {
  SessionState& state = *connection.session()->state;
  const auto refuse = [&](std::uint32_t code) {
    connection.send(wire::MemberCounts{.requestId = get.requestId, .code = code, .counts = {}});
  };
  const std::uint32_t most = gateway.context().options.limits.countChannels;
  if (!state.quotas.take(wire::RateGroup::MemberCount, gateway.now())) return refuse(code::count::kTooOften);
  if (most != 0 && get.channelIds.size() > most) return refuse(code::count::kExceedLimit);
  if (get.channelIds.empty()) return refuse(code::count::kInvalidArgument);
  for (const std::string_view channelId : get.channelIds) {
    if (!isValidChannelId(channelId)) return refuse(code::count::kInvalidArgument);
  }
  struct Gathering {
    wire::MemberCounts answer;
    std::size_t left;
  };
  const auto gathering = std::make_shared<Gathering>();
  gathering->answer.requestId = get.requestId;
  gathering->answer.counts.resize(get.channelIds.size());
  gathering->left = get.channelIds.size();
  for (std::size_t i = 0; i < get.channelIds.size(); ++i) {
    gateway.engine().memberCount(
        state.channel(get.channelIds[i]),
        [&gateway, gathering, i, connectionId = connection.id()](std::optional<std::uint32_t> count) {
          gathering->answer.counts[i] = count.value_or(0);
          if (!count) gathering->answer.code = code::count::kFailure;
          ClientConnection* asking = --gathering->left == 0 ? gateway.connections().find(connectionId) : nullptr;
          if (asking == nullptr) return;
          if (gathering->answer.code != code::kOk) gathering->answer.counts.clear();
          asking->send(gathering->answer);
        });
  }
}

}  // namespace rtm::server
