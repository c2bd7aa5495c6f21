// A session goes on over a new connection (design §6). In this order: the engine moves the session here under a new
// fence; all its channels are joined again, which brings what was missed in them; RESUME_RESULT; results of sends the
// client may not know; missed channel messages; missed peer messages; then everything new.

#include <algorithm>
#include <memory>
#include <string>

#include "base/identifiers.hpp"
#include "server/gateway/gateway.hpp"
#include "server/login/admission.hpp"
#include "server/model/codes.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

/// A RESUME on its way.
struct Resuming {
  Resuming(Gateway& where, std::uint64_t peer) : gateway(where), peerId(peer) {}

  Gateway& gateway;
  std::uint64_t peerId;
  AppNumber app{};
  std::string userId;
  std::uint64_t sessionId = 0;
  std::uint64_t firstUnanswered = 0;
  std::uint64_t tokenExpiresAtMs = 0;
  TextMap<ChannelPlace> places;

  std::uint64_t fence = 0;  ///< from here on: what the engine gave
  ResumeToken token{};
  bool inboxComplete = false;
  bool rebuilt = false;  ///< its state was made anew here: of its subscriptions nothing is known
  bool failed = false;   ///< a channel could not be joined again now
  std::size_t left = 0;  ///< channels that are not joined again yet
  struct Channel {
    std::string channelId;
    JoinOutcome outcome;
  };
  std::vector<Channel> channels;

  /// The session, if it is still this resume that has it.
  Session* session() const {
    Session* found = gateway.findSession(sessionId);
    const bool ours =
        found != nullptr && found->state->fence == fence && found->peer != nullptr && found->peer->id() == peerId;
    return ours ? found : nullptr;
  }
};

void refuseResume(Peer& peer, std::uint32_t code, std::string_view reason) {
  wire::ResumeResult result;
  result.code = code;
  result.reason = reason;
  peer.send(result);
  // Not resumed and no error: the client logs in anew, on this connection.
  if (code == code::kOk) return peer.setPhase(Peer::kLogin);
  peer.closeAfterFlush();
}

void refuseResume(Peer& peer, ResumeOutcome::Status status) {
  switch (status) {
    case ResumeOutcome::Status::RemoteLogin:
      return peer.close(wire::ByeCode::RemoteLogin, "the user logged in elsewhere");
    case ResumeOutcome::Status::Banned:
      return peer.close(wire::ByeCode::Banned, "the user is banned");
    case ResumeOutcome::Status::Busy:
      return peer.close(wire::ByeCode::Overloaded, "another resume of this session is under way");
    case ResumeOutcome::Status::Unknown:
    case ResumeOutcome::Status::Resumed:
      return refuseResume(peer, code::kOk, "no such session, or its token was used");
  }
}

void complete(Resuming& resuming) {
  Session* session = resuming.session();
  if (session == nullptr) return;
  Gateway& gateway = resuming.gateway;
  Peer& peer = *session->peer;
  if (resuming.failed) return peer.close(wire::ByeCode::Overloaded, "the shared state cannot be reached");
  SessionState& state = *session->state;
  wire::ResumeResult result{.code = code::kOk,
                            .reason = {},
                            .resumed = true,
                            .resumeToken = resuming.token,
                            .inboxComplete = resuming.inboxComplete,
                            .channels = {},
                            .acceptedSeq = state.acceptedSeq,
                            .tokenLifeMs = tokenLifeMs(state.tokenExpiresAtMs, gateway.wallClockMs()),
                            .subscriptionsLost = resuming.rebuilt};
  for (const Resuming::Channel& channel : resuming.channels) {
    if (!channel.outcome.joined) continue;
    result.channels.push_back({.channelId = channel.channelId,
                               .epoch = channel.outcome.epoch,
                               .offset = channel.outcome.offset,
                               .complete = channel.outcome.complete,
                               .memberCount = channel.outcome.memberCount});
  }
  peer.send(result);
  peer.setPhase(Peer::kEstablished);
  peer.setFrameLimit(wire::kMaxFrameBody);
  session->live = true;
  session->unconfirmed = true;
  gateway.stats().resumes.add();
  state.quotas.allowRepeats();
  state.results.forgetBelow(resuming.firstUnanswered);
  for (const SentResults::Run& run : state.results.from(resuming.firstUnanswered)) {
    gateway.repeatAnswer(*session, run.first, run.count, run.code);
  }
  gateway.flushResults(*session);
  if (!session->held.empty()) peer.sendFrames(session->held);
  session->held = {};
  // Where the client thinks it is, and is not: it was put out, and the notice may have gone with the old link.
  for (const auto& [channelId, place] : resuming.places) {
    const bool member = state.channels.find(channelId) != state.channels.end();
    const bool noted = std::find(state.kicked.begin(), state.kicked.end(), channelId) != state.kicked.end();
    if (!member && !noted) state.kicked.push_back(channelId);
  }
  gateway.tellKicked(*session);
  gateway.port().startDelivery(state.user(), state.fence);
  restoreSubscriptions(gateway, *session);
}

void rejoined(Resuming& resuming, const std::string& channelId, JoinOutcome outcome) {
  --resuming.left;
  if (outcome.failed) {
    resuming.failed = true;  // the membership may be there: the next try will tell
  } else if (Session* session = resuming.session()) {
    if (outcome.joined) {
      for (const SharedFrame& frame : outcome.replay) {
        const ByteView bytes = frame.bytes();
        session->held.insert(session->held.end(), bytes.begin(), bytes.end());
      }
      resuming.gateway.listInHub(*session, channelId, outcome.memberCount);
    } else {
      resuming.gateway.forgetChannel(*session, channelId);
    }
  }
  outcome.replay.clear();
  resuming.channels.push_back({channelId, std::move(outcome)});
  if (resuming.left == 0) complete(resuming);
}

void rejoinAll(const std::shared_ptr<Resuming>& resuming, const SessionState& state) {
  Gateway& gateway = resuming->gateway;
  std::vector<std::string> channelIds;
  for (const auto& [channelId, membership] : state.channels) channelIds.push_back(channelId);
  resuming->left = channelIds.size();
  if (channelIds.empty()) return complete(*resuming);
  for (const std::string& channelId : channelIds) {
    const auto place = resuming->places.find(channelId);
    const ChannelPlace from = place == resuming->places.end() ? ChannelPlace{} : place->second;
    JoinRequest request{.app = state.app,
                        .channelId = channelId,
                        .userId = state.userId,
                        .address = {gateway.index(), state.sessionId},
                        .fence = resuming->fence,
                        .again = true,
                        .epoch = from.epoch,
                        .offset = from.offset};
    gateway.port().join(std::move(request), [resuming, channelId](JoinOutcome outcome) {
      rejoined(*resuming, channelId, std::move(outcome));
    });
  }
}

/// The state of a session that lived on another node: what its client knows of it. All unanswered sends come again; the
/// engine knows those that it has seen.
std::unique_ptr<SessionState> rebuild(const Resuming& resuming) {
  Gateway& gateway = resuming.gateway;
  const ServerOptions& options = gateway.context().options;
  auto state = std::make_unique<SessionState>(resuming.app, resuming.userId, resuming.sessionId, options.limits,
                                              options.graceMs, gateway.now());
  state->acceptedSeq = resuming.firstUnanswered - std::min<std::uint64_t>(resuming.firstUnanswered, 1);
  for (const auto& [channelId, place] : resuming.places) {
    state->channels.emplace(channelId, Membership{.hubPosition = Membership::kUnlisted, .answered = true});
  }
  return state;
}

void finishResume(const std::shared_ptr<Resuming>& resuming, ResumeOutcome outcome) {
  Gateway& gateway = resuming->gateway;
  Peer* peer = gateway.findPeer(resuming->peerId);
  if (outcome.status != ResumeOutcome::Status::Resumed) {
    if (peer != nullptr) refuseResume(*peer, outcome.status);
    return;
  }
  Session* session = gateway.findSession(resuming->sessionId);
  if (outcome.carry) {
    std::unique_ptr<SessionState> state(static_cast<SessionState*>(outcome.carry.release()));
    session = &gateway.addSession(std::move(state));
  }
  if (session == nullptr && outcome.rebuild) {
    resuming->rebuilt = true;
    session = &gateway.addSession(rebuild(*resuming));
  }
  if (session == nullptr) {
    if (peer != nullptr) refuseResume(*peer, ResumeOutcome::Status::Unknown);
    return;
  }
  gateway.takeLink(*session);
  session->state->fence = outcome.fence;
  if (peer == nullptr) {
    return gateway.loseLink(*session, gateway.now());
  }
  session->state->tokenExpiresAtMs = resuming->tokenExpiresAtMs;
  resuming->fence = outcome.fence;
  resuming->token = outcome.resumeToken;
  resuming->inboxComplete = outcome.inboxComplete;
  gateway.bind(*session, *peer);
  rejoinAll(resuming, *session->state);
}

}  // namespace

void onChannelPositions(Peer& peer, const wire::ChannelPositions& positions) {
  for (const wire::ChannelPosition& position : positions.channels) {
    if (isValidChannelId(position.channelId)) peer.addPlace(position.channelId, {position.epoch, position.offset});
  }
}

void onResume(Peer& peer, const wire::Resume& resume) {
  Gateway& gateway = peer.gateway();
  if (gateway.turnAway(peer)) return;
  const Admission admission =
      admit(gateway.context(), resume.appId, resume.userId, resume.token, gateway.wallClockMs());
  if (admission.banned) return peer.close(wire::ByeCode::Banned, admission.reason);
  if (admission.code != code::kOk) return refuseResume(peer, admission.code, admission.reason);
  ResumeRequest request{.app = admission.app,
                        .userId = std::string(resume.userId),
                        .address = {gateway.index(), resume.sessionId},
                        .token = {},
                        .capabilities = peer.capabilities(),
                        .inboxEpoch = resume.inboxEpoch,
                        .inboxOffset = resume.inboxOffset};
  if (resume.resumeToken.size() != request.token.size()) return refuseResume(peer, ResumeOutcome::Status::Unknown);
  std::copy(resume.resumeToken.begin(), resume.resumeToken.end(), request.token.begin());
  peer.setPhase(Peer::kLoggingIn);

  const auto resuming = std::make_shared<Resuming>(gateway, peer.id());
  resuming->app = admission.app;
  resuming->userId = resume.userId;
  resuming->sessionId = resume.sessionId;
  resuming->firstUnanswered = resume.firstUnansweredSeq;
  resuming->tokenExpiresAtMs = admission.expiresAtMs;
  resuming->places = peer.takePlaces();
  for (const wire::ChannelPosition& channel : resume.channels) {
    if (!isValidChannelId(channel.channelId)) continue;
    resuming->places.insert_or_assign(std::string(channel.channelId), ChannelPlace{channel.epoch, channel.offset});
  }
  gateway.port().resumeSession(std::move(request),
                               [resuming](ResumeOutcome outcome) { finishResume(resuming, std::move(outcome)); });
}

}  // namespace rtm::server
