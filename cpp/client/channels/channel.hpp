#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client/api/channel_events.hpp"

namespace rtm::client {

class Channels;

/// One channel of a client, joined or not. Made by Channels::open(). Any thread may call anything; after the release of
/// the client calls return NotInitialized.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(std::weak_ptr<void> client, Channels& channels, std::string id, std::uint32_t number, ChannelEvents* events);

  const std::string& id() const { return id_; }

  /// Ok: onJoinSuccess or onJoinFailure follows.
  JoinCode join();
  /// Ok: onLeave follows.
  LeaveCode leave();
  /// Ok: onSendResult follows. What `message` refers to may go after the return.
  ChannelMessageCode send(const MessageView& message, SendOptions options = {});
  /// See Messages::withdraw(); onSendUnsent follows.
  bool withdraw(long long messageId);
  /// Ok: onMembers follows.
  MembersCode queryMembers();
  /// Null: none. No event reaches the former receiver after return, unless this is called from one.
  void setEvents(ChannelEvents* events);
  /// Leaves without a word, and forgets the channel: its id may be opened again. No event comes after return.
  void release();

  /// Ties `attachment` to the channel, to live as long, and sets the receiver. Only before anybody else knows the
  /// channel: unlike setEvents(), attach() waits for no event.
  void attach(std::shared_ptr<void> attachment, ChannelEvents* events);
  /// Null: nothing is tied to the channel.
  void* attachment() const { return attachment_.get(); }

 private:
  friend class Channels;
  enum class State { Out, Joining, Joined, Leaving };
  /// Of the last message seen.
  struct Position {
    std::uint64_t epoch = 0;
    std::uint64_t offset = 0;
  };

  const std::weak_ptr<void> client_;
  Channels& channels_;  ///< lives as long as client_
  const std::string id_;
  const std::uint32_t number_;  ///< what the send queue calls it
  std::shared_ptr<void> attachment_;

  ChannelEvents* events_;  ///< under the delivery lock

  // Under the client lock.
  State state_ = State::Out;
  RequestId joining_ = 0;          ///< the last Join
  bool rejoining_ = false;         ///< a new session has yet to join it: the server may not know of the membership
  std::uint32_t memberCount_ = 0;  ///< last told to the user
  Position position_;
};

}  // namespace rtm::client
