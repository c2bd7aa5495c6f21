#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "client/api/invitation_codes.hpp"
#include "client/invitations/invitation_machine.hpp"

namespace rtm::client {

/// An invitation of this user. Made by Invitations::create(), held by its creator and by the events about it.
/// Readable on any thread: the response is written once, before the state that says so.
class LocalInvitation {
 public:
  LocalInvitation(std::string calleeId, std::uint64_t tag) : calleeId_(std::move(calleeId)), tag_(tag) {}

  const std::string& calleeId() const { return calleeId_; }
  /// The number that create() was given.
  std::uint64_t tag() const { return tag_; }
  LocalInvitationState state() const { return state_; }
  /// The callee's text, once it has accepted or refused; else empty.
  const std::string& response() const;

  /// An object of the holder, which lives as long as the invitation. Written before send().
  std::shared_ptr<void> attachment;

 private:
  friend class Invitations;
  const std::string calleeId_;
  const std::uint64_t tag_;
  std::string content_;  ///< fixed by send(), as channelId_
  std::string channelId_;
  std::string response_;
  std::atomic<LocalInvitationState> state_{LocalInvitationState::Idle};
  LocalInvitationMachine machine_;
  std::uint64_t invitationId_ = 0;
};

/// An invitation that came from another user. The client keeps it until its end and for some time longer.
class RemoteInvitation {
 public:
  RemoteInvitation(std::uint64_t number, std::string callerId, std::uint64_t invitationId, std::string content,
                   std::string channelId)
      : number_(number),
        callerId_(std::move(callerId)),
        content_(std::move(content)),
        channelId_(std::move(channelId)),
        invitationId_(invitationId) {}

  /// Names the invitation in accept() and refuse(): ascending, never used twice by one client.
  std::uint64_t number() const { return number_; }
  const std::string& callerId() const { return callerId_; }
  const std::string& content() const { return content_; }
  const std::string& channelId() const { return channelId_; }
  RemoteInvitationState state() const { return state_; }

  /// What the receiver of the events ties to the invitation, to live as long. Written in onRemoteReceived, which comes
  /// before all other events of this invitation.
  mutable std::shared_ptr<void> attachment;

 private:
  friend class Invitations;
  const std::uint64_t number_;
  const std::string callerId_;
  const std::string content_;
  const std::string channelId_;
  std::string response_;  ///< of this user, from accept() or refuse() on
  std::atomic<RemoteInvitationState> state_{RemoteInvitationState::Idle};
  RemoteInvitationMachine machine_;
  const std::uint64_t invitationId_;
};

}  // namespace rtm::client
