#pragma once

// The way between the loops of one server and JavaScript (docs/decisions/006). Nothing here knows Node: orders gather
// here until the other side takes them, answers are handed in as bytes.

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

/// Threads. Loops give orders and get their answers, each on the loop that asked; takeOrders() and receive() belong to
/// the JavaScript thread. Orders of one loop cross in the order given, answers in the order handed in. All orders given
/// since the other side last looked cross together.
///
/// Lock order: mutex_, then that of a loop's queue of tasks. Nothing of others is called under it but
/// LoopHost::post().
class Bridge : public std::enable_shared_from_this<Bridge> {
 public:
  /// Of orders taken together, at least one.
  static constexpr std::size_t kChunkBytes = std::size_t{256} * 1024;

  struct Options {
    /// Any thread: orders wait. Not called again until takeOrders() has seen that.
    std::function<void()> ring;
    LogSink log;
    /// Most bytes of orders that wait for JavaScript or for its answer; above them new ones fail.
    std::size_t mostBytes = std::size_t{64} * 1024 * 1024;
    std::uint32_t loops = 0;  ///< that listen to news
  };
  explicit Bridge(Options options) : options_(std::move(options)), listeners_(options_.loops) {}
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  /// Called with the fields of an answer, or null if the order failed. Reads all of them, and treats an answer for
  /// which complete() is false like a failure.
  using Answered = MoveFunction<void(RecordReader*)>;

  /// On the loop `home`: gives an order, whose fields `fill(RecordWriter&)` writes and does nothing else. `answered` is
  /// called there: before this returns if too much waits, else in a later turn. Not at all once the bridge is closed.
  template <typename Fill>
  void ask(LoopHost& home, Order order, Fill&& fill, Answered answered) {
    if (!give(order, &home, answered, std::forward<Fill>(fill))) answered(nullptr);
  }

  /// Gives an order that has no answer. False: too much waits, and it is not given. An `urgent` one is given whatever
  /// waits: it follows from what was given before.
  template <typename Fill>
  bool tell(Order order, bool urgent, Fill&& fill) {
    Answered none;
    return give(order, nullptr, none, std::forward<Fill>(fill), urgent);
  }

  /// What JavaScript tells a loop unasked.
  using OnNews = MoveFunction<void(NewsKind, RecordReader&)>;
  /// On a loop, below the number of Options::loops: takes news from now on, in one order with the answers.
  void listen(std::uint32_t loop, LoopHost& host, OnNews onNews);
  /// On that loop: no more.
  void stopListening(std::uint32_t loop);

  /// JavaScript thread. The next orders; empty: all are taken, and the next one rings. When it gives some while others
  /// wait, it has rung again for those.
  Bytes takeOrders();
  /// JavaScript thread. Answers; what does not decode is logged, and nothing behind it is read.
  void receive(ByteView batch);
  /// Any thread, after the loops have ended: nothing is posted any more. Orders given before can still be taken.
  void close();

 private:
  struct Pending {
    LoopHost* home = nullptr;
    std::size_t bytes = 0;
    Answered answered;
  };
  /// Orders that are taken together.
  struct Chunk {
    Bytes bytes;
    std::size_t unanswered = 0;  ///< bytes of those that have no answer: they wait until they are taken
  };
  /// What one batch has for one loop.
  struct Delivery {
    std::shared_ptr<const Bytes> batch;
    struct Entry {
      std::uint8_t kind = 0;
      std::size_t begin = 0;
      std::size_t size = 0;
      Answered answered;       ///< of an answer
      std::uint32_t loop = 0;  ///< of news
    };
    std::vector<Entry> entries;
  };

  struct Listener {
    LoopHost* host = nullptr;  ///< guarded by mutex_
    OnNews onNews;             ///< touched by its loop only
  };

  template <typename Fill>
  bool give(Order order, LoopHost* home, Answered& answered, Fill&& fill, bool urgent = false) {
    bool ring = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return true;  // nobody is told
      if (!urgent && waiting_ > options_.mostBytes) return false;
      Chunk& open = openChunk();
      Bytes& chunk = open.bytes;
      const std::size_t begin = beginOrder(chunk, order, home != nullptr ? ++lastRequest_ : 0);
      RecordWriter writer(chunk);
      fill(writer);
      const std::size_t size = endOrder(chunk, begin);
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
  static std::size_t beginOrder(Bytes& chunk, Order order, std::uint64_t request);
  static std::size_t endOrder(Bytes& chunk, std::size_t begin);
  /// Under the lock: sorts one record into `deliveries`. False: it is malformed.
  using Deliveries = std::unordered_map<LoopHost*, Delivery>;
  bool sort(RecordReader& record, std::size_t end, Deliveries& deliveries);
  bool sortNews(std::uint8_t kind, RecordReader& record, std::size_t end, Deliveries& deliveries);
  void deliver(Delivery& delivery);
  void complain(std::string_view what) const;

  const Options options_;
  std::mutex mutex_;
  std::deque<Chunk> chunks_;  ///< orders not taken
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t lastRequest_ = 0;
  std::size_t waiting_ = 0;  ///< bytes of orders without an answer, or not taken where there is none
  std::vector<Listener> listeners_;
  bool armed_ = false;  ///< rung, and takeOrders() has not yet found nothing
  std::atomic<bool> closed_{false};
};

}  // namespace rtm::server
