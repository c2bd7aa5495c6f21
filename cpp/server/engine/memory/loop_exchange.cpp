#include "server/engine/memory/loop_exchange.hpp"

namespace rtm::server {
namespace {

/// A batch above this is not kept for reuse.
constexpr std::size_t kKeepBatchBytes = 1024 * 1024;

}  // namespace

void LoopBatch::clear() {
  records.clear();
  arena.clear();
  tasks.clear();
  frames.clear();
}

LoopExchange::LoopExchange(std::uint32_t loops)
    : loops_(loops),
      queues_(std::make_unique<Queue[]>(std::size_t{loops} * loops)),
      targets_(std::make_unique<Target[]>(loops)) {}

LoopBatch& LoopExchange::outgoing(std::uint32_t from, std::uint32_t to) {
  return *queue(from, to).pending;
}

bool LoopExchange::hasRoom(std::uint32_t from, std::uint32_t to) const {
  const Queue& between = queue(from, to);
  return between.pending->records.size() + between.records.load(std::memory_order_relaxed) < kMaxRecords &&
         between.pending->arena.size() + between.bytes.load(std::memory_order_relaxed) < kMaxBytes;
}

bool LoopExchange::handOver(std::uint32_t from, std::uint32_t to) {
  Queue& between = queue(from, to);
  if (between.pending->records.empty()) return false;
  std::unique_ptr<LoopBatch> next;
  {
    const std::lock_guard lock(between.spareMutex);
    next = std::move(between.spare);
  }
  if (!next) next = std::make_unique<LoopBatch>();
  Parcel parcel{from, std::exchange(between.pending, std::move(next)), 0, 0};
  parcel.records = parcel.batch->records.size();
  parcel.bytes = parcel.batch->arena.size();
  between.records.fetch_add(parcel.records, std::memory_order_relaxed);
  between.bytes.fetch_add(parcel.bytes, std::memory_order_relaxed);

  Target& target = targets_[to];
  const std::lock_guard lock(target.mutex);
  target.arrived.push_back(std::move(parcel));
  return !std::exchange(target.woken, true);
}

std::vector<LoopExchange::Parcel>& LoopExchange::collect(std::uint32_t to) {
  Target& target = targets_[to];
  const std::lock_guard lock(target.mutex);
  target.woken = false;
  target.working.swap(target.arrived);
  return target.working;
}

void LoopExchange::recycle(std::uint32_t to, Parcel& parcel) {
  Queue& between = queue(parcel.from, to);
  between.records.fetch_sub(parcel.records, std::memory_order_relaxed);
  between.bytes.fetch_sub(parcel.bytes, std::memory_order_relaxed);
  parcel.batch->clear();
  if (parcel.batch->arena.capacity() > kKeepBatchBytes) return;
  const std::lock_guard lock(between.spareMutex);
  between.spare = std::move(parcel.batch);
}

}  // namespace rtm::server
