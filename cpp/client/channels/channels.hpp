#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client/channels/channel.hpp"
#include "client/requests/pending_request.hpp"
#include "client/sending/outbox_entry.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

class Throttle;
struct ClientCommon;

/// The channels of one client: membership, messages, notices. Lock: the client lock, taken by the calls of the user and
/// held by the client when it calls the rest; a send takes the lock of the send queue alone.
class Channels final : private RequestOwner {
 public:
  Channels(ClientCommon& common, Throttle& throttle) : common_(common), throttle_(throttle) {}

  /// The channel of that id: there is one at a time, and `events`, if not null, becomes its receiver. Null: not
  /// initialized, or no id of a channel.
  std::shared_ptr<Channel> open(std::string_view id, ChannelEvents* events);
  /// Numbers of members of channels, joined or not. Ok: onMemberCounts follows.
  MemberCountCode queryMemberCounts(std::span<const std::string_view> channelIds, RequestId& requestId);

  // From the client.

  void take(const wire::JoinResult& result);
  void take(const wire::Members& members);
  void take(const wire::MemberEvent& event);
  void take(const wire::MemberCount& count);
  void take(const wire::MemberCounts& counts);
  void take(const wire::ChannelKicked& kicked);
  void take(const wire::ChannelAttributesEvent& event);
  bool take(const wire::ChannelMessage& message);  ///< false: malformed
  void onSendEnded(const OutboxEnd& ended, ChannelMessageCode code);
  /// Of the channels that the server knows of.
  std::vector<wire::ChannelPosition> positions() const;
  /// Of all that the program is in.
  std::vector<std::string> ids() const;
  /// The server has the session still; it may not know of what changed during the interruption, and the other way
  /// round.
  void onResuming(const wire::ResumeResult& result);
  void onResumed(const wire::ResumeResult& result);
  /// Inside SendQueue::startNewSession().
  void rejoin();
  void onSessionOver();

 private:
  friend class Channel;
  using State = Channel::State;
  using Shared = std::shared_ptr<Channel>;
  using Position = Channel::Position;
  /// A membership that nobody here has any more, and that the server may not have ended yet.
  struct Former {
    RequestId leave = 0;
    Position position;
  };

  JoinCode join(Channel& channel);
  LeaveCode leave(Channel& channel);
  ChannelMessageCode send(Channel& channel, const MessageView& message, SendOptions options);
  bool withdraw(long long messageId);
  MembersCode queryMembers(Channel& channel);
  void release(Channel& channel);
  void setEvents(Channel& channel, ChannelEvents* events);

  void onRequestEnded(PendingRequest& request, int code) override;
  void onJoinFailed(const Shared& channel, JoinCode code);
  void onRejoinFailed(const Shared& channel, JoinCode code);
  void onLeft(const Shared& channel, LeaveCode code);
  void endMessages(const Channel& channel);
  void leaveQuietly(const std::string& channelId, Position had);
  void reportLeave(const Shared& channel, LeaveCode code);
  void reportMemberCount(const Shared& channel, std::uint32_t count);
  Shared find(std::string_view id) const;
  Shared findMember(std::string_view id) const;  ///< null also if it is Out
  std::size_t joined() const;

  /// Calls `call(ChannelEvents&)` as an event of the channel (channels_notify.hpp).
  template <typename Call>
  void notify(Shared channel, Call call);

  ClientCommon& common_;
  Throttle& throttle_;
  std::map<std::string, Shared, std::less<>> byId_;
  std::unordered_map<std::uint32_t, std::weak_ptr<Channel>> byNumber_;
  std::uint32_t nextNumber_ = 1;
  /// Until the server confirms the leave. A resume replays such a membership to whoever is about to join again, and the
  /// program had what is at or before this position.
  std::map<std::string, Former, std::less<>> former_;
};

}  // namespace rtm::client
