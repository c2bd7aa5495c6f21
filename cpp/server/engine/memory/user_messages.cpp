#include "server/engine/memory/user_messages.hpp"

#include <algorithm>
#include <vector>

#include "server/engine/memory/sender_share.hpp"
#include "server/model/codes.hpp"
#include "server/model/content_fields.hpp"
#include "server/model/store_constants.hpp"

namespace rtm::server {
namespace {

/// Instead of a sender: the message came from the store, and its seq is its id there.
constexpr SessionAddress kFromStore{.loop = 0xFFFFFFFF, .sessionId = 0};

constexpr std::uint64_t kLoadAgainMs = 500;
/// Shorter than the 10 s after which senders give up waiting.
constexpr std::uint64_t kGiveUpMs = 5000;

bool flagged(const PeerSendOp& op) {
  return (op.flags & static_cast<std::uint32_t>(wire::SendFlag::Offline)) != 0;
}

Inbox::Fallback fallbackOf(const PeerSendOp& op) {
  return {
      .store = flagged(op), .requiredCapabilities = op.requiredCapabilities, .expires = (op.flags & kExpiresFlag) != 0};
}

bool late(const HeldMessage& held, std::uint64_t nowMs) {
  return held.fallback.expires && expired(held.content, nowMs);
}

HeldMessage heldOf(const PeerSendOp& op) {
  return {.sender = op.sender,
          .seq = op.seq,
          .senderId = std::string(op.senderId),
          .timeMs = op.serverTimeMs,
          .fallback = fallbackOf(op),
          .content = Bytes(op.content.begin(), op.content.end())};
}

}  // namespace

// ---- to a user who is there ----------------------------------------------------------------------------------------

void UserMessages::send(const PeerSendOp& op) {
  User* user = users_.find({op.app, op.receiverId});
  const auto answer = [&](std::uint32_t result) { outlet_.sendResults(op.sender, op.seq, 1, result); };
  if (user == nullptr || user->state == User::State::Ending || resting_) return sendToAbsent(op);
  if ((op.requiredCapabilities & ~user->capabilities) != 0) return answer(code::peer::kIncompatibleMessage);
  if (!outlet_.hasRoom(user->address.loop)) return answer(code::peer::kFailure);
  if (ledger_ != nullptr && ledger_->level() == MemoryLevel::Full) return answer(code::peer::kFailure);
  if (!take(*user, op)) return answer(code::peer::kFailure);
  count(*user);
  history_.keep(op.app, op.sender, op.seq, HistoryWrites::recordOf(op));
  if (user->state == User::State::Online) deliver(*user);
}

void UserMessages::deliver(User& user) {
  if (user.inbox.expiring()) return deliverExpiring(user);
  for (ByteView frame = user.inbox.handNext(); !frame.empty(); frame = user.inbox.handNext()) {
    outlet_.peerMessage(user.address, frame);
  }
}

void UserMessages::deliverExpiring(User& user) {
  const std::uint64_t nowMs = outlet_.host().wallClockMs();
  const auto late = [nowMs](ByteView frame) {
    wire::PeerMessage message;
    return wire::decode(frame.subspan(wire::kFrameHeaderSize), message) && expired(message.content, nowMs);
  };
  const auto lost = [&](const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
    if (sender == kFromStore) return settle(user, sender, first, count);
    history_.sendResults(sender, first, count, code::peer::kFailure);
  };
  const auto next = [&] { return user.inbox.handNext(late, lost); };
  for (ByteView frame = next(); !frame.empty(); frame = next()) outlet_.peerMessage(user.address, frame);
}

void UserMessages::acknowledge(const AcknowledgeOp& op) {
  User* user = users_.find({op.app, op.userId}, op.fence);
  if (user == nullptr) return;
  const auto taken = [&](const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
    settle(*user, sender, first, count);
  };
  if (op.refused && op.offset != 0) {
    user->inbox.acknowledge(op.offset - 1, taken);
    user->inbox.acknowledge(op.offset, [&](const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
      if (sender == kFromStore) return settle(*user, sender, first, count);
      history_.sendResults(sender, first, count, code::peer::kFailure);
    });
  } else {
    user->inbox.acknowledge(op.offset, taken);
  }
  admit(*user);
  count(*user);
  if (user->state == User::State::Online) deliver(*user);  // the window has room again
}

bool UserMessages::rewind(User& user, std::uint64_t epoch, std::uint64_t offset) {
  const bool complete =
      user.inbox.rewind(epoch, offset, [&](const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
        settle(user, sender, first, count);
      });
  admit(user);
  count(user);
  return complete;
}

// ---- into the store ---------------------------------------------------------------------------------------------

bool UserMessages::await(const PeerSendOp& op) {
  if (!returns_.expected(op.app, outlet_.now())) {
    if (!awaited_.empty()) giveUp({op.app, op.receiverId});
    return false;
  }
  const ScopedName receiver{op.app, op.receiverId};
  // The store brings it as well, and outlives the server; but never ahead of what was sent before it.
  if (flagged(op) && !awaited_.holdsFor(receiver)) return false;
  const bool room = ledger_ == nullptr || ledger_->level() < MemoryLevel::Hard;
  if (!room || !awaited_.hold(receiver, {.held = heldOf(op), .record = HistoryWrites::recordOf(op)})) {
    history_.sendResults(op.sender, op.seq, 1, code::peer::kFailure);
  }
  return true;
}

void UserMessages::sendToAbsent(const PeerSendOp& op) {
  if (!resting_ && await(op)) return;
  if (!flagged(op)) return history_.sendResults(op.sender, op.seq, 1, code::peer::kUnreachable);
  if (ledger_ != nullptr && ledger_->level() >= MemoryLevel::Hard) {
    return history_.sendResults(op.sender, op.seq, 1, code::peer::kFailure);
  }
  OfflineMessage message{.senderId = std::string(op.senderId),
                         .timeMs = op.serverTimeMs,
                         .requiredCapabilities = op.requiredCapabilities,
                         .content = Bytes(op.content.begin(), op.content.end())};
  store({op.app, op.receiverId}, op.sender, op.seq, std::move(message), HistoryWrites::recordOf(op));
}

void UserMessages::store(const ScopedName& receiver, const SessionAddress& sender, std::uint64_t seq,
                         OfflineMessage message, std::optional<HistoryRecord> record, bool mayBeThere) {
  const std::size_t size = sizeof(OfflineMessage) + message.content.size();
  const auto refused = [this, sender, seq, mayBeThere] {
    if (!mayBeThere) history_.sendResults(sender, seq, 1, code::peer::kFailure);
  };
  if (storingBytes_ + size > kMaxUnansweredBytes) return refused();
  storingBytes_ += size;
  beginStoring(receiver);
  store_.appendOffline(
      outlet_.host(), receiver, std::move(message),
      [this, key = ScopedKey(receiver), sender, seq, size, refused, kept = std::move(record)](bool ok) mutable {
        storingBytes_ -= size;
        if (ok) {
          history_.keep(key.app, sender, seq, std::move(kept));
          history_.sendResults(sender, seq, 1, code::peer::kCached);
        } else {
          refused();
        }
        endStoring(key.view());
      });
}

void UserMessages::beginStoring(const ScopedName& receiver) {
  const auto found = storing_.find(receiver);
  if (found == storing_.end()) {
    storing_.emplace(ScopedKey(receiver), 1);
  } else {
    ++found->second;
  }
}

void UserMessages::endStoring(const ScopedName& receiver) {
  const auto found = storing_.find(receiver);
  if (--found->second != 0) return;
  storing_.erase(found);
  if (storing_.empty() && rested_) std::exchange(rested_, {})();
  User* user = users_.find(receiver);
  const bool waits = user != nullptr && user->arrivals && user->arrivals->loading && user->arrivals->load == 0;
  if (waits && user->arrivals->retryAt == 0) load(*user);
}

void UserMessages::end(User& user) {
  loading_.erase(&user);
  const std::unique_ptr<Arrivals> arrivals = std::move(user.arrivals);
  count(user);
  const std::uint64_t nowMs = outlet_.host().wallClockMs();
  const ScopedName name = user.key.view();
  // A client that logs out acknowledges before what it has, and takes nothing more.
  user.inbox.abandon(
      user.endReason == SessionEnd::Logout,
      [&](const Inbox::Abandoned& message) { storeAbandoned(user, message, nowMs); },
      [this](const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
        if (sender != kFromStore) history_.sendResults(sender, first, count, code::peer::kUnreachable);
      });
  if (!arrivals) return;
  for (HeldMessage& held : arrivals->held) drop(name, held, nowMs, std::nullopt);
}

void UserMessages::storeRest(Task done) {
  resting_ = true;
  users_.each([this](User& user) {
    if (user.state == User::State::Ending) return;
    user.endReason = SessionEnd::GraceOver;  // its client may have more than it has acknowledged
    end(user);
  });
  while (!awaited_.empty()) {
    const ScopedKey receiver = awaited_.first();
    giveUp(receiver.view());
  }
  if (storing_.empty()) return done();
  rested_ = std::move(done);
}

void UserMessages::drop(const ScopedName& receiver, HeldMessage& held, std::uint64_t nowMs,
                        std::optional<HistoryRecord> record) {
  if (!held.fallback.store) return history_.sendResults(held.sender, held.seq, 1, code::peer::kUnreachable);
  if (late(held, nowMs)) return history_.sendResults(held.sender, held.seq, 1, code::peer::kFailure);
  store(receiver, held.sender, held.seq,
        {.senderId = std::move(held.senderId),
         .timeMs = nowMs,
         .requiredCapabilities = held.fallback.requiredCapabilities,
         .content = std::move(held.content)},
        std::move(record));
}

void UserMessages::storeAbandoned(const User& user, const Inbox::Abandoned& abandoned, std::uint64_t nowMs) {
  wire::PeerMessage message;
  if (!wire::decode(abandoned.frame.subspan(wire::kFrameHeaderSize), message)) return;  // the inbox wrote it
  const bool mayBeThere = abandoned.handedAs != 0 && user.endReason != SessionEnd::Logout;
  if (abandoned.expires && expired(message.content, nowMs)) {
    if (!mayBeThere) history_.sendResults(abandoned.sender, abandoned.seq, 1, code::peer::kFailure);
    return;
  }
  Bytes content(message.content.begin(), message.content.end());
  if (abandoned.handedAs != 0) {
    addFields(content, {.earlierEpoch = user.inbox.epoch(), .earlierOffset = abandoned.handedAs});
  }
  store(user.key.view(), abandoned.sender, abandoned.seq,
        {.senderId = std::string(message.senderId),
         .timeMs = nowMs,
         .requiredCapabilities = abandoned.capabilities,
         .content = std::move(content)},
        std::nullopt, mayBeThere);
}

// ---- out of the store -------------------------------------------------------------------------------------------

void UserMessages::begin(User& user) {
  for (AwaitedMessages::Message& message : awaited_.take(user.key.view())) {
    HeldMessage& held = message.held;
    if ((held.fallback.requiredCapabilities & ~user.capabilities) != 0) {
      history_.sendResults(held.sender, held.seq, 1, code::peer::kIncompatibleMessage);
      continue;
    }
    history_.keep(user.key.app, held.sender, held.seq, std::move(message.record));
    user.arrivals->heldBytes += held.cost();
    user.arrivals->held.push_back(std::move(held));
  }
  count(user);
  user.arrivals->giveUpAt = outlet_.now() + kGiveUpMs;
  user.arrivals->overdue = false;
  load(user);
  if (user.arrivals && user.arrivals->loading) loading_.insert(&user);
}

void UserMessages::load(User& user) {
  // A message on its way into the queue would be missed, one on its way out would come twice. endStoring() loads again.
  if (storing_.find(user.key.view()) != storing_.end()) return;
  Arrivals& arrivals = *user.arrivals;
  arrivals.retryAt = 0;
  arrivals.load = ++lastLoad_;
  store_.loadOffline(outlet_.host(), user.key.view(), outlet_.host().wallClockMs(),
                     [this, key = user.key, number = arrivals.load](OfflinePage page) {
                       loaded(key.view(), number, std::move(page));
                     });
}

void UserMessages::loaded(const ScopedName& name, std::uint64_t load, OfflinePage page) {
  User* user = users_.find(name);
  // The session has ended meanwhile, or has given up waiting.
  if (user == nullptr || !user->arrivals || user->arrivals->load != load) return;
  Arrivals& arrivals = *user->arrivals;
  arrivals.load = 0;
  if (!page.ok) {
    arrivals.retryAt = outlet_.now() + kLoadAgainMs;
    return;
  }
  for (OfflineEntry& entry : page.entries) {
    // This client does not understand the message; it stays in the store for a client that does.
    if ((entry.message->requiredCapabilities & ~user->capabilities) != 0) continue;
    arrivals.stored.push_back(std::move(entry));
  }
  openInbox(*user);
}

void UserMessages::openInbox(User& user) {
  user.arrivals->loading = false;
  user.arrivals->load = 0;
  loading_.erase(&user);
  admit(user);
  count(user);
  if (user.state == User::State::Online) deliver(user);
}

void UserMessages::admit(User& user) {
  if (!user.arrivals || user.arrivals->loading) return;
  Arrivals& arrivals = *user.arrivals;
  constexpr auto kOffline = static_cast<std::uint32_t>(wire::SendFlag::Offline);
  const std::uint64_t nowMs = outlet_.host().wallClockMs();
  for (; !arrivals.stored.empty(); arrivals.stored.pop_front()) {
    const OfflineEntry& entry = arrivals.stored.front();
    const std::uint64_t expiry = expiryOf(entry.message->content);
    if (expiry != 0 && expiry <= nowMs) {
      settle(user, kFromStore, entry.id, 1);
      continue;
    }
    Bytes content = entry.message->content;
    addFields(content, {.storedAs = entry.id});
    const wire::PeerMessage message{.offset = 0,
                                    .senderId = entry.message->senderId,
                                    .serverTimeMs = entry.message->timeMs,
                                    .flags = kOffline,
                                    .content = content};
    if (user.inbox.push(kFromStore, entry.id, message, {.expires = expiry != 0})) continue;
    if (!user.inbox.empty()) return;  // acknowledge() comes back. A message that can never fit stays in the store
  }
  for (; !arrivals.held.empty(); arrivals.held.pop_front()) {
    const HeldMessage& held = arrivals.held.front();
    const wire::PeerMessage message{
        .offset = 0, .senderId = held.senderId, .serverTimeMs = held.timeMs, .flags = 0, .content = held.content};
    if (late(held, nowMs)) {
      history_.sendResults(held.sender, held.seq, 1, code::peer::kFailure);
    } else if (!user.inbox.push(held.sender, held.seq, message, held.fallback)) {
      if (!user.inbox.empty()) return;
      history_.sendResults(held.sender, held.seq, 1, code::peer::kFailure);
    }
    arrivals.heldBytes -= held.cost();
  }
  user.arrivals.reset();
}

bool UserMessages::take(User& user, const PeerSendOp& op) {
  if (!user.arrivals) {
    const wire::PeerMessage message{
        .offset = 0, .senderId = op.senderId, .serverTimeMs = op.serverTimeMs, .flags = 0, .content = op.content};
    return user.inbox.push(op.sender, op.seq, message, fallbackOf(op));
  }
  Arrivals& arrivals = *user.arrivals;
  HeldMessage held = heldOf(op);
  const std::size_t bytes = arrivals.heldBytes + held.cost();
  if (!hasRoom(arrivals.held, arrivals.heldBytes, bounds_, op.senderId, held.cost())) return false;
  if (bytes > Inbox::kFreeBytes && !user.heldBytes.mayGrow(held.cost())) return false;
  arrivals.heldBytes = bytes;
  arrivals.held.push_back(std::move(held));
  return true;
}

void UserMessages::settle(const User& user, const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
  if (sender != kFromStore) return history_.sendResults(sender, first, count, code::kOk);
  const ScopedName name = user.key.view();
  beginStoring(name);
  // If this fails, the messages come again at the next login.
  store_.removeOffline(outlet_.host(), name, first, first + count - 1,
                       [this, key = ScopedKey(name)](bool) { endStoring(key.view()); });
}

void UserMessages::giveUp(const ScopedName& receiver) {
  const std::uint64_t nowMs = outlet_.host().wallClockMs();
  for (AwaitedMessages::Message& message : awaited_.take(receiver)) {
    drop(receiver, message.held, nowMs, std::move(message.record));
  }
}

void UserMessages::tick() {
  const std::uint64_t now = outlet_.now();
  while (!awaited_.empty() && !returns_.expected(awaited_.first().app, now)) {
    const ScopedKey receiver = awaited_.first();
    giveUp(receiver.view());
  }
  if (loading_.empty()) return;
  for (User* user : std::vector<User*>(loading_.begin(), loading_.end())) {
    Arrivals& arrivals = *user->arrivals;
    if (arrivals.giveUpAt <= now) {
      // A process that stood still finds the time over before it has read the answer of its store: one tick more.
      if (std::exchange(arrivals.overdue, true)) openInbox(*user);
    } else if (arrivals.retryAt != 0 && arrivals.retryAt <= now) {
      arrivals.retryAt = 0;
      load(*user);
    }
  }
}

}  // namespace rtm::server
