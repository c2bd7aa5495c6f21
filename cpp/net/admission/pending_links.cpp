#include "net/admission/pending_links.hpp"

#include <algorithm>
#include <vector>

namespace rtm::net {

PendingPlace& PendingPlace::operator=(PendingPlace&& other) noexcept {
  if (this == &other) return *this;
  release();
  links_ = std::move(other.links_);
  id_ = other.id_;
  return *this;
}

void PendingPlace::moveTo(PendingStage stage) {
  if (links_ != nullptr) links_->moveTo(id_, stage);
}

void PendingPlace::onDrop(Task drop) {
  if (links_ != nullptr) links_->onDrop(id_, std::move(drop));
}

void PendingPlace::release() {
  if (const auto links = std::exchange(links_, nullptr)) links->remove(id_);
}

std::optional<PendingPlace> PendingLinks::enter(AddressPrefix prefix, std::uint64_t nowMs, Task drop) {
  if (!makeRoom(prefix, nowMs)) {
    ++counters_.refused;
    return std::nullopt;
  }
  const std::uint64_t id = ++lastId_;
  const Rank rank{PendingStage::Silent, ++lastOrder_};
  clients_.emplace(id, Client{prefix, rank, nowMs, std::move(drop)});
  auto& ranks = byPrefix_[prefix];
  ranks.emplace(rank, id);
  count(prefix, ranks.size() - 1, ranks.size());
  silent_.insert(id);
  return PendingPlace(shared_from_this(), id);
}

bool PendingLinks::makeRoom(AddressPrefix prefix, std::uint64_t nowMs) {
  const AddressPrefix site = prefix.site();
  // Its own prefix first, then its site: a full prefix or site makes room by itself, and the others notice nothing.
  if (!limits_.exempt.contains(prefix)) {
    const Penalties::Standing standing = standingOf(prefix, nowMs);
    if (standing == Penalties::Standing::Refused) return false;
    const std::size_t share = standing == Penalties::Standing::Slowed ? Penalties::kSlowedShare : 1;
    if (sizeOf(prefix) >= std::max<std::size_t>(1, limits_.perPrefix / share) && !dropFirstOf(prefix)) return false;
    if (sizeOfSite(site) >= limits_.perSite && !dropFirstOfSite(site) && !dropForSmallerPrefix(site, prefix))
      return false;
  }
  return size() < limits_.total || dropOne() || dropForSmallerSite(site);
}

bool PendingLinks::dropOne() {
  // NOLINTNEXTLINE(modernize-loop-convert): Clang 14 does not compile the reversed views of GCC 12's library
  for (auto largest = sitesBySize_.rbegin(); largest != sitesBySize_.rend(); ++largest) {
    if (dropFirstOfSite(largest->second)) return true;
  }
  return false;
}

void PendingLinks::sweep(std::uint64_t nowMs) {
  std::vector<std::uint64_t> overdue;
  for (const std::uint64_t id : silent_) {
    const Client& client = clients_.at(id);
    const std::uint64_t silentMs = nowMs - std::min(nowMs, client.sinceMs);
    if (silentMs < limits_.firstByteOfManyMs) break;
    const bool many = sizeOfSite(client.prefix.site()) * 4 >= limits_.total;
    if (many || silentMs >= limits_.firstByteMs) overdue.push_back(id);
  }
  for (const std::uint64_t id : overdue) {
    if (!silent_.contains(id)) continue;  // it went with another
    ++counters_.silent;
    drop(id);
  }
}

std::size_t PendingLinks::sizeOf(AddressPrefix prefix) const {
  const auto found = byPrefix_.find(prefix);
  return found == byPrefix_.end() ? 0 : found->second.size();
}

std::size_t PendingLinks::sizeOfSite(AddressPrefix site) const {
  const auto found = sites_.find(site);
  return found == sites_.end() ? 0 : found->second.clients;
}

void PendingLinks::moveTo(std::uint64_t id, PendingStage stage) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second.rank.first == stage) return;
  Client& client = found->second;
  auto& ranks = byPrefix_.at(client.prefix);
  ranks.erase(client.rank);
  client.rank = {stage, ++lastOrder_};
  ranks.emplace(client.rank, id);
  silent_.erase(id);  // nobody becomes silent again
}

void PendingLinks::onDrop(std::uint64_t id, Task drop) {
  const auto found = clients_.find(id);
  if (found != clients_.end()) found->second.drop = std::move(drop);
}

void PendingLinks::remove(std::uint64_t id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;  // it was dropped
  const Client client = std::move(found->second);
  clients_.erase(found);
  silent_.erase(id);
  const auto ranks = byPrefix_.find(client.prefix);
  ranks->second.erase(client.rank);
  const std::size_t left = ranks->second.size();
  count(client.prefix, left + 1, left);
  if (left == 0) byPrefix_.erase(ranks);
}

bool PendingLinks::dropFirstOf(AddressPrefix prefix) {
  const auto ranks = byPrefix_.find(prefix);
  if (ranks == byPrefix_.end()) return false;
  const auto [rank, id] = *ranks->second.begin();
  if (rank.first == PendingStage::WaitsForUs) return false;
  ++counters_.dropped;
  drop(id);
  return true;
}

bool PendingLinks::dropFirstOfSite(AddressPrefix site) {
  const auto found = sites_.find(site);
  if (found == sites_.end()) return false;
  const BySize& prefixes = found->second.prefixes;
  // NOLINTNEXTLINE(modernize-loop-convert): as above
  for (auto largest = prefixes.rbegin(); largest != prefixes.rend(); ++largest) {
    if (dropFirstOf(largest->second)) return true;
  }
  return false;
}

bool PendingLinks::dropForSmallerPrefix(AddressPrefix site, AddressPrefix prefix) {
  const auto found = sites_.find(site);
  if (found == sites_.end()) return false;
  const auto [most, largest] = *found->second.prefixes.rbegin();
  return most > sizeOf(prefix) + 1 && dropLastOf(largest);
}

bool PendingLinks::dropForSmallerSite(AddressPrefix site) {
  if (sitesBySize_.empty()) return false;
  const auto [most, largest] = *sitesBySize_.rbegin();
  return most > sizeOfSite(site) + 1 && dropLastOf(sites_.at(largest).prefixes.rbegin()->second);
}

bool PendingLinks::dropLastOf(AddressPrefix prefix) {
  ++counters_.dropped;
  drop(byPrefix_.at(prefix).rbegin()->second);
  return true;
}

/// The client leaves the tables before it hears of it: it may let go of its place inside.
void PendingLinks::drop(std::uint64_t id) {
  Task drop = std::move(clients_.at(id).drop);
  remove(id);
  if (drop) drop();
}

void PendingLinks::count(AddressPrefix prefix, std::size_t before, std::size_t after) {
  const AddressPrefix at = prefix.site();
  Site& site = sites_[at];
  if (before != 0) site.prefixes.erase({before, prefix});
  if (after != 0) site.prefixes.emplace(after, prefix);
  sitesBySize_.erase({site.clients, at});
  site.clients += after - before;  // unsigned: also where there are fewer
  if (site.clients != 0) {
    sitesBySize_.emplace(site.clients, at);
  } else {
    sites_.erase(at);
  }
}

}  // namespace rtm::net
