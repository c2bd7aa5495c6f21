#pragma once

#include <string_view>

#include "client/api/message.hpp"
#include "client/messages/stored_seen.hpp"
#include "client/sending/outbox_entry.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

class Invitations;
class LoginSession;
class Throttle;
struct ClientCommon;

/// Peer messages. send() takes no lock but that of the send queue; the rest is called with the client lock.
class Messages {
 public:
  Messages(ClientCommon& common, Invitations& invitations, Throttle& throttle)
      : common_(common), invitations_(invitations), throttle_(throttle) {}

  /// Ok: onPeerSendResult follows. `peerId`: docs/spec/limits.md §2. What `message` refers to may go after the return.
  PeerMessageCode send(std::string_view peerId, const MessageView& message, SendOptions options = {});
  /// The caller waits no longer. True: the message had not left and never will, and onPeerSendUnsent follows. False: it
  /// may arrive, and its result comes as ever. Not from within a Direct event.
  bool withdraw(long long messageId);

  enum class Taken {
    Malformed,
    Yes,
    Refused,  ///< an invitation that is one too many: its caller shall know
  };
  /// A new message of the inbox. A message that an earlier session had is acknowledged, and the program gets no event.
  Taken take(const wire::PeerMessage& message, const LoginSession& session);
  void onSendEnded(const OutboxEnd& ended, PeerMessageCode code);

 private:
  ClientCommon& common_;
  Invitations& invitations_;
  Throttle& throttle_;
  StoredSeen storedSeen_;
};

}  // namespace rtm::client
