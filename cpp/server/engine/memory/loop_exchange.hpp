#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "server/engine/seam/engine.hpp"

namespace rtm::server {

/// The records of one loop for another within a turn. Records keep their order; texts and contents lie in one arena; a
/// reused batch allocates nothing.
struct LoopBatch {
  enum class Kind : std::uint8_t { PeerSend, Publish, Acknowledge, Results, PeerMessage, ChannelFrame, Presence, Task };

  /// One record for all kinds, so that the queue is one vector. The texts follow each other in the arena from `begin`.
  struct Record {
    Kind kind{};
    ChannelFrame::Kind frameKind{};
    bool namesReceivers = false;
    std::uint8_t firstSize = 0;   ///< sender id, channel id or watched user
    std::uint8_t secondSize = 0;  ///< receiver id or channel id
    AppNumber app{};
    SessionAddress session;
    std::uint64_t fence = 0;
    std::uint64_t number = 0;  ///< seq, offset, excluded session
    std::uint64_t count = 0;
    std::uint64_t timeMs = 0;
    std::uint64_t capabilities = 0;
    std::uint32_t code = 0;  ///< result code, flags, member count, presence state
    std::uint32_t contentSize = 0;
    std::size_t begin = 0;
  };

  std::vector<Record> records;
  Bytes arena;
  std::vector<Task> tasks;          ///< of the records of kind Task, in their order
  std::vector<SharedFrame> frames;  ///< of the records of kind ChannelFrame, in their order

  void clear();
};

/// Queues between loops. Each pair of loops has its own order; a target is woken once for everything that came while it
/// worked. Each method says whose thread may call it.
class LoopExchange {
 public:
  /// Above these a queue is full: new messages are refused, while answers and accepted messages still pass.
  static constexpr std::uint64_t kMaxRecords = 64 * 1024;
  static constexpr std::uint64_t kMaxBytes = 32 * 1024 * 1024;

  explicit LoopExchange(std::uint32_t loops);

  /// On thread `from`: the batch that flush() will hand over.
  LoopBatch& outgoing(std::uint32_t from, std::uint32_t to);
  /// Any thread that is `from`.
  bool hasRoom(std::uint32_t from, std::uint32_t to) const;
  /// On thread `from`: hands the pending batches over. Calls wake(to) for each target that must be woken.
  template <typename Wake>
  void flush(std::uint32_t from, Wake&& wake) {
    for (std::uint32_t to = 0; to < loops_; ++to) {
      if (handOver(from, to)) wake(to);
    }
  }
  /// On thread `to`: calls handle(LoopBatch&) for each batch, in order.
  template <typename Handle>
  void drain(std::uint32_t to, Handle&& handle) {
    std::vector<Parcel>& parcels = collect(to);
    for (Parcel& parcel : parcels) {
      handle(*parcel.batch);
      recycle(to, parcel);
    }
    parcels.clear();
  }

 private:
  struct Parcel {
    std::uint32_t from = 0;
    std::unique_ptr<LoopBatch> batch;
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
  };
  struct Queue {                                                         // one per (from, to)
    std::unique_ptr<LoopBatch> pending = std::make_unique<LoopBatch>();  ///< touched by `from` only
    std::atomic<std::uint64_t> records{0};                               ///< handed over and not yet handled
    std::atomic<std::uint64_t> bytes{0};
    std::mutex spareMutex;
    std::unique_ptr<LoopBatch> spare;
  };
  struct Target {
    std::mutex mutex;
    std::vector<Parcel> arrived;
    bool woken = false;
    std::vector<Parcel> working;  ///< touched by `to` only
  };

  Queue& queue(std::uint32_t from, std::uint32_t to) const { return queues_[from * loops_ + to]; }
  bool handOver(std::uint32_t from, std::uint32_t to);
  std::vector<Parcel>& collect(std::uint32_t to);
  void recycle(std::uint32_t to, Parcel& parcel);

  std::uint32_t loops_;
  std::unique_ptr<Queue[]> queues_;
  std::unique_ptr<Target[]> targets_;
};

}  // namespace rtm::server
