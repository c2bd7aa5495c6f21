// Channels: objects, membership, messages and notices received.

#include <algorithm>

#include "base/identifiers.hpp"
#include "client/channel.hpp"
#include "client/message.hpp"
#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

IChannel* Service::createChannel(const char* channelId, IChannelEventHandler* eventHandler) {
  if (!initialized_ || channelId == nullptr || !isValidChannelId(channelId)) return nullptr;
  std::shared_ptr<Channel> channel;
  {
    const std::lock_guard lock(mutex_);
    channel = findChannel(channelId);
    if (channel == nullptr) {
      channel = std::make_shared<Channel>(weak_from_this(), channelId, nextChannelNumber_++, eventHandler);
      channel->self = channel;
      channels_.emplace(channelId, channel);
      channelsByNumber_.emplace(channel->number(), channel);
      return channel.get();
    }
  }
  // The id is in use: the same object, with the new handler if there is one (spec sources S-40).
  if (eventHandler != nullptr) delivery_->exclusively([&] { channel->handler = eventHandler; });
  return channel.get();
}

std::shared_ptr<Channel> Service::findChannel(std::string_view id) const {
  const auto found = channels_.find(id);
  return found != channels_.end() ? found->second : nullptr;
}

std::size_t Service::joinedChannels() const {
  return static_cast<std::size_t>(std::count_if(channels_.begin(), channels_.end(), [](const auto& entry) {
    return entry.second->state != Channel::State::Out;
  }));
}

int Service::joinChannel(Channel& channel) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return JOIN_CHANNEL_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return JOIN_CHANNEL_ERR_USER_NOT_LOGGED_IN;
  if (channel.state != Channel::State::Out) return JOIN_CHANNEL_ERR_ALREADY_JOINED;
  {
    const std::lock_guard outboxLock(outboxMutex_);
    if (maxJoinedChannels_ != 0 && joinedChannels() >= maxJoinedChannels_) return JOIN_CHANNEL_ERR_EXCEED_LIMIT;
    const std::uint64_t now = steadyMs();
    RateWindow& ofThisChannel = sameChannelJoins_.of(channel.id(), now);
    if (!ofThisChannel.hasRoom(now)) return JOIN_CHANNEL_ERR_JOIN_SAME_CHANNEL_TOO_OFTEN;
    if (!rates_[static_cast<std::size_t>(wire::RateGroup::Join)].accept(now)) return JOIN_CHANNEL_ERR_TOO_OFTEN;
    ofThisChannel.accept(now);  // only what both let pass counts (spec sources S-21)
  }
  wire::Join request{.channelId = channel.id()};
  long long requestId = 0;  // the channel names the request to its user
  PendingRequest pending;
  pending.channel = channel.shared_from_this();
  if (!startRequest(request, RequestKind::Join, std::move(pending), requestId)) return JOIN_CHANNEL_ERR_TOO_OFTEN;
  channel.state = Channel::State::Joining;
  return JOIN_CHANNEL_ERR_OK;
}

int Service::leaveChannel(Channel& channel) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return LEAVE_CHANNEL_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return LEAVE_CHANNEL_ERR_USER_NOT_LOGGED_IN;
  if (channel.state != Channel::State::Joined) return LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL;
  wire::Leave request{.channelId = channel.id()};
  long long requestId = 0;  // the channel names the request to its user
  PendingRequest pending;
  pending.channel = channel.shared_from_this();
  if (!startRequest(request, RequestKind::Leave, std::move(pending), requestId)) return LEAVE_CHANNEL_ERR_FAILURE;
  channel.state = Channel::State::Leaving;
  return LEAVE_CHANNEL_ERR_OK;
}

int Service::getChannelMembers(Channel& channel) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return GET_MEMBERS_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return GET_MEMBERS_ERR_USER_NOT_LOGGED_IN;
  if (channel.state != Channel::State::Joined) return GET_MEMBERS_ERR_NOT_IN_CHANNEL;
  if (!acceptCall(wire::RateGroup::GetMembers)) return GET_MEMBERS_ERR_TOO_OFTEN;
  wire::GetMembers request{.channelId = channel.id()};
  long long requestId = 0;  // the channel names the request to its user
  PendingRequest pending;
  pending.channel = channel.shared_from_this();
  if (!startRequest(request, RequestKind::GetMembers, std::move(pending), requestId)) return GET_MEMBERS_ERR_TOO_OFTEN;
  return GET_MEMBERS_ERR_OK;
}

void Service::releaseChannel(Channel& channel) {
  // First the handler: nothing reaches it after this, and a running event is waited for (or is our caller).
  delivery_->exclusively([&] { channel.handler = nullptr; });
  const std::lock_guard lock(mutex_);
  if (released_) return;
  if (channel.state != Channel::State::Out && machine_.loggedIn()) leaveQuietly(channel.id());
  channel.state = Channel::State::Out;
  channelsByNumber_.erase(channel.number());
  channels_.erase(channel.id());
}

/// Ends a membership that no channel object has.
void Service::leaveQuietly(const std::string& channelId) {
  wire::Leave request{.channelId = channelId};
  long long requestId = 0;
  startRequest(request, RequestKind::QuietLeave, PendingRequest{}, requestId);
}

std::optional<PendingRequest> Service::takePending(std::uint64_t requestId) {
  {
    const std::lock_guard lock(outboxMutex_);
    outbox_.finishRequest(requestId);
  }
  const auto found = pending_.find(requestId);
  if (found == pending_.end()) return std::nullopt;
  std::optional<PendingRequest> pending = std::move(found->second);
  pending_.erase(found);
  return pending;
}

void Service::finishRequest(std::uint64_t requestId, std::uint32_t code) {
  if (std::optional<PendingRequest> pending = takePending(requestId)) {
    concludeRequest(*pending, static_cast<int>(code));
  }
}

void Service::concludeRequest(PendingRequest& pending, int code) {
  const std::shared_ptr<Channel> channel = pending.channel;
  switch (pending.kind) {
    case RequestKind::Join:
      // A success comes by handleJoinResult.
      channel->state = Channel::State::Out;
      if (code == JOIN_CHANNEL_TIMEOUT) leaveQuietly(channel->id());  // the server may do it yet, or have done it
      delivery_->run([channel, code] {
        if (channel->handler != nullptr) channel->handler->onJoinFailure(static_cast<JOIN_CHANNEL_ERR>(code));
      });
      return;
    case RequestKind::Rejoin:
      channel->rejoining = false;
      if (channel->state != Channel::State::Joined) return;  // left meanwhile, or the login is over: known otherwise
      channel->state = Channel::State::Out;
      endChannelMessages(*channel);
      log(LogLevel::Error, channel->id() + ": could not join again after a lost session, code " + std::to_string(code));
      delivery_->run([channel] {
        if (channel->handler != nullptr) channel->handler->onLeave(LEAVE_CHANNEL_ERR_KICKED);
      });
      return;
    case RequestKind::QuietLeave:
      return;
    case RequestKind::Leave: {
      // After a lost session the server may not know the membership that we leave: left is left.
      const auto outcome =
          code == LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL ? LEAVE_CHANNEL_ERR_OK : static_cast<LEAVE_CHANNEL_ERR>(code);
      channel->state = Channel::State::Out;
      if (outcome != LEAVE_CHANNEL_ERR_OK && machine_.loggedIn()) leaveQuietly(channel->id());  // it may be unsent
      endChannelMessages(*channel);
      delivery_->run([channel, outcome] {
        if (channel->handler != nullptr) channel->handler->onLeave(outcome);
      });
      return;
    }
    case RequestKind::GetMembers:
      delivery_->run([channel, code] {
        if (channel->handler != nullptr) channel->handler->onGetMembers(nullptr, 0, static_cast<GET_MEMBERS_ERR>(code));
      });
      return;
    case RequestKind::RenewToken:
      if (code == RENEW_TOKEN_ERR_OK) provenToken_ = pending.text;
      // Without an answer nothing is known of it: a reconnect will try it.
      if (code != RENEW_TOKEN_ERR_FAILURE && token_ == pending.text) token_ = provenToken_;
      notify([token = std::move(pending.text), code](IRtmServiceEventHandler& handler) {
        handler.onRenewTokenResult(token.c_str(), static_cast<RENEW_TOKEN_ERR_CODE>(code));
      });
      return;
    case RequestKind::MemberCounts:
    case RequestKind::PresenceQuery:
    case RequestKind::Subscribe:
    case RequestKind::Resubscribe:
    case RequestKind::Unsubscribe:
      return concludePresence(pending, code);
    case RequestKind::History:
      return concludeHistory(pending, code);
    case RequestKind::UploadTicket:
    case RequestKind::DownloadTicket:
      return media_.onTicket(pending.mediaTask != 0 ? pending.mediaTask : pending.id, code, {}, {}, 0);
    default:
      return concludeAttributes(pending, code);
  }
}

/// Sends of a channel that was left end with FAILURE (spec semantics §9).
void Service::endChannelMessages(const Channel& channel) {
  std::vector<OutboxEnd> ended;
  {
    const std::lock_guard lock(outboxMutex_);
    outbox_.clearChannel(channel.number(), [&](const OutboxEnd& end) { ended.push_back(end); });
  }
  endEntries(ended, EndedBy::Loss);
}

bool Service::handleJoinResult(const wire::JoinResult& result) {
  std::optional<PendingRequest> pending = takePending(result.requestId);
  if (!pending) return true;
  if (result.code != JOIN_CHANNEL_ERR_OK) {
    concludeRequest(*pending, static_cast<int>(result.code));
    return true;
  }
  const std::shared_ptr<Channel>& channel = pending->channel;
  channel->epoch = result.epoch;
  channel->offset = result.offset;
  channel->rejoining = false;
  const bool silent = pending->kind == RequestKind::Rejoin;  // onJoinSuccess does not repeat (spec connection §3)
  if (!silent && channel->state == Channel::State::Joining) channel->state = Channel::State::Joined;
  if (!silent) {
    delivery_->run([channel = channel] {
      if (channel->handler != nullptr) channel->handler->onJoinSuccess();
    });
  }
  reportMemberCount(channel, result.memberCount);
  return true;
}

bool Service::handleMembers(const wire::Members& members) {
  std::optional<PendingRequest> pending = takePending(members.requestId);
  if (!pending) return true;
  if (members.code != GET_MEMBERS_ERR_OK) {
    concludeRequest(*pending, static_cast<int>(members.code));
    return true;
  }
  const std::shared_ptr<Channel> channel = pending->channel;
  std::vector<ChannelMember> list;
  list.reserve(members.userIds.size());
  for (const std::string_view id : members.userIds) list.emplace_back(std::string(id), channel->id());
  delivery_->run([channel, list = std::move(list)]() mutable {
    if (channel->handler == nullptr) return;
    std::vector<IChannelMember*> pointers;
    pointers.reserve(list.size());
    for (ChannelMember& member : list) pointers.push_back(&member);
    channel->handler->onGetMembers(pointers.data(), static_cast<int>(pointers.size()), GET_MEMBERS_ERR_OK);
  });
  return true;
}

bool Service::handleMemberEvent(const wire::MemberEvent& event) {
  const std::shared_ptr<Channel> channel = findChannel(event.channelId);
  if (channel == nullptr || channel->state == Channel::State::Out) return true;
  const auto report = [&](std::string_view userId, void (IChannelEventHandler::*callback)(IChannelMember*)) {
    delivery_->run([channel, callback, member = ChannelMember(std::string(userId), channel->id())]() mutable {
      if (channel->handler != nullptr) (channel->handler->*callback)(&member);
    });
  };
  for (const std::string_view userId : event.left) report(userId, &IChannelEventHandler::onMemberLeft);
  for (const std::string_view userId : event.joined) report(userId, &IChannelEventHandler::onMemberJoined);
  return true;
}

bool Service::handleMemberCount(const wire::MemberCount& count) {
  const std::shared_ptr<Channel> channel = findChannel(count.channelId);
  if (channel == nullptr || channel->state == Channel::State::Out) return true;
  reportMemberCount(channel, count.count);
  return true;
}

void Service::reportMemberCount(const std::shared_ptr<Channel>& channel, std::uint32_t count) {
  channel->memberCount = count;
  delivery_->run([channel, number = static_cast<int>(count)] {
    if (channel->handler != nullptr) channel->handler->onMemberCountUpdated(number);
  });
}

bool Service::handleChannelKicked(const wire::ChannelKicked& kicked) {
  const std::shared_ptr<Channel> channel = findChannel(kicked.channelId);
  // Who is joining or leaving goes by the answer to that.
  if (channel == nullptr || channel->state != Channel::State::Joined) return true;
  channel->state = Channel::State::Out;
  endChannelMessages(*channel);
  delivery_->run([channel] {
    if (channel->handler != nullptr) channel->handler->onLeave(LEAVE_CHANNEL_ERR_KICKED);
  });
  return true;
}

bool Service::handleChannelMessage(const wire::ChannelMessage& message) {
  const auto found = channels_.find(message.channelId);
  if (found == channels_.end()) return true;  // released while it was under way
  const std::shared_ptr<Channel>& channel = found->second;
  if (channel->state == Channel::State::Out || message.offset <= channel->offset) return true;
  wire::Content content;
  if (!wire::decode(message.content, content)) return malformed(wire::FrameKind::ChannelMessage);
  channel->offset = message.offset;
  if (content.type == wire::ContentType::Text || content.type == wire::ContentType::Raw) {
    if (delivery_->direct()) {
      const ReceivedMessage received(toView(content, message.serverTimeMs, false));
      scratchId_.assign(message.senderId);
      delivery_->run([&] {
        if (channel->handler != nullptr) channel->handler->onMessageReceived(scratchId_.c_str(), &received);
      });
      return true;
    }
    delivery_->run([channel = channel, sender = std::string(message.senderId),
                    received = TextMessage(toData(content, message.serverTimeMs, false))] {
      if (channel->handler != nullptr) channel->handler->onMessageReceived(sender.c_str(), &received);
    });
    throttleDelivery();
    return true;
  }
  MessageData data = toData(content, message.serverTimeMs, false);
  const std::string sender(message.senderId);
  if (content.type == wire::ContentType::File) {
    delivery_->run([channel = channel, sender, received = FileMessage(std::move(data))] {
      if (channel->handler != nullptr) channel->handler->onFileMessageReceived(sender.c_str(), &received);
    });
  } else if (content.type == wire::ContentType::Image) {
    delivery_->run([channel = channel, sender, received = ImageMessage(std::move(data))] {
      if (channel->handler != nullptr) channel->handler->onImageMessageReceived(sender.c_str(), &received);
    });
  }
  return true;
}

}  // namespace rtm::client
