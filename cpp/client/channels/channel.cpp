#include "client/channels/channel.hpp"

#include <utility>

#include "client/channels/channels.hpp"

namespace rtm::client {

Channel::Channel(std::weak_ptr<void> client, Channels& channels, std::string id, std::uint32_t number,
                 ChannelEvents* events)
    : client_(std::move(client)), channels_(channels), id_(std::move(id)), number_(number), events_(events) {}

JoinCode Channel::join() {
  const std::shared_ptr<void> client = client_.lock();
  return client != nullptr ? channels_.join(*this) : JoinCode::NotInitialized;
}

LeaveCode Channel::leave() {
  const std::shared_ptr<void> client = client_.lock();
  return client != nullptr ? channels_.leave(*this) : LeaveCode::NotInitialized;
}

ChannelMessageCode Channel::send(const MessageView& message, SendOptions options) {
  const std::shared_ptr<void> client = client_.lock();
  return client != nullptr ? channels_.send(*this, message, options) : ChannelMessageCode::NotInitialized;
}

bool Channel::withdraw(long long messageId) {
  const std::shared_ptr<void> client = client_.lock();
  return client != nullptr && channels_.withdraw(messageId);
}

MembersCode Channel::queryMembers() {
  const std::shared_ptr<void> client = client_.lock();
  return client != nullptr ? channels_.queryMembers(*this) : MembersCode::NotInitialized;
}

void Channel::attach(std::shared_ptr<void> attachment, ChannelEvents* events) {
  attachment_ = std::move(attachment);
  events_ = events;
}

void Channel::setEvents(ChannelEvents* events) {
  if (const std::shared_ptr<void> client = client_.lock()) channels_.setEvents(*this, events);
}

void Channel::release() {
  const std::shared_ptr<Channel> keep = shared_from_this();  // the object outlives this call and any event under way
  if (const std::shared_ptr<void> client = client_.lock()) channels_.release(*this);
}

}  // namespace rtm::client
