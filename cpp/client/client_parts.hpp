#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/attributes/attributes.hpp"
#include "client/channels/channels.hpp"
#include "client/client_common.hpp"
#include "client/history/history.hpp"
#include "client/invitations/invitations.hpp"
#include "client/media/media.hpp"
#include "client/messages/messages.hpp"
#include "client/presence/presence.hpp"
#include "client/runtime/process.hpp"
#include "client/session/session_keeper.hpp"
#include "client/throttle.hpp"

namespace rtm::client {

/// The parts of a client, wired together: brings each frame to the part that has a take() for its message, and tells
/// all of them what became of the session. The order of the members is that of their construction. Lock: common.lock is
/// the client lock.
struct ClientParts final : private SessionKeeper::Owner, private Throttle::Owner {
  ClientParts(std::shared_ptr<Process> process, std::shared_ptr<Delivery> delivery, ClientEvents& events);
  ClientParts(const ClientParts&) = delete;
  ClientParts& operator=(const ClientParts&) = delete;

  const std::shared_ptr<Process> process;
  SessionKeeper session;
  ClientCommon common;
  Throttle throttle;
  Invitations invitations;
  Messages messages;
  Channels channels;
  Presence presence;
  Attributes attributes;
  History history;
  Media media;
  std::shared_ptr<void> self;  ///< keeps the client alive until its release; under the lock, as `released`
  bool released = false;

  // Frames that concern several parts. False: malformed.
  bool take(const wire::PeerMessage& message);
  bool take(const wire::SendResults& results);

  /// A request has left the queue without an answer: as timed out, or lost. `lateEffect`: nobody gave it up, so that
  /// what outlives its timeout holds.
  void endRequest(const OutboxEnd& ended, bool timedOut, bool lateEffect = false);

 private:
  // SessionKeeper::Owner.
  Verdict onSessionFrame(wire::FrameKind kind, ByteView body) override;
  void onLimits(const wire::Limits& limits) override;
  std::vector<wire::ChannelPosition> joinedChannels() override { return channels.positions(); }
  std::vector<std::string> channelIds() override { return channels.ids(); }
  void onResuming(const wire::ResumeResult& result) override { channels.onResuming(result); }
  void onResumed(const wire::ResumeResult& result) override;
  void onRestore() override;
  void onLinkLost() override { media.onSession(MediaInput::SessionLost); }
  void onSessionOver(bool pendingFails) override;
  bool onTick(std::uint64_t nowMs) override;

  // Throttle::Owner.
  void pauseDelivery() override { session.pauseDelivery(); }
  void resumeDelivery() override { session.resumeDelivery(); }

  void endSend(const OutboxEnd& ended, std::uint32_t code);

  std::vector<std::pair<OutboxEnd, std::uint32_t>> endedSends_;  ///< reused: a busy session allocates nothing
};

}  // namespace rtm::client
