// What the server says: one function per frame kind of the handshake, a table for the rest.

#include "base/identifiers.hpp"
#include "client/channel.hpp"
#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr std::uint32_t kProtocolVersion = 1;

}  // namespace

bool Service::onFrame(std::uint64_t attempt, wire::FrameKind kind, ByteView body) {
  const std::lock_guard lock(mutex_);
  if (attempt != attempt_ || released_) return false;
  return handleFrame(kind, body);
}

void Service::onBatchEnd(std::uint64_t attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt != attempt_ || released_ || !ackDue_ || session_->link() == nullptr) return;
  // One acknowledgement for all messages of a read. A full queue only delays it: the next batch tries again.
  if (session_->link()->send(wire::InboxAck{.offset = inboxOffset_})) ackDue_ = false;
}

/// Decodes `body` as M and calls `handle`; a body that does not decode ends the link.
#define RTM_HANDLE(Message, handle)                                         \
  case wire::FrameKind::Message: {                                          \
    wire::Message message;                                                  \
    return wire::decode(body, message) ? handle(message) : malformed(kind); \
  }

bool Service::handleFrame(wire::FrameKind kind, ByteView body) {
  if (!established_) {
    switch (kind) {
      RTM_HANDLE(HelloOk, handleHelloOk)
      RTM_HANDLE(LoginResult, handleLoginResult)
      RTM_HANDLE(ResumeResult, handleResumeResult)
      RTM_HANDLE(Bye, handleBye)
      default:
        return static_cast<unsigned>(kind) >= 128 || malformed(kind);
    }
  }
  switch (kind) {
    RTM_HANDLE(SendResults, handleSendResults)
    RTM_HANDLE(PeerMessage, handlePeerMessage)
    RTM_HANDLE(ChannelMessage, handleChannelMessage)
    RTM_HANDLE(JoinResult, handleJoinResult)
    RTM_HANDLE(Members, handleMembers)
    RTM_HANDLE(MemberEvent, handleMemberEvent)
    RTM_HANDLE(MemberCount, handleMemberCount)
    RTM_HANDLE(ChannelKicked, handleChannelKicked)
    RTM_HANDLE(MemberCounts, handleMemberCounts)
    RTM_HANDLE(PresenceStates, handlePresenceStates)
    RTM_HANDLE(PresenceEvent, handlePresenceEvent)
    RTM_HANDLE(UserAttributes, handleUserAttributes)
    RTM_HANDLE(ChannelAttributes, handleChannelAttributes)
    RTM_HANDLE(ChannelAttributesEvent, handleChannelAttributesEvent)
    RTM_HANDLE(HistoryResult, handleHistoryResult)
    RTM_HANDLE(MediaTicket, handleMediaTicket)
    RTM_HANDLE(Bye, handleBye)
    case wire::FrameKind::Result: {
      wire::Result result;
      if (!wire::decode(body, result)) return malformed(kind);
      if (result.requestId == 0 || machine_.phase() == ConnectionMachine::Phase::LoggingOut) {
        run(machine_.logoutDone());
        return machine_.loggedIn();
      }
      if (result.tokenLifeMs != 0) watchToken(result.tokenLifeMs);
      finishRequest(result.requestId, result.code);
      return true;
    }
    default:
      // A newer server may say more than we know; what matters to this version is above.
      return static_cast<unsigned>(kind) >= 128 || malformed(kind);
  }
}

#undef RTM_HANDLE

bool Service::malformed(wire::FrameKind kind) {
  linkFailed(LogLevel::Error, "the server sent a frame that is malformed or unexpected, kind " +
                                  std::to_string(static_cast<unsigned>(kind)));
  run(machine_.linkLost(random(), endedLink()));
  return false;
}

bool Service::handleHelloOk(const wire::HelloOk& hello) {
  if (hello.version != kProtocolVersion) {
    linkFailed(LogLevel::Error,
               "the server speaks protocol version " + std::to_string(hello.version) + ", this SDK version 1");
    serverRefused(LOGIN_ERR_REJECTED);
    return false;
  }
  const auto mask = static_cast<std::uint32_t>(serviceContext().areaCode);
  if (hello.area != 0 && (hello.area & mask) == 0) {
    // Fails closed: nothing about the user has been sent, and nothing will be. Another endpoint may be in the area.
    linkFailed(LogLevel::Error,
               "refused a server in area " + std::to_string(hello.area) + ", allowed are " + std::to_string(mask));
    run(machine_.linkLost(random(), endedLink()));
    return false;
  }
  serverCapabilities_ = hello.capabilities;
  net::Link& link = *session_->link();
  session_->awaitAnswer(net::ConnectStep::Login, handshakeMs());
  const bool canResume = (hello.capabilities & static_cast<std::uint64_t>(wire::Capability::Resume)) != 0;
  if (!haveSession_ || !canResume) {
    sendLogin(link);
    return true;
  }
  wire::Resume resume{.appId = appId_,
                      .userId = userId_,
                      .token = token_,
                      .sessionId = sessionId_,
                      .resumeToken = asBytes(resumeToken_),
                      .inboxEpoch = inboxEpoch_,
                      .inboxOffset = inboxOffset_};
  {
    const std::lock_guard lock(outboxMutex_);
    resume.firstUnansweredSeq = outbox_.firstUnansweredSeq();
  }
  if (wire::encodedSize(resume) > wire::kMaxFrameBodyBeforeLogin) {  // a token that has room in LOGIN, if anywhere
    haveSession_ = false;
    sendLogin(link);
    return true;
  }
  wire::ChannelPositions more;  // what has no room in RESUME goes ahead of it
  for (const auto& [id, channel] : channels_) {
    if (channel->state != Channel::State::Joined || channel->rejoining) continue;
    resume.channels.push_back({.channelId = channel->id(), .epoch = channel->epoch, .offset = channel->offset});
    if (wire::encodedSize(resume) <= wire::kMaxFrameBodyBeforeLogin) continue;
    more.channels.push_back(resume.channels.back());
    resume.channels.pop_back();
    if (wire::encodedSize(more) <= wire::kMaxFrameBodyBeforeLogin) continue;
    const wire::ChannelPosition next = more.channels.back();
    more.channels.pop_back();
    link.send(more);
    more.channels = {next};
  }
  if (!more.channels.empty()) link.send(more);
  link.send(resume);
  return true;
}

void Service::sendLogin(net::Link& link) {
  if (!isValidUtf8(token_)) {  // would make the whole frame malformed, and the server hang up instead of answering
    lastFailure_ = "token: not UTF-8";
    return tokenRefused(LOGIN_ERR_INVALID_TOKEN);
  }
  const wire::Login login{.appId = appId_, .userId = userId_, .token = token_};
  if (wire::encodedSize(login) > wire::kMaxFrameBodyBeforeLogin) {
    lastFailure_ = "the token has " + std::to_string(token_.size()) + " bytes, more than any valid one";
    return tokenRefused(LOGIN_ERR_INVALID_TOKEN);
  }
  link.send(login);
}

bool Service::handleLoginResult(const wire::LoginResult& result) {
  if (result.code != LOGIN_ERR_OK) {
    linkFailed(LogLevel::Warning, "the server refused the login: " + printable(result.reason));
    tokenRefused(static_cast<LOGIN_ERR_CODE>(result.code));
    return false;
  }
  haveSession_ = true;
  established_ = true;
  provenToken_ = token_;
  establishedMs_ = steadyMs();
  sessionId_ = result.sessionId;
  resumeToken_ = asText(result.resumeToken);
  inboxEpoch_ = result.inboxEpoch;
  inboxOffset_ = result.inboxOffset;
  ackDue_ = false;
  if (result.heartbeatMs != 0) heartbeatMs_ = result.heartbeatMs;
  graceMs_ = result.graceMs;
  adoptLimits(result.limits.value_or(wire::Limits{}));
  session_->established(heartbeatMs_, config_.timing.outage);
  reportEstablished(
      machine_.phase() == ConnectionMachine::Phase::LoggingIn ? LinkObserver::How::Login : LinkObserver::How::NewLogin,
      false);
  run(machine_.loginAccepted());
  watchToken(result.tokenLifeMs);  // after onLoginSuccess: a token may be within its last 30 s already
  return true;
}

bool Service::handleResumeResult(const wire::ResumeResult& result) {
  if (result.code != LOGIN_ERR_OK) {
    linkFailed(LogLevel::Warning, "the server refused the resume: " + printable(result.reason));
    tokenRefused(static_cast<LOGIN_ERR_CODE>(result.code));
    return false;
  }
  if (!result.resumed) {
    log(LogLevel::Info, "the session is over on the server; logging in anew: " + printable(result.reason));
    haveSession_ = false;
    session_->awaitAnswer(net::ConnectStep::Login, handshakeMs());
    sendLogin(*session_->link());
    return true;
  }
  established_ = true;
  provenToken_ = token_;
  establishedMs_ = steadyMs();
  resumeToken_ = asText(result.resumeToken);
  if (!result.inboxComplete) log(LogLevel::Error, "peer messages were lost during the interruption");
  std::vector<std::string> left;
  for (const wire::ChannelResume& position : result.channels) {
    const std::shared_ptr<Channel> channel = findChannel(position.channelId);
    if (channel == nullptr || channel->state == Channel::State::Out) {
      // Left or released while the link was lost for longer than a request waits, or joined too late for its caller.
      left.emplace_back(position.channelId);
      continue;
    }
    if (!position.complete) log(LogLevel::Info, channel->id() + ": more messages were missed than are kept");
    if (channel->epoch != position.epoch) channel->offset = 0;
    channel->epoch = position.epoch;
  }
  {
    const std::lock_guard lock(outboxMutex_);
    outbox_.rewind();
    outbox_.skipAccepted(result.acceptedSeq);
  }
  for (const std::string& channelId : left) leaveQuietly(channelId);
  session_->established(heartbeatMs_, config_.timing.outage);
  reportEstablished(LinkObserver::How::Resume, result.inboxComplete);
  run(machine_.resumed());
  for (const wire::ChannelResume& position : result.channels) {
    const std::shared_ptr<Channel> channel = findChannel(position.channelId);
    if (channel == nullptr || channel->state != Channel::State::Joined || channel->rejoining) continue;
    if (channel->memberCount != position.memberCount) reportMemberCount(channel, position.memberCount);
  }
  if (result.subscriptionsLost) restoreSubscriptions();
  settleSubscriptions();
  media_.onSession(MediaInput::SessionBack);
  watchToken(result.tokenLifeMs);
  return true;
}

bool Service::handleBye(const wire::Bye& bye) {
  closeGate();  // what is sent from now on would count as sent, though the server takes nothing any more
  linkFailed(LogLevel::Warning, "the server said goodbye, code " + std::to_string(static_cast<unsigned>(bye.code)) +
                                    ": " + printable(bye.reason));
  const bool loggingIn = machine_.phase() == ConnectionMachine::Phase::LoggingIn;
  switch (bye.code) {
    case wire::ByeCode::RemoteLogin:
      // Not while logging in: nobody takes over a session that is not there yet.
      run(loggingIn ? machine_.linkLost(random(), endedLink())
                    : machine_.aborted(CONNECTION_CHANGE_REASON_REMOTE_LOGIN));
      break;
    case wire::ByeCode::Banned:
      run(loggingIn ? machine_.loginRefused(LOGIN_ERR_NOT_AUTHORIZED, random())
                    : machine_.aborted(CONNECTION_CHANGE_REASON_BANNED_BY_SERVER));
      break;
    case wire::ByeCode::TokenExpired:
      run(loggingIn ? machine_.loginRefused(LOGIN_ERR_TOKEN_EXPIRED, random())
                    : machine_.aborted(CONNECTION_CHANGE_REASON_TOKEN_EXPIRED));
      break;
    case wire::ByeCode::Version:
      serverRefused(LOGIN_ERR_REJECTED);
      break;
    default: {
      outageDelayMs_ = config_.timing.outage;
      // A server that goes away says so to thousands: they must not all come back in the same millisecond.
      constexpr double kSpreadMs = 1000;
      const bool toMany = bye.code == wire::ByeCode::ShuttingDown || bye.code == wire::ByeCode::Overloaded;
      const auto spread = toMany ? static_cast<std::uint64_t>(kSpreadMs * random()) : 0;
      if (!loggingIn && bye.sendsTaken != 0) {
        const std::lock_guard lock(outboxMutex_);
        outbox_.unsendAfter(bye.sendsTaken - 1);
      }
      if (toMany) {
        takeTold(bye);
        passedOver_.insert(session_->madeTo());
      }
      // What it asks for concerns itself; and no server may send its users away for days.
      constexpr std::uint32_t kMaxRetryAfterMs = 60'000;
      const std::uint64_t wait = anotherServer() ? 0 : std::min(bye.retryAfterMs, kMaxRetryAfterMs);
      EndedLink link = endedLink();
      link.retryAfterMs = wait + spread;
      // What came in the same read is with the program already: a server that goes away waits for word of it.
      if (!loggingIn && ackDue_ && session_->link() != nullptr) {
        if (session_->link()->send(wire::InboxAck{.offset = inboxOffset_})) ackDue_ = false;
        session_->finish();
      }
      run(machine_.linkLost(random(), link));
      break;
    }
  }
  return false;
}

/// What the server allows from now on.
void Service::adoptLimits(const wire::Limits& limits) {
  limits_ = {limits.queryPeers,
             limits.subscribedPeers,
             limits.countChannels,
             limits.mediaBytes,
             limits.mediaTasks,
             wire::withinFrame(limits.userAttributes.value_or(wire::kSdkUserAttributes)),
             wire::withinFrame(limits.channelAttributes.value_or(wire::kSdkChannelAttributes)),
             wire::withinFrame(limits.calls.value_or(wire::kSdkCalls))};
  const std::lock_guard lock(outboxMutex_);
  messageBytes_ = limits.messageBytes;
  maxJoinedChannels_ = limits.joinedChannels;
  std::array<wire::RateLimit, 16> rules{};
  for (const wire::RateLimit& rate : limits.rates) {
    if (rate.group < rules.size()) rules[rate.group] = rate;
  }
  // Windows keep what they have counted when the rule is the same, so that a reconnect is no way around them.
  for (std::size_t group = 0; group < rules.size(); ++group) {
    if (rules[group].count != ratesInForce_[group].count || rules[group].windowMs != ratesInForce_[group].windowMs) {
      rates_[group].configure(rules[group].count, rules[group].windowMs);
      ratesInForce_[group] = rules[group];
      if (group == static_cast<std::size_t>(wire::RateGroup::JoinSameChannel)) {
        sameChannelJoins_.configure(rules[group].count, rules[group].windowMs);
      }
    }
  }
  const std::size_t inFlight = limits.inFlightSends == 0 ? 1'000'000 : limits.inFlightSends;
  outbox_.setBounds(inFlight + 1024, std::size_t{32} * 1024 * 1024);  // requests have room besides the sends
}

/// Arms the warning 30 s before the token in use ends (spec connection §5).
void Service::watchToken(std::uint32_t lifeMs) {
  const std::uint64_t warning = config_.timing.tokenWarning;
  withSession([lifeMs, warning](Connection& session) {
    if (lifeMs == 0) {
      session.cancel(Connection::Owner::TimerKind::TokenWarning);
    } else {
      session.arm(Connection::Owner::TimerKind::TokenWarning, lifeMs > warning ? lifeMs - warning : 0);
    }
  });
}

}  // namespace rtm::client
