#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "client/invitations/invitation_events.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

struct ClientCommon;

/// The call invitations of one client (docs/spec/semantics.md §7): keeps them, sends their signals as peer messages of
/// type INVITATION, and repeats the signals that did not arrive. Lock: the client lock, taken by the calls of the user
/// and held by the client when it calls the rest.
class Invitations {
 public:
  using Local = InvitationEvents::Local;

  explicit Invitations(ClientCommon& common) : common_(common) {}

  /// From now on invitations come, and may be sent. A second call changes the receiver, and waits for an event that is
  /// running unless it is called from one. False: not initialized.
  bool open(InvitationEvents& events);
  /// Ends everything without a word; no event comes after return, unless this is called from one.
  void close();

  /// A new invitation, to be released by release(). `tag`: a number of the caller's choice. Null: no user id, or not
  /// open.
  Local create(std::string_view calleeId, std::uint64_t tag = 0);
  /// The client forgets the invitation: its machine stops, and nothing more comes of it.
  void release(const LocalInvitation& invitation);
  /// Ok: the outcome follows by events. Not logged in, or in ABORTED, the outcome is a failure. `channelId` may be
  /// empty.
  InvitationCode send(const Local& invitation, std::string_view content, std::string_view channelId);
  InvitationCode cancel(const Local& invitation);
  /// `number`: of the RemoteInvitation. Ok: onRemoteAccepted (onRemoteRefused) or a failure follows.
  InvitationCode accept(std::uint64_t number, std::string_view response);
  InvitationCode refuse(std::uint64_t number, std::string_view response);

  // From the client.

  /// False: an invitation that is one too many. Nothing was done, and its caller is to hear that it was not taken.
  bool onSignal(std::string_view peerId, const wire::InvitationSignal& signal);
  void onSignalEnded(std::uint64_t token, std::uint32_t code);
  /// Runs the timers; true while there is anything to watch.
  bool tick(std::uint64_t nowMs);
  void onLoggedOut();
  /// Ends everything at the release of the client; the holders of invitations keep them.
  void forgetAll();

 private:
  using Remote = std::shared_ptr<RemoteInvitation>;

  /// A signal on its way, repeated until it arrives or `deadline` is over.
  struct Signal {
    std::string peerId;
    std::uint64_t invitationId = 0;
    wire::InvitationAction action{};
    std::string content = {};
    std::string channelId = {};
    std::string response = {};
    std::uint64_t deadline = 0;
    std::uint64_t retryAt = 0;  ///< 0: under way
  };

  InvitationCode answer(std::uint64_t number, bool accept, std::string_view response);
  bool knows(const Local& invitation) const;
  Remote known(std::uint64_t number) const;
  void perform(const Local& invitation, const LocalStep& step);
  void perform(const Remote& invitation, const RemoteStep& step);
  bool onInvite(std::string_view callerId, const wire::InvitationSignal& signal);
  /// Whether one more invitation of this caller may wait for an answer. Where all places are taken, the caller with the
  /// most gives up its newest one to a caller with fewer.
  bool makeRoomFor(std::string_view callerId);
  void onAnswer(std::string_view calleeId, const wire::InvitationSignal& signal);
  void send(Signal signal);
  Local findLocal(std::string_view calleeId, std::uint64_t invitationId) const;
  Remote findRemote(std::string_view callerId, std::uint64_t invitationId) const;
  void watch();
  template <typename Call>
  void notify(Call call);

  ClientCommon& common_;
  /// Each open() makes a new one, so that events of closed invitations reach nobody.
  struct Receiver {
    InvitationEvents* events = nullptr;  ///< under the delivery lock
  };
  std::shared_ptr<Receiver> receiver_;  ///< null: not open
  std::map<const LocalInvitation*, Local> locals_;
  std::map<std::uint64_t, Remote> remotes_;  ///< by number, until they end
  /// The last ones that ended: a repeated INVITE is no new call, and its user may still ask for it.
  std::deque<Remote> endedRemotes_;
  std::map<std::uint64_t, Signal> signals_;
  std::uint64_t nextToken_ = 1;
  std::uint64_t lastNumber_ = 0;
};

}  // namespace rtm::client
