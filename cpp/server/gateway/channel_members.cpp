#include "server/gateway/channel_members.hpp"

namespace rtm::server {

void Hub::add(const ScopedName& channel, Session& session, Membership& membership, std::uint32_t toldCount) {
  auto found = channels_.find(channel);
  if (found == channels_.end()) found = channels_.emplace(ScopedKey(channel), std::vector<Entry>{}).first;
  std::vector<Entry>& entries = found->second;
  if (membership.hubPosition != Membership::kUnlisted) {
    entries[membership.hubPosition].toldCount = toldCount;
    return;
  }
  membership.hubPosition = static_cast<std::uint32_t>(entries.size());
  entries.push_back({&session, &membership, toldCount});
}

void Hub::remove(const ScopedName& channel, Membership& membership) {
  if (membership.hubPosition == Membership::kUnlisted) return;
  const auto found = channels_.find(channel);
  std::vector<Entry>& entries = found->second;
  Entry& hole = entries[membership.hubPosition];
  hole = entries.back();
  hole.membership->hubPosition = membership.hubPosition;
  entries.pop_back();
  membership.hubPosition = Membership::kUnlisted;
  if (entries.empty()) channels_.erase(found);
}

std::vector<Hub::Entry>* Hub::find(const ScopedName& channel) {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? nullptr : &found->second;
}

}  // namespace rtm::server
