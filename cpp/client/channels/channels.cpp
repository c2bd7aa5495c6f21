// Calls of the user, and what becomes of them. What the server says is in channels_frames.cpp.

#include "client/channels/channels.hpp"
#include "client/channels/channels_notify.hpp"
#include "client/throttle.hpp"

#include <algorithm>

#include "base/identifiers.hpp"
#include "client/messages/content.hpp"
#include "client/requests/id_list.hpp"
#include "client/why_no_id.hpp"

namespace rtm::client {

std::shared_ptr<Channel> Channels::open(std::string_view id, ChannelEvents* events) {
  if (!common_.access.initialized()) return nullptr;
  if (!isValidChannelId(id)) {
    common_.log.error("createChannel: channel id: " + whyNoId(id));
    return nullptr;
  }
  Shared channel;
  {
    const std::lock_guard lock(common_.lock);
    channel = find(id);
    if (channel == nullptr) {
      channel = std::make_shared<Channel>(common_.client, *this, std::string(id), nextNumber_++, events);
      if (const auto former = former_.find(id); former != former_.end()) channel->position_ = former->second.position;
      byId_.emplace(id, channel);
      byNumber_.emplace(channel->number_, channel);
      return channel;
    }
  }
  if (events != nullptr) setEvents(*channel, events);
  return channel;
}

Channels::Shared Channels::find(std::string_view id) const {
  const auto found = byId_.find(id);
  return found != byId_.end() ? found->second : nullptr;
}

Channels::Shared Channels::findMember(std::string_view id) const {
  Shared channel = find(id);
  return channel != nullptr && channel->state_ != State::Out ? channel : nullptr;
}

std::size_t Channels::joined() const {
  return static_cast<std::size_t>(
      std::count_if(byId_.begin(), byId_.end(), [](const auto& entry) { return entry.second->state_ != State::Out; }));
}

void Channels::setEvents(Channel& channel, ChannelEvents* events) {
  common_.delivery->exclusively([&] { channel.events_ = events; });
}

JoinCode Channels::join(Channel& channel) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<JoinCode>(); code != JoinCode::Ok) return code;
  if (channel.state_ != State::Out) return JoinCode::AlreadyJoined;
  const std::size_t most = common_.limits.joinedChannels;
  if (most != 0 && joined() >= most) return JoinCode::ExceedLimit;
  switch (common_.queue.acceptJoin(channel.id_)) {
    case CallRates::JoinVerdict::SameChannelTooOften:
      return JoinCode::JoinSameChannelTooOften;
    case CallRates::JoinVerdict::TooOften:
      return JoinCode::TooOften;
    case CallRates::JoinVerdict::Accepted:
      break;
  }
  wire::Join request{.channelId = channel.id_};
  if (!common_.requests.start(*this, request, RequestKind::Join, {.channel = channel.shared_from_this()},
                              channel.joining_)) {
    return JoinCode::TooOften;
  }
  channel.state_ = State::Joining;
  return JoinCode::Ok;
}

LeaveCode Channels::leave(Channel& channel) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<LeaveCode>(); code != LeaveCode::Ok) return code;
  if (channel.state_ != State::Joined) return LeaveCode::NotInChannel;
  wire::Leave request{.channelId = channel.id_};
  if (!common_.requests.start(*this, request, RequestKind::Leave, {.channel = channel.shared_from_this()})) {
    return LeaveCode::Failure;
  }
  channel.state_ = State::Leaving;
  return LeaveCode::Ok;
}

ChannelMessageCode Channels::send(Channel& channel, const MessageView& message, SendOptions options) {
  if (const auto code = common_.access.check<ChannelMessageCode>(); code != ChannelMessageCode::Ok) return code;
  const OutgoingContent out = toContent(message, common_.queue.messageBytes());
  if (out.problem != ContentProblem::None) {
    common_.log.error("sendMessage: " + describe(out, common_.queue.messageBytes()));
    return ChannelMessageCode::InvalidMessage;
  }
  const bool taken = common_.queue.send(wire::ChannelSend{.channelId = channel.id_,
                                                          .flags = flagsOf(options),
                                                          .content = encodeContent(out.content),
                                                          .expiresInMs = options.expiresInMs},
                                        OutboxKind::ChannelMessage, out.content.messageId, channel.number_);
  return taken ? ChannelMessageCode::Ok : ChannelMessageCode::TooOften;
}

bool Channels::withdraw(long long messageId) {
  const std::lock_guard lock(common_.lock);
  const auto ended = common_.queue.withdraw(OutboxKind::ChannelMessage, static_cast<std::uint64_t>(messageId));
  if (ended) onSendEnded(*ended, ChannelMessageCode::SentTimeout);
  return ended.has_value();
}

MembersCode Channels::queryMembers(Channel& channel) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<MembersCode>(); code != MembersCode::Ok) return code;
  if (channel.state_ != State::Joined) return MembersCode::NotInChannel;
  if (!common_.queue.acceptCall(wire::RateGroup::GetMembers)) return MembersCode::TooOften;
  wire::GetMembers request{.channelId = channel.id_};
  const bool asked =
      common_.requests.start(*this, request, RequestKind::GetMembers, {.channel = channel.shared_from_this()});
  return asked ? MembersCode::Ok : MembersCode::TooOften;
}

MemberCountCode Channels::queryMemberCounts(std::span<const std::string_view> channelIds, RequestId& requestId) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<MemberCountCode>(); code != MemberCountCode::Ok) return code;
  const std::size_t most = common_.limits.countChannels;
  if (most != 0 && channelIds.size() > most) return MemberCountCode::ExceedLimit;
  PendingRequest pending;
  if (!copyIds(channelIds, isValidChannelId, pending.names)) return MemberCountCode::InvalidArgument;
  if (!common_.queue.acceptCall(wire::RateGroup::MemberCount)) return MemberCountCode::TooOften;
  wire::GetMemberCounts request{.channelIds = viewsOf(pending.names)};
  return common_.requests.start(*this, request, RequestKind::MemberCounts, std::move(pending), requestId)
             ? MemberCountCode::Ok
             : MemberCountCode::TooOften;
}

void Channels::release(Channel& channel) {
  // First the receiver: nothing reaches it after this, and a running event is waited for (or is our caller).
  setEvents(channel, nullptr);
  const std::lock_guard lock(common_.lock);
  if (!common_.access.initialized()) return;
  const bool mayBeMember = channel.state_ != State::Out && common_.access.loggedIn();
  // A join that has not left is no membership, and must not become one when the link is back.
  if (mayBeMember && !(channel.state_ == State::Joining && common_.requests.withdraw(channel.joining_))) {
    leaveQuietly(channel.id_, channel.position_);
  }
  channel.state_ = State::Out;
  byNumber_.erase(channel.number_);
  // Only itself: a second release must not close another channel of the same id.
  if (const auto found = byId_.find(channel.id_); found != byId_.end() && found->second.get() == &channel) {
    byId_.erase(found);
  }
}

/// Ends a membership that no channel object has.
void Channels::leaveQuietly(const std::string& channelId, Position had) {
  wire::Leave request{.channelId = channelId};
  RequestId id = 0;
  if (common_.requests.start(*this, request, RequestKind::QuietLeave, {.text = channelId}, id)) {
    former_.insert_or_assign(channelId, Former{.leave = id, .position = had});
  }
}

void Channels::onRequestEnded(PendingRequest& request, int number) {
  const Shared channel = request.channel;
  switch (request.kind) {
    case RequestKind::Join:
      return onJoinFailed(channel, static_cast<JoinCode>(number));  // a success comes by JoinResult
    case RequestKind::Rejoin:
      return onRejoinFailed(channel, static_cast<JoinCode>(number));
    case RequestKind::Leave:
      return onLeft(channel, static_cast<LeaveCode>(number));
    case RequestKind::GetMembers:
      return notify(channel,
                    [code = static_cast<MembersCode>(number)](ChannelEvents& events) { events.onMembers({}, code); });
    case RequestKind::MemberCounts:
      return common_.delivery->run(
          [&events = common_.events, id = request.id, code = static_cast<MemberCountCode>(number)] {
            events.onMemberCounts(id, {}, code);
          });
    default: {  // QuietLeave: nobody waits for it
      const auto former = former_.find(request.text);
      if (former != former_.end() && former->second.leave == request.id) former_.erase(former);
      return;
    }
  }
}

void Channels::onJoinFailed(const Shared& channel, JoinCode code) {
  channel->state_ = State::Out;
  // The server may do it yet, or have done it. Without a session there is nothing to leave, and the request would wait
  // for the next one, of whatever user.
  if (code == JoinCode::Timeout && common_.access.loggedIn()) leaveQuietly(channel->id_, channel->position_);
  notify(channel, [code](ChannelEvents& events) { events.onJoinFailure(code); });
}

void Channels::onRejoinFailed(const Shared& channel, JoinCode code) {
  channel->rejoining_ = false;
  if (channel->state_ != State::Joined) return;  // left meanwhile, or the login is over: known otherwise
  channel->state_ = State::Out;
  endMessages(*channel);
  common_.log.error(channel->id_ + ": could not join again after a lost session, code " +
                    std::to_string(static_cast<int>(code)));
  reportLeave(channel, LeaveCode::Kicked);
}

void Channels::onLeft(const Shared& channel, LeaveCode code) {
  // After a lost session the server may not know the membership that we leave: left is left.
  const LeaveCode outcome = code == LeaveCode::NotInChannel ? LeaveCode::Ok : code;
  channel->state_ = State::Out;
  if (outcome != LeaveCode::Ok && common_.access.loggedIn())
    leaveQuietly(channel->id_, channel->position_);  // it may be unsent
  endMessages(*channel);
  reportLeave(channel, outcome);
}

/// What is without a result when a membership ends: nobody knows whether the members have what was sent
/// (docs/spec/semantics.md §9).
void Channels::endMessages(const Channel& channel) {
  for (const OutboxEnd& ended : common_.queue.clear(channel.number_)) {
    onSendEnded(ended, ended.sent ? ChannelMessageCode::SentTimeout : ChannelMessageCode::Failure);
  }
}

void Channels::reportLeave(const Shared& channel, LeaveCode code) {
  notify(channel, [code](ChannelEvents& events) { events.onLeave(code); });
}

void Channels::reportMemberCount(const Shared& channel, std::uint32_t count) {
  channel->memberCount_ = count;
  notify(channel, [count](ChannelEvents& events) { events.onMemberCount(count); });
}

void Channels::onSendEnded(const OutboxEnd& ended, ChannelMessageCode code) {
  const auto found = byNumber_.find(ended.channel);
  Shared channel = found != byNumber_.end() ? found->second.lock() : nullptr;
  if (channel == nullptr) return;
  notify(std::move(channel), [id = static_cast<long long>(ended.id), code, sent = ended.sent](ChannelEvents& events) {
    if (sent) {
      events.onSendResult(id, code);
    } else {
      events.onSendUnsent(id, code);
    }
  });
}

}  // namespace rtm::client
