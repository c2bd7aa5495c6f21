#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "server/engine/memory/awaited_messages.hpp"
#include "server/engine/memory/history_writes.hpp"
#include "server/engine/memory/returns.hpp"
#include "server/engine/memory/user.hpp"
#include "server/engine/seam/parameters.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// Peer messages on their way to the users of one loop: into the inbox of a user who is there, from the inbox to its
/// link, and into the store and back for a user who is not (docs/spec/semantics.md §2). Loop thread only.
///
/// A stored message comes back at the next login before anything new, and leaves the store when the client has
/// acknowledged it. Until then a lost link or a lost server loses nothing; messages that are unacknowledged when the
/// session ends come again in the next session, whose client recognises the messages that it has.
///
/// Bounds: EngineParameters::inbox for each user, and again for what waits behind stored messages; 32 MiB of messages
/// that the store has not answered. Above a bound a message fails at once.
class UserMessages {
 public:
  /// All of them outlive this.
  UserMessages(Outlet& outlet, const EngineParameters& parameters, MessageStore& store, HistoryWrites& history,
               const Returns& returns)
      : outlet_(outlet),
        ledger_(parameters.ledger),
        bounds_(parameters.inbox),
        store_(store),
        history_(history),
        returns_(returns),
        awaited_(parameters.inbox) {}

  /// The users themselves: here, so that a message finds its receiver without a detour.
  Users& users() { return users_; }

  void send(const PeerSendOp& op);
  void acknowledge(const AcknowledgeOp& op);
  /// Hands the inbox to the link, as far as the window allows.
  void deliver(User& user);

  /// A new session: the messages that were stored for the user come first, then the messages that awaited the user.
  void begin(User& user);
  /// A resume at this position of the inbox. False: some messages may be lost to the client.
  bool rewind(User& user, std::uint64_t epoch, std::uint64_t offset);
  /// The session ends (User::endReason): messages without an acknowledgement go to the store, or their senders hear
  /// that they were not delivered, where that is sure.
  void end(User& user);
  /// See Engine::storeRest().
  void storeRest(Task done);
  void tick();

 private:
  void deliverExpiring(User& user);
  /// The receiver is not there: keeps the message if the receiver is expected, or stores it if it is flagged so.
  void sendToAbsent(const PeerSendOp& op);
  /// False: nobody waits for the receiver. True: the message waits, or has failed.
  bool await(const PeerSendOp& op);
  /// The receiver is not expected any more: stores what is flagged, and the rest did not reach anybody.
  void giveUp(const ScopedName& receiver);
  /// A message that waited in front of an inbox, and whose receiver is gone, or does not come.
  void drop(const ScopedName& receiver, HeldMessage& held, std::uint64_t nowMs, std::optional<HistoryRecord> record);
  /// Gives a message to the store; its sender gets the result. `mayBeThere`: the receiver may have it already, so
  /// nobody can say that it failed if the store does not take it.
  void store(const ScopedName& receiver, const SessionAddress& sender, std::uint64_t seq, OfflineMessage message,
             std::optional<HistoryRecord> record, bool mayBeThere = false);
  /// Stores a message of a session that ends, with its place in the inbox if a client may have it.
  void storeAbandoned(const User& user, const Inbox::Abandoned& abandoned, std::uint64_t nowMs);
  void beginStoring(const ScopedName& receiver);
  void endStoring(const ScopedName& receiver);
  void load(User& user);
  void loaded(const ScopedName& name, std::uint64_t load, OfflinePage page);
  /// Nothing is awaited from the store any more.
  void openInbox(User& user);
  /// Moves stored and held messages into the inbox, as far as there is room.
  void admit(User& user);
  /// Puts a message behind all others of a user who is there. False: a bound is reached.
  bool take(User& user, const PeerSendOp& op);
  /// The client has these messages: their sender gets its OK, or the store drops them.
  void settle(const User& user, const SessionAddress& sender, std::uint64_t first, std::uint64_t count);

  /// Charges what the user's messages take by now.
  static void count(User& user) {
    user.inboxBytes.set(user.inbox.capacity());
    user.heldBytes.set(user.arrivals ? user.arrivals->heldBytes : 0);
  }

  Users users_;
  Outlet& outlet_;
  const Ledger* ledger_;
  const InboxBounds& bounds_;
  MessageStore& store_;
  HistoryWrites& history_;
  const Returns& returns_;
  AwaitedMessages awaited_;
  ScopedMap<std::uint32_t> storing_;  ///< by receiver: operations on its queue that the store has not answered
  std::size_t storingBytes_ = 0;      ///< of messages that the store has not answered
  std::set<User*> loading_;           ///< whose stored messages have not come yet
  std::uint64_t lastLoad_ = 0;
  bool resting_ = false;  ///< since storeRest(): nothing goes into an inbox
  Task rested_;           ///< waits for the store
};

}  // namespace rtm::server
