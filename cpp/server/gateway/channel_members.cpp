#include "server/gateway/channel_members.hpp"

namespace rtm::server {

void ChannelMembers::add(const ScopedName& channel, Session& session, Membership& membership, std::uint32_t toldCount) {
  auto found = channels_.find(channel);
  if (found == channels_.end()) found = channels_.emplace(ScopedKey(channel), std::vector<Entry>{}).first;
  std::vector<Entry>& entries = found->second;
  if (membership.listPosition != Membership::kUnlisted) {
    entries[membership.listPosition].toldCount = toldCount;
    return;
  }
  membership.listPosition = static_cast<std::uint32_t>(entries.size());
  entries.push_back({&session, &membership, toldCount});
}

void ChannelMembers::remove(const ScopedName& channel, Membership& membership) {
  if (membership.listPosition == Membership::kUnlisted) return;
  const auto found = channels_.find(channel);
  std::vector<Entry>& entries = found->second;
  Entry& hole = entries[membership.listPosition];
  hole = entries.back();
  hole.membership->listPosition = membership.listPosition;
  entries.pop_back();
  membership.listPosition = Membership::kUnlisted;
  if (entries.empty()) channels_.erase(found);
}

std::vector<ChannelMembers::Entry>* ChannelMembers::find(const ScopedName& channel) {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? nullptr : &found->second;
}

}  // namespace rtm::server
