// A session goes on over a new connection. In this order: the engine moves the session here under a new fence; the
// session joins all its channels again, which brings the messages that it missed; RESUME_RESULT; results of sends that
// the client may not know; missed channel messages; missed peer messages; then everything new.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/identifiers.hpp"
#include "server/gateway/rule_change.hpp"
#include "server/login/admission.hpp"
#include "server/login/handlers.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

/// Most positions of a client that is not logged in; the rest is dropped (docs/protocol.md).
constexpr std::size_t kMostPlaces = 256;

/// A RESUME on its way.
struct Resuming {
  Resuming(Gateway& where, std::uint64_t connection) : gateway(where), connectionId(connection) {}

  Gateway& gateway;
  std::uint64_t connectionId;
  AppNumber app{};
  std::string userId;
  std::uint64_t sessionId = 0;
  std::uint64_t firstUnanswered = 0;
  std::uint64_t tokenExpiresAtMs = 0;
  std::vector<std::string> roles;
  bool asked = false;  ///< the callout has told the roles
  TextMap<ChannelPlace> places;

  // Set when the engine has answered.
  std::uint64_t fence = 0;
  ResumeToken token{};
  bool inboxComplete = false;
  bool rebuilt = false;  ///< this loop has a new state of it, without its subscriptions
  bool failed = false;   ///< a channel could not be joined again now
  std::size_t left = 0;  ///< channels that are not joined again yet
  struct Channel {
    std::string channelId;
    JoinOutcome outcome;
  };
  std::vector<Channel> channels;

  /// The session, if no later resume or login has taken it over.
  Session* session() const {
    Session* found = gateway.sessions().find(sessionId);
    const bool ours = found != nullptr && found->state->fence == fence && found->connection != nullptr &&
                      found->connection->id() == connectionId;
    return ours ? found : nullptr;
  }
};

void refuseResume(ClientConnection& connection, std::uint32_t code, std::string_view reason) {
  wire::ResumeResult result;
  result.code = code;
  result.reason = reason;
  connection.send(result);
  // Not resumed and no error: the client logs in again, on this connection.
  if (code == code::kOk) return connection.setPhase(ClientConnection::kLogin);
  connection.closeAfterFlush();
}

void refuseResume(ClientConnection& connection, ResumeStatus status) {
  switch (status) {
    case ResumeStatus::RemoteLogin:
      return connection.close(wire::ByeCode::RemoteLogin, "the user logged in elsewhere");
    case ResumeStatus::Banned:
      return connection.close(wire::ByeCode::Banned, "the user is banned");
    case ResumeStatus::Busy:
      return connection.close(wire::ByeCode::Overloaded, "another resume of this session is under way");
    case ResumeStatus::Unknown:
    case ResumeStatus::Resumed:
      return refuseResume(connection, code::kOk, "no such session, or its token was used");
  }
}

/// Tells the client the states of all users that it watches, because it may have missed any change.
void restoreSubscriptions(Gateway& gateway, Session& session) {
  if (session.state->subscriptions.empty() || session.connection == nullptr) return;
  auto all = std::make_shared<std::vector<std::string>>();
  for (const auto& [userId, subscription] : session.state->subscriptions) all->push_back(userId);
  gateway.presence().list(session, *all, [&gateway, all, connectionId = session.connection->id()] {
    if (Session* resumed = gateway.connections().sessionOf(connectionId)) gateway.presence().tell(*resumed, *all);
  });
}

void complete(Resuming& resuming) {
  Session* session = resuming.session();
  if (session == nullptr) return;
  Gateway& gateway = resuming.gateway;
  ClientConnection& connection = *session->connection;
  if (resuming.failed) return connection.close(wire::ByeCode::Overloaded, "the shared state cannot be reached");
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
  connection.send(result);
  connection.setPhase(ClientConnection::kEstablished);
  session->live = true;
  session->unconfirmed = true;
  gateway.stats().resumes.add();
  state.quotas.allowRepeats();
  state.results.forgetBelow(resuming.firstUnanswered);
  for (const SentResults::Run& run : state.results.from(resuming.firstUnanswered)) {
    gateway.answers().repeat(*session, run.first, run.count, run.code);
  }
  gateway.answers().flush(*session);
  if (!session->held.empty()) connection.sendReplay(session->held);
  session->held = {};
  // Channels that the client still lists although it was removed from them: the notice may have been lost with the old
  // link.
  for (const auto& [channelId, place] : resuming.places) {
    const bool member = state.channels.find(channelId) != state.channels.end();
    const bool noted = std::find(state.kicked.begin(), state.kicked.end(), channelId) != state.kicked.end();
    if (!member && !noted) state.kicked.push_back(channelId);
  }
  gateway.sessions().tellKicked(*session);
  gateway.engine().startDelivery(state.user(), state.fence);
  restoreSubscriptions(gateway, *session);
}

/// Keeps the messages that the client missed in a channel until RESUME_RESULT is sent. False: they do not fit, or are
/// more than the user may take.
bool hold(const Ledger& ledger, Session& session, const std::vector<SharedFrame>& replay) {
  std::size_t size = session.held.size();
  for (const SharedFrame& frame : replay) size += frame.bytes().size();
  if (size > Session::kReplayBytes) return false;
  if (size > Session::kFreeReplayBytes && !ledger.mayGrow(session.state->user(), size)) return false;
  for (const SharedFrame& frame : replay) {
    const ByteView bytes = frame.bytes();
    session.held.insert(session.held.end(), bytes.begin(), bytes.end());
  }
  return true;
}

void rejoined(Resuming& resuming, const std::string& channelId, JoinOutcome outcome) {
  --resuming.left;
  if (outcome.failed) {
    resuming.failed = true;  // the membership may exist: the next try tells
  } else if (Session* session = resuming.session()) {
    if (outcome.joined) {
      outcome.complete = hold(*resuming.gateway.context().ledger, *session, outcome.replay) && outcome.complete;
      resuming.gateway.channels().list(*session, channelId, outcome.memberCount);
    } else {
      resuming.gateway.channels().forget(*session, channelId);
    }
  }
  outcome.replay.clear();
  resuming.channels.push_back({channelId, std::move(outcome)});
  if (resuming.left == 0) complete(resuming);
}

void rejoinAll(const std::shared_ptr<Resuming>& resuming, SessionState& state) {
  Gateway& gateway = resuming->gateway;
  leaveForbidden(gateway, state);
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
    gateway.engine().join(std::move(request), [resuming, channelId](JoinOutcome outcome) {
      rejoined(*resuming, channelId, std::move(outcome));
    });
  }
}

/// The state of a session that lived on another node, from what its client knows. The client sends all unanswered sends
/// again; the engine recognises the sends that it has seen.
std::unique_ptr<SessionState> rebuild(const Resuming& resuming) {
  Gateway& gateway = resuming.gateway;
  const ServerOptions& options = gateway.context().options;
  auto state = std::make_unique<SessionState>(resuming.app, resuming.userId, resuming.sessionId, options.limits,
                                              options.graceMs, gateway.now());
  gateway.context().known.quotas->giveBack(state->user(), state->quotas, gateway.now());
  state->acceptedSeq = resuming.firstUnanswered - std::min<std::uint64_t>(resuming.firstUnanswered, 1);
  for (const auto& [channelId, place] : resuming.places) {
    state->channels.emplace(channelId, Membership{.listPosition = Membership::kUnlisted, .answered = true});
  }
  return state;
}

void finishResume(const std::shared_ptr<Resuming>& resuming, ResumeOutcome outcome) {
  Gateway& gateway = resuming->gateway;
  ClientConnection* connection = gateway.connections().find(resuming->connectionId);
  if (outcome.status != ResumeStatus::Resumed) {
    if (connection != nullptr) refuseResume(*connection, outcome.status);
    return;
  }
  Session* session = gateway.sessions().find(resuming->sessionId);
  if (outcome.carry) {
    std::unique_ptr<SessionState> state(static_cast<SessionState*>(outcome.carry.release()));
    session = &gateway.sessions().add(std::move(state));
  }
  if (session == nullptr && outcome.rebuild) {
    resuming->rebuilt = true;
    session = &gateway.sessions().add(rebuild(*resuming));
  }
  if (session == nullptr) {
    if (connection != nullptr) refuseResume(*connection, ResumeStatus::Unknown);
    return;
  }
  gateway.sessions().takeLink(*session);
  session->state->fence = outcome.fence;
  if (connection == nullptr) {
    return gateway.silence().linkLost(*session, gateway.now(), gateway.now());
  }
  session->state->tokenExpiresAtMs = resuming->tokenExpiresAtMs;
  if (resuming->asked) session->state->setRoles(std::move(resuming->roles));
  resuming->fence = outcome.fence;
  resuming->token = outcome.resumeToken;
  resuming->inboxComplete = outcome.inboxComplete;
  // The user has paid with its login.
  gateway.context().known.logins->giveBackAddress(connection->beforeLogin().prefix, gateway.now());
  gateway.sessions().bind(*session, *connection);
  rejoinAll(resuming, *session->state);
}

}  // namespace

void onChannelPositions(Gateway& /*gateway*/, ClientConnection& connection, const wire::ChannelPositions& positions) {
  TextMap<ChannelPlace>& places = connection.beforeLogin().places;
  for (const wire::ChannelPosition& position : positions.channels) {
    if (places.size() >= kMostPlaces) return;
    if (!isValidChannelId(position.channelId)) continue;
    places.insert_or_assign(std::string(position.channelId), ChannelPlace{position.epoch, position.offset});
  }
}

void onResume(Gateway& gateway, ClientConnection& connection, const wire::Resume& resume) {
  if (gateway.turnAway(connection) || !countAddress(gateway, connection, resume.appId, resume.userId)) return;
  Admission admission = admit(gateway.context(), resume.appId, resume.userId, resume.token, gateway.wallClockMs());
  applyRules(gateway.permissions(), resume.userId, admission);
  if (admission.code != code::kOk) noteRefusedLogin(gateway, connection, admission, resume.appId, resume.userId);
  if (admission.banned || admission.denied) return connection.close(wire::ByeCode::Banned, admission.reason);
  if (admission.code != code::kOk) return refuseResume(connection, admission.code, admission.reason);
  if (sendAwayRefused(gateway, connection, admission.app, resume.userId)) return;
  if (!countUser(gateway, connection, admission.app, resume.userId)) {
    return connection.close(wire::Bye{.code = wire::ByeCode::Overloaded,
                                      .reason = "the user resumes too often",
                                      .retryAfterMs = retryAfterMs(gateway),
                                      .endpoints = {}});
  }
  ResumeRequest request{.app = admission.app,
                        .userId = std::string(resume.userId),
                        .address = {gateway.index(), resume.sessionId},
                        .token = {},
                        .capabilities = connection.capabilities(),
                        .inboxEpoch = resume.inboxEpoch,
                        .inboxOffset = resume.inboxOffset};
  if (resume.resumeToken.size() != request.token.size()) return refuseResume(connection, ResumeStatus::Unknown);
  std::copy(resume.resumeToken.begin(), resume.resumeToken.end(), request.token.begin());
  connection.setPhase(ClientConnection::kLoggingIn);

  const auto resuming = std::make_shared<Resuming>(gateway, connection.id());
  resuming->app = admission.app;
  resuming->userId = resume.userId;
  resuming->sessionId = resume.sessionId;
  resuming->firstUnanswered = resume.firstUnansweredSeq;
  resuming->tokenExpiresAtMs = admission.expiresAtMs;
  resuming->places = std::exchange(connection.beforeLogin().places, {});
  for (const wire::ChannelPosition& channel : resume.channels) {
    if (!isValidChannelId(channel.channelId)) continue;
    resuming->places.insert_or_assign(std::string(channel.channelId), ChannelPlace{channel.epoch, channel.offset});
  }
  auto answered = [resuming, held = std::move(request)](ClientConnection& asking, const Admission& told,
                                                        std::vector<std::string> roles) mutable {
    if (told.code != code::kOk) return asking.close(wire::ByeCode::Banned, told.reason);
    resuming->asked = resuming->gateway.permissions().asks(CalloutEvent::Login);
    resuming->roles = std::move(roles);
    resuming->gateway.engine().resumeSession(
        std::move(held), [resuming](ResumeOutcome outcome) { finishResume(resuming, std::move(outcome)); });
  };
  askAboutLogin(gateway, connection, admission, resume.userId, std::move(answered));
}

}  // namespace rtm::server
