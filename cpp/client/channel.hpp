#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "IAgoraRtmService.h"

namespace rtm::client {

class Service;

/// A channel object of one service. State is guarded by the service's lock, the handler by its delivery lock.
class Channel final : public agora::rtm::IChannel, public std::enable_shared_from_this<Channel> {
 public:
  enum class State { Out, Joining, Joined, Leaving };

  Channel(std::weak_ptr<Service> service, std::string id, std::uint32_t number,
          agora::rtm::IChannelEventHandler* handler);
  ~Channel() override;

  int join() override;
  int leave() override;
  int sendMessage(const agora::rtm::IMessage* message) override;
  int sendMessage(const agora::rtm::IMessage* message, const agora::rtm::SendMessageOptions& options) override;
  const char* getId() const override { return id_.c_str(); }
  int getMembers() override;
  void release() override;

  const std::string& id() const { return id_; }
  std::uint32_t number() const { return number_; }

  // Under the service's lock.
  State state = State::Out;
  bool rejoining = false;         ///< a new session has yet to join it: the server may not know of the membership
  std::uint32_t memberCount = 0;  ///< last told to the user
  std::uint64_t epoch = 0;
  std::uint64_t offset = 0;  ///< of the last message seen

  // Under the delivery lock.
  agora::rtm::IChannelEventHandler* handler;

  /// The user's hold on the object; ends with release().
  std::shared_ptr<Channel> self;

 private:
  const std::weak_ptr<Service> service_;
  const std::string id_;
  const std::uint32_t number_;
};

/// A member as handlers see it; lives as long as its event.
class ChannelMember final : public agora::rtm::IChannelMember {
 public:
  ChannelMember(std::string userId, std::string channelId)
      : userId_(std::move(userId)), channelId_(std::move(channelId)) {}
  ~ChannelMember() override = default;
  const char* getUserId() const override { return userId_.c_str(); }
  const char* getChannelId() const override { return channelId_.c_str(); }
  void release() override {}  // the SDK frees it after the callback

 private:
  std::string userId_;
  std::string channelId_;
};

}  // namespace rtm::client
