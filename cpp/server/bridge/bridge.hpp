#pragma once

// The way between the loops of one server and JavaScript (docs/decisions/006-bridge-and-cluster.md). Nothing here knows
// Node: operations gather here until JavaScript takes them, and JavaScript hands in answers as bytes.

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/log.hpp"
#include "base/move_function.hpp"
#include "server/bridge/operations.hpp"
#include "server/bridge/record.hpp"
#include "server/model/loop_host.hpp"

namespace rtm::server {

/// Threads. A loop submits operations and gets their answers on its own thread; takeOperations() and receive() belong
/// to the JavaScript thread. Operations of one loop cross in the order submitted, answers in the order handed in. All
/// operations that were submitted since JavaScript last looked cross together.
///
/// Lock order: mutex_, then the lock of a loop's queue of tasks. LoopHost::post() is the only foreign call under
/// mutex_.
///
/// Bounds: Options::mostBytes of operations that wait. Above that new ones fail at once; urgent ones always pass.
class Bridge : public std::enable_shared_from_this<Bridge> {
 public:
  /// Most bytes of operations that JavaScript takes at once; a single larger one passes.
  static constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;

  struct Options {
    /// Any thread: operations wait. Not called again until takeOperations() has seen them.
    std::function<void()> ring;
    LogSink log;
    /// Most bytes of operations that wait for JavaScript or for its answer.
    std::size_t mostBytes = std::size_t{64} * 1024 * 1024;
    std::uint32_t loops = 0;  ///< loops that listen to news
  };
  explicit Bridge(Options options) : options_(std::move(options)), listeners_(options_.loops) {}
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  /// Called with the fields of an answer, or null if the operation failed. It reads all fields, and treats an answer
  /// for which complete() is false like a failure.
  using Answered = MoveFunction<void(RecordReader*)>;

  /// On the loop `home`: submits an operation. `fill(RecordWriter&)` writes its fields and does nothing else.
  /// `answered` is called on that loop: before this returns if too much waits, else in a later turn; not at all once
  /// the bridge is closed.
  template <typename Fill>
  void ask(LoopHost& home, Operation operation, Fill&& fill, Answered answered) {
    if (!submit(operation, &home, answered, std::forward<Fill>(fill))) answered(nullptr);
  }

  /// Submits an operation without an answer. False: too much waits, and it was not submitted. An `urgent` operation
  /// always passes, because it follows from earlier ones.
  template <typename Fill>
  bool tell(Operation operation, bool urgent, Fill&& fill) {
    Answered none;
    return submit(operation, nullptr, none, std::forward<Fill>(fill), urgent);
  }

  /// News that JavaScript tells a loop.
  using OnNews = MoveFunction<void(NewsKind, RecordReader&)>;
  /// On loop `loop`, below Options::loops: takes news from now on. News and answers keep their common order.
  void listen(std::uint32_t loop, LoopHost& host, OnNews onNews);
  /// On that loop: takes no more news.
  void stopListening(std::uint32_t loop);

  /// JavaScript thread. The next operations; empty: all are taken, and the next one rings. If more operations wait, it
  /// has rung again.
  Bytes takeOperations();
  /// JavaScript thread. A batch of answers and news. At a record that does not decode it logs an error and stops.
  void receive(ByteView batch);
  /// Any thread, after the loops have ended: nothing is posted any more. JavaScript can still take the operations that
  /// were submitted before.
  void close();

 private:
  struct Pending {
    LoopHost* home = nullptr;
    std::size_t bytes = 0;
    Answered answered;
  };
  /// Operations that are taken together.
  struct Chunk {
    Bytes bytes;
    std::size_t unanswered = 0;  ///< bytes of operations without an answer: they wait only until they are taken
  };
  /// The part of one batch for one loop.
  struct Delivery {
    std::shared_ptr<const Bytes> batch;
    struct Entry {
      std::uint8_t kind = 0;
      std::size_t begin = 0;
      std::size_t size = 0;
      Answered answered;       ///< if this is an answer
      std::uint32_t loop = 0;  ///< if this is news
    };
    std::vector<Entry> entries;
  };

  struct Listener {
    LoopHost* host = nullptr;  ///< guarded by mutex_
    OnNews onNews;             ///< touched by its loop only
  };

  template <typename Fill>
  bool submit(Operation operation, LoopHost* home, Answered& answered, Fill&& fill, bool urgent = false) {
    bool ring = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return true;  // closing: no answer is called any more
      if (!urgent && waiting_ > options_.mostBytes) return false;
      Chunk& open = openChunk();
      Bytes& chunk = open.bytes;
      const std::size_t begin = beginOperation(chunk, operation, home != nullptr ? ++lastRequest_ : 0);
      RecordWriter writer(chunk);
      fill(writer);
      const std::size_t size = endOperation(chunk, begin);
      waiting_ += size;
      if (home == nullptr) {
        open.unanswered += size;
      } else {
        pending_.emplace(lastRequest_, Pending{home, size, std::move(answered)});
      }
      ring = !std::exchange(armed_, true);
    }
    if (ring) options_.ring();
    return true;
  }
  Chunk& openChunk();
  static std::size_t beginOperation(Bytes& chunk, Operation operation, std::uint64_t request);
  static std::size_t endOperation(Bytes& chunk, std::size_t begin);
  /// Under the lock: sorts one record into `deliveries`. False: the record is malformed.
  using Deliveries = std::unordered_map<LoopHost*, Delivery>;
  bool sort(RecordReader& record, std::size_t end, Deliveries& deliveries);
  bool sortNews(std::uint8_t kind, RecordReader& record, std::size_t end, Deliveries& deliveries);
  void deliver(Delivery& delivery);
  void complain(std::string_view what) const;

  const Options options_;
  std::mutex mutex_;
  std::deque<Chunk> chunks_;  ///< operations that JavaScript has not taken
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t lastRequest_ = 0;
  std::size_t waiting_ = 0;  ///< bytes of operations that wait for their answer, or to be taken if they have none
  std::vector<Listener> listeners_;
  bool armed_ = false;  ///< rung, and takeOperations() has not emptied the queue since
  std::atomic<bool> closed_{false};
};

}  // namespace rtm::server
