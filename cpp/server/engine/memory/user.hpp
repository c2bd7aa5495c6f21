#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/engine/memory/arrivals.hpp"
#include "server/engine/memory/attribute_set.hpp"
#include "server/engine/memory/inbox.hpp"
#include "server/engine/memory/outlet.hpp"
#include "server/governor/ledger.hpp"

namespace rtm::server {

/// A user who is logged in, and its session.
///
///   (none) ──open──▶ Online ──linkLost──▶ Grace ──deadline──▶ Ending ──ended──▶ (none), or the login that waited
///                      │  ▲                 │                   ▲
///                      │  └─startDelivery─ Resuming ◀─resume────┤ (resume, from Online or Grace; Moving while the
///                      └────close, kick─────┴───────────────────┘  state comes over from another loop)
struct User {
  enum class State : std::uint8_t { Online, Grace, Moving, Resuming, Ending };

  struct WaitingLogin {
    OpenRequest request;
    Reply<OpenOutcome> reply;
  };
  struct WaitingKick {
    std::string channelId;
    Reply<bool> reply;
  };

  /// What a login takes, about: its link with TLS, its session, its place in tables. Measured in docs/operations.md.
  static constexpr std::size_t kLoginBytes = 24 * 1024;

  User(const ScopedName& name, std::uint64_t epoch, const EngineParameters& parameters)
      : key(name),
        login(parameters.ledger, name, MemoryCategory::Sessions),
        inboxBytes(parameters.ledger, name, MemoryCategory::Inboxes),
        inbox(epoch, parameters.inbox, &inboxBytes),
        heldBytes(parameters.ledger, name, MemoryCategory::Held) {
    login.set(kLoginBytes);
  }

  ScopedKey key;
  SessionAddress address;
  std::uint64_t fence = 0;
  std::uint64_t capabilities = 0;
  State state = State::Online;
  ResumeToken token{};
  std::optional<ResumeToken> previousToken;  ///< until the client is known to have `token`
  std::uint64_t graceEnds = 0;
  MemoryCharge login;
  MemoryCharge inboxBytes;
  Inbox inbox;
  std::unique_ptr<Arrivals> arrivals;  ///< null: new messages go straight into the inbox
  MemoryCharge heldBytes;              ///< of `arrivals`
  std::optional<SessionEnd> endAfterMove;
  SessionEnd endReason = SessionEnd::Logout;
  bool silent = false;                          ///< for so long that watchers see UNREACHABLE
  std::unique_ptr<AttributeRecord> attributes;  ///< null until the first write
  std::vector<WaitingKick> kicksAfterMove;      ///< kicks that came while the state was on its way
  std::optional<WaitingLogin> waiting;          ///< the newest login that waits for the end of this session
};

/// The users of all partitions of one loop, by name. Loop thread only.
class Users {
 public:
  User* find(const ScopedName& name) const {
    const auto found = users_.find(name);
    return found == users_.end() ? nullptr : found->second.get();
  }
  /// Null if the user has another session by now.
  User* find(const ScopedName& name, std::uint64_t fence) const {
    User* user = find(name);
    return user != nullptr && user->fence == fence ? user : nullptr;
  }
  User& add(std::unique_ptr<User> user) { return *users_.emplace(user->key, std::move(user)).first->second; }
  std::unique_ptr<User> take(const ScopedName& name) {
    const auto found = users_.find(name);
    std::unique_ptr<User> user = std::move(found->second);
    users_.erase(found);
    return user;
  }
  std::size_t size() const { return users_.size(); }
  /// `look` must leave the table alone.
  template <typename Look>
  void each(Look&& look) {
    for (auto& [key, user] : users_) look(*user);
  }

 private:
  ScopedMap<std::unique_ptr<User>> users_;
};

}  // namespace rtm::server
