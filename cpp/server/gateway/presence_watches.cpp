#include "server/gateway/presence_watches.hpp"

#include <algorithm>
#include <utility>

#include "server/connection/client_connection.hpp"
#include "server/session/session.hpp"

namespace rtm::server {
namespace {

/// Most users in one event: with 64 bytes each it fits into a frame, and all 512 a client may watch into one.
constexpr std::size_t kUsersPerEvent = 900;

/// Sends in as many events as it takes.
class EventWriter {
 public:
  explicit EventWriter(Session& session) : session_(session) {}
  ~EventWriter() { send(); }
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  void add(Subscription& subscription) {
    subscription.told = subscription.watched->state;
    event_.userIds.push_back(subscription.userId);
    event_.states.push_back(static_cast<std::uint32_t>(*subscription.told));
    if (event_.userIds.size() == kUsersPerEvent) send();
  }

 private:
  void send() {
    if (event_.userIds.empty()) return;
    if (session_.live) session_.connection->send(event_);
    event_ = {};
  }

  Session& session_;
  wire::PresenceEvent event_;
};

}  // namespace

void PresenceWatches::list(Session& session, std::span<const std::string> userIds, Task known) {
  SessionState& state = *session.state;
  std::vector<std::string> unknown;
  for (const std::string& userId : userIds) {
    const auto found = state.subscriptions.find(userId);
    if (found == state.subscriptions.end()) continue;
    Subscription& subscription = found->second;
    if (subscription.watched == nullptr) {
      const ScopedName name{state.app, userId};
      auto user = users_.find(name);
      if (user == users_.end()) user = users_.emplace(ScopedKey(name), WatchedUser{}).first;
      subscription.userId = found->first;
      subscription.watched = &user->second;
      subscription.position = static_cast<std::uint32_t>(user->second.watchers.size());
      user->second.watchers.push_back({&session, &subscription});
    }
    if (!subscription.watched->state) unknown.push_back(userId);
  }
  if (unknown.empty()) return known();
  engine_.watch(state.app, std::move(unknown), std::move(known));
}

void PresenceWatches::tell(Session& session, std::span<const std::string> userIds) {
  EventWriter event(session);
  for (const std::string& userId : userIds) {
    const auto found = session.state->subscriptions.find(userId);
    if (found == session.state->subscriptions.end()) continue;
    Subscription& subscription = found->second;
    if (subscription.watched == nullptr || !subscription.watched->state) continue;
    event.add(subscription);
  }
}

void PresenceWatches::detach(Session& session, Subscription& subscription, std::vector<std::string>& abandoned) {
  if (std::exchange(subscription.news, false)) {
    std::erase(session.presenceNews, &subscription);
    if (session.presenceNews.empty()) std::erase(dirty_, &session);
  }
  WatchedUser* user = std::exchange(subscription.watched, nullptr);
  if (user == nullptr) return;
  WatchedUser::Watcher& hole = user->watchers[subscription.position];
  hole = user->watchers.back();
  hole.subscription->position = subscription.position;
  user->watchers.pop_back();
  if (!user->watchers.empty()) return;
  users_.erase(users_.find(ScopedName{session.state->app, subscription.userId}));
  abandoned.emplace_back(subscription.userId);
}

void PresenceWatches::unsubscribe(Session& session, std::span<const std::string> userIds) {
  std::vector<std::string> abandoned;
  for (const std::string& userId : userIds) {
    const auto found = session.state->subscriptions.find(userId);
    if (found == session.state->subscriptions.end()) continue;
    detach(session, found->second, abandoned);
    session.state->subscriptions.erase(found);
  }
  if (!abandoned.empty()) engine_.unwatch(session.state->app, std::move(abandoned));
}

void PresenceWatches::unlist(Session& session) {
  if (!session.presenceNews.empty()) std::erase(dirty_, &session);
  for (Subscription* subscription : std::exchange(session.presenceNews, {})) subscription->news = false;
  std::vector<std::string> abandoned;
  for (auto& [userId, subscription] : session.state->subscriptions) {
    detach(session, subscription, abandoned);
    subscription.told.reset();  // the last state that was told may have been lost with the link
  }
  if (!abandoned.empty()) engine_.unwatch(session.state->app, std::move(abandoned));
}

bool PresenceWatches::update(const ScopedName& user, wire::PresenceState state) {
  const auto found = users_.find(user);
  if (found == users_.end() || found->second.state == state) return false;
  found->second.state = state;
  for (const WatchedUser::Watcher& watcher : found->second.watchers) {
    if (!watcher.subscription->told || watcher.subscription->news) continue;
    watcher.subscription->news = true;
    if (watcher.session->presenceNews.empty()) dirty_.push_back(watcher.session);
    watcher.session->presenceNews.push_back(watcher.subscription);
  }
  return !dirty_.empty();
}

void PresenceWatches::flush() {
  for (Session* session : std::exchange(dirty_, {})) flush(*session);
}

void PresenceWatches::flush(Session& session) {
  EventWriter event(session);
  for (Subscription* subscription : std::exchange(session.presenceNews, {})) {
    subscription->news = false;
    if (subscription->told != subscription->watched->state) event.add(*subscription);
  }
}

}  // namespace rtm::server
