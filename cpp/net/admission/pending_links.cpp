#include "net/admission/pending_links.hpp"

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
  // Its own prefix first: a prefix that is full makes room by itself, and the others notice nothing.
  const bool room =
      (sizeOf(prefix) < limits_.perPrefix || dropFirstOf(prefix)) && (size() < limits_.total || dropOne());
  if (!room) {
    ++counters_.refused;
    return std::nullopt;
  }
  const std::uint64_t id = ++lastId_;
  clients_.emplace(id, Client{prefix, PendingStage::Silent, nowMs, std::move(drop)});
  std::set<Rank>& ranks = byPrefix_[prefix];
  ranks.emplace(PendingStage::Silent, id);
  count(prefix, ranks.size() - 1, ranks.size());
  silent_.insert(id);
  return PendingPlace(shared_from_this(), id);
}

bool PendingLinks::dropOne() {
  // NOLINTNEXTLINE(modernize-loop-convert): Clang 14 does not compile the reversed views of GCC 12's library
  for (auto largest = bySize_.rbegin(); largest != bySize_.rend(); ++largest) {
    if (dropFirstOf(largest->second)) return true;
  }
  return false;
}

void PendingLinks::sweep(std::uint64_t nowMs) {
  while (!silent_.empty()) {
    const std::uint64_t id = *silent_.begin();
    const std::uint64_t allowed = size() * 2 >= limits_.total ? limits_.firstByteWhenBusyMs : limits_.firstByteMs;
    if (nowMs < clients_.at(id).sinceMs + allowed) return;
    ++counters_.silent;
    drop(id);
  }
}

std::size_t PendingLinks::sizeOf(AddressPrefix prefix) const {
  const auto found = byPrefix_.find(prefix);
  return found == byPrefix_.end() ? 0 : found->second.size();
}

void PendingLinks::moveTo(std::uint64_t id, PendingStage stage) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second.stage == stage) return;
  Client& client = found->second;
  std::set<Rank>& ranks = byPrefix_.at(client.prefix);
  ranks.erase({client.stage, id});
  ranks.emplace(stage, id);
  if (client.stage == PendingStage::Silent) silent_.erase(id);
  if (stage == PendingStage::Silent) silent_.insert(id);
  client.stage = stage;
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
  ranks->second.erase({client.stage, id});
  const std::size_t left = ranks->second.size();
  count(client.prefix, left + 1, left);
  if (left == 0) byPrefix_.erase(ranks);
}

bool PendingLinks::dropFirstOf(AddressPrefix prefix) {
  const auto ranks = byPrefix_.find(prefix);
  if (ranks == byPrefix_.end()) return false;
  const auto [stage, id] = *ranks->second.begin();
  if (stage == PendingStage::WaitsForUs) return false;
  ++counters_.dropped;
  drop(id);
  return true;
}

/// The client leaves the tables before it hears of it: it may let go of its place inside.
void PendingLinks::drop(std::uint64_t id) {
  Task drop = std::move(clients_.at(id).drop);
  remove(id);
  if (drop) drop();
}

void PendingLinks::count(AddressPrefix prefix, std::size_t before, std::size_t after) {
  if (before != 0) bySize_.erase({before, prefix});
  if (after != 0) bySize_.emplace(after, prefix);
}

}  // namespace rtm::net
