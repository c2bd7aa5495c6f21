// What the server says of channels, and what becomes of memberships when a link or a session is lost.

#include <algorithm>

#include "client/attributes/attribute_lists.hpp"
#include "client/channels/channels.hpp"
#include "client/channels/channels_notify.hpp"
#include "client/messages/content.hpp"
#include "client/requests/id_list.hpp"
#include "client/throttle.hpp"

namespace rtm::client {

void Channels::take(const wire::JoinResult& result) {
  std::optional<PendingRequest> pending = common_.requests.take(result.requestId);
  if (!pending) return;
  if (static_cast<JoinCode>(result.code) != JoinCode::Ok) return Requests::end(*pending, static_cast<int>(result.code));
  const Shared& channel = pending->channel;
  // A repeated join may be answered with a position that a resume has passed meanwhile.
  channel->position_.offset =
      channel->position_.epoch == result.epoch ? std::max(channel->position_.offset, result.offset) : result.offset;
  channel->position_.epoch = result.epoch;
  channel->rejoining_ = false;
  if (pending->kind != RequestKind::Rejoin) {  // onJoinSuccess does not repeat (docs/spec/connection.md §3)
    if (channel->state_ == State::Joining) channel->state_ = State::Joined;
    notify(channel, [](ChannelEvents& events) { events.onJoinSuccess(); });
  }
  reportMemberCount(channel, result.memberCount);
}

void Channels::take(const wire::Members& members) {
  std::optional<PendingRequest> pending = common_.requests.take(members.requestId);
  if (!pending) return;
  if (static_cast<MembersCode>(members.code) != MembersCode::Ok) {
    return Requests::end(*pending, static_cast<int>(members.code));
  }
  std::vector<std::string> owned(members.userIds.begin(), members.userIds.end());
  notify(pending->channel,
         [owned = std::move(owned)](ChannelEvents& events) { events.onMembers(viewsOf(owned), MembersCode::Ok); });
}

void Channels::take(const wire::MemberEvent& event) {
  const Shared channel = findMember(event.channelId);
  if (channel == nullptr) return;
  for (const std::string_view userId : event.left) {
    notify(channel, [id = std::string(userId)](ChannelEvents& events) { events.onMemberLeft(id); });
  }
  for (const std::string_view userId : event.joined) {
    notify(channel, [id = std::string(userId)](ChannelEvents& events) { events.onMemberJoined(id); });
  }
}

void Channels::take(const wire::MemberCount& count) {
  if (const Shared channel = findMember(count.channelId)) reportMemberCount(channel, count.count);
}

void Channels::take(const wire::MemberCounts& counts) {
  std::optional<PendingRequest> pending = common_.requests.take(counts.requestId);
  if (!pending) return;
  const auto code = static_cast<MemberCountCode>(counts.code);
  if (code != MemberCountCode::Ok || counts.counts.size() != pending->names.size()) {
    return Requests::end(*pending, static_cast<int>(code != MemberCountCode::Ok ? code : MemberCountCode::Failure));
  }
  common_.delivery->run(
      [&events = common_.events, id = pending->id, names = std::move(pending->names), numbers = counts.counts] {
        std::vector<client::MemberCount> list;
        list.reserve(names.size());
        for (std::size_t i = 0; i < names.size(); ++i)
          list.push_back({names[i], static_cast<std::uint32_t>(numbers[i])});
        events.onMemberCounts(id, list, MemberCountCode::Ok);
      });
}

void Channels::take(const wire::ChannelKicked& kicked) {
  const Shared channel = find(kicked.channelId);
  // A pending join or leave is settled by its own answer.
  if (channel == nullptr || channel->state_ != State::Joined) return;
  channel->state_ = State::Out;
  endMessages(*channel);
  reportLeave(channel, LeaveCode::Kicked);
}

void Channels::take(const wire::ChannelAttributesEvent& event) {
  const Shared channel = findMember(event.channelId);
  if (channel == nullptr) return;
  notify(channel, [owned = OwnedChannelAttributes(event.entries)](ChannelEvents& events) {
    events.onAttributes(owned.views());
  });
}

bool Channels::take(const wire::ChannelMessage& message) {
  const auto found = byId_.find(message.channelId);
  if (found == byId_.end()) return true;  // released while it was under way
  const Shared& channel = found->second;
  if (channel->state_ == State::Out || message.offset <= channel->position_.offset) return true;
  wire::Content content;
  if (!wire::decode(message.content, content)) return false;
  channel->position_.offset = message.offset;
  const MessageView view = toView(content, message.serverTimeMs, false);
  if (view.type == MessageType::Undefined) return true;
  if (common_.delivery->direct()) {
    common_.delivery->run([&] {
      if (channel->events_ != nullptr) channel->events_->onMessage(message.senderId, view);
    });
    return true;
  }
  notify(channel, [sender = std::string(message.senderId), owned = OwnedMessage(view)](ChannelEvents& events) {
    events.onMessage(sender, owned.view());
  });
  throttle_.onEvent();
  return true;
}

std::vector<wire::ChannelPosition> Channels::positions() const {
  std::vector<wire::ChannelPosition> positions;
  for (const auto& [id, channel] : byId_) {
    if (channel->state_ != State::Joined || channel->rejoining_) continue;
    positions.push_back(
        {.channelId = channel->id_, .epoch = channel->position_.epoch, .offset = channel->position_.offset});
  }
  return positions;
}

std::vector<std::string> Channels::ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, channel] : byId_) {
    if (channel->state_ == State::Joined) ids.push_back(id);
  }
  return ids;
}

void Channels::onResuming(const wire::ResumeResult& result) {
  for (const wire::ChannelResume& position : result.channels) {
    const Shared channel = findMember(position.channelId);
    if (channel == nullptr) {
      // Left or released while the link was lost for longer than a request waits, or joined too late for its caller.
      leaveQuietly(std::string(position.channelId), {});
      continue;
    }
    if (!position.complete) common_.log.info(channel->id_ + ": more messages were missed than are kept");
    if (channel->position_.epoch != position.epoch) channel->position_.offset = 0;
    channel->position_.epoch = position.epoch;
  }
}

void Channels::onResumed(const wire::ResumeResult& result) {
  for (const wire::ChannelResume& position : result.channels) {
    const Shared channel = find(position.channelId);
    if (channel == nullptr || channel->state_ != State::Joined || channel->rejoining_) continue;
    if (channel->memberCount_ != position.memberCount) reportMemberCount(channel, position.memberCount);
  }
}

void Channels::rejoin() {
  for (const auto& [id, channel] : byId_) {
    channel->rejoining_ = false;
    if (channel->state_ != State::Joined) continue;
    wire::Join request{.channelId = channel->id_,
                       .restores = true,
                       .epoch = channel->position_.epoch,
                       .offset = channel->position_.offset};
    channel->rejoining_ = common_.requests.startFirst(*this, request, RequestKind::Rejoin, {.channel = channel});
  }
}

void Channels::onSessionOver() {
  for (const auto& [id, channel] : byId_) channel->state_ = State::Out;
  former_.clear();
}

}  // namespace rtm::client
