#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "binding/event_kinds.hpp"

namespace rtm::binding {

/// A run of events in packed columns. event_kinds.hpp says how they are laid out.
struct Chunk {
  std::uint32_t events = 0;
  std::vector<std::uint32_t> words;
  std::vector<double> numbers;
  std::string text;             ///< UTF-8
  std::uint32_t textUnits = 0;  ///< its length in UTF-16 units
  bool ascii = true;            ///< no byte of `text` is above 0x7F
  Bytes bytes;
  std::vector<Bytes> own;  ///< payloads too big for the slab
  std::size_t ownBytes = 0;

  /// Bytes that count for back-pressure.
  std::size_t weight() const {
    return words.size() * sizeof(std::uint32_t) + numbers.size() * sizeof(double) + text.size() + bytes.size() +
           ownBytes;
  }
  void clear();
};

/// Writes the fields of one record. Lives only during Mailbox::push().
class Record {
 public:
  Record& word(std::uint32_t value) {
    chunk_.words.push_back(value);
    return *this;
  }
  /// A value of an enumeration, or a count. Never negative.
  Record& code(int value) { return word(static_cast<std::uint32_t>(value)); }
  /// A 64-bit id or time, below 2^53.
  Record& number(long long value) {
    chunk_.numbers.push_back(static_cast<double>(value));
    return *this;
  }
  Record& text(std::string_view utf8);
  Record& payload(ByteView data);

 private:
  friend class Mailbox;
  explicit Record(Chunk& chunk) : chunk_(chunk) {}
  Chunk& chunk_;
};

/// The queue between the threads of the core and one JavaScript thread. Producers append records to packed chunks; the
/// JavaScript side takes whole chunks. Events of all kinds keep one first-in-first-out order.
///
/// Lock order: the locks of a producer (a service's lock) → the mailbox's lock. Nothing is called under the mailbox's
/// lock; a push rings after releasing it.
class Mailbox {
 public:
  static constexpr std::uint32_t kChunkEvents = 256;
  static constexpr std::size_t kChunkBytes = 256 * 1024;  ///< a chunk may exceed this by its last record
  static constexpr std::size_t kOwnBufferBytes = 16 * 1024;
  static constexpr std::size_t kHighWater = 8 * 1024 * 1024;
  static constexpr std::size_t kLowWater = 2 * 1024 * 1024;

  /// `ring` is called on the thread of a producer when the mailbox was idle: the consumer must then, soon and on its
  /// own thread, call take() until it returns null. `hurry` is called on the thread of a producer when a chunk is full,
  /// for a bell that delays its ringing.
  explicit Mailbox(
      std::function<void()> ring, std::function<void()> hurry = [] {});
  ~Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  /// Any thread. Appends one record; `fill(Record&)` writes its fields and must do nothing else. Returns true while
  /// more than kHighWater bytes wait: the producer should then stop its source and call holdBack().
  template <typename Fill>
  bool push(EventKind kind, std::uint32_t object, Fill&& fill) {
    return pushFrom(kind, object, {}, std::forward<Fill>(fill));
  }
  bool push(EventKind kind, std::uint32_t object) {
    return push(kind, object, [](Record&) {});
  }

  /// As push(), for a record whose first field is the user id `user`.
  template <typename Fill>
  bool pushFrom(EventKind kind, std::uint32_t object, std::string_view user, Fill&& fill) {
    bool ring = false;
    bool full = false;
    bool pressed = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) {
        return false;
      }
      const std::uint32_t slot = user.empty() ? 0 : slotOf(user);
      Record record = begin(kind, object);
      if (!user.empty()) {
        record.word(slot);
      }
      fill(record);
      pressed = commit();
      ring = arm();
      full = std::exchange(sealedOne_, false);
    }
    if (ring) {
      ring_();
    }
    if (full) {
      hurry_();
    }
    return pressed;
  }

  /// Any thread. Remembers a stopped source; take() reports the source once the mailbox has emptied. False: the mailbox
  /// has emptied meanwhile, take() will not report the source, and the caller should let it go on.
  ///
  /// To be called after the source was stopped. In the other order the report could come before the stop, and the
  /// source would stay stopped.
  bool holdBack(std::uint32_t source);
  /// Consumer. take() does not report this source any more.
  void forget(std::uint32_t source);

  /// Consumer. The next chunk. Null: the mailbox is idle, and the next push will ring. Adds to `resumable` the sources
  /// that may go on.
  std::unique_ptr<Chunk> take(std::vector<std::uint32_t>& resumable);
  /// Consumer. Gives a chunk back for reuse of its memory.
  void recycle(std::unique_ptr<Chunk> chunk);

  /// Any thread. Drops all records, present and future, and never rings again.
  void close();

  struct Pressure {
    std::size_t bytes = 0;
    std::size_t heldBack = 0;
  };
  Pressure pressure() const;

 private:
  static constexpr std::size_t kUserSlots = 1024;

  Record begin(EventKind kind, std::uint32_t object);
  bool commit();
  bool arm();
  std::uint32_t slotOf(std::string_view user);
  void seal();
  std::unique_ptr<Chunk> freshChunk();

  const std::function<void()> ring_;
  const std::function<void()> hurry_;
  mutable std::mutex mutex_;
  std::unique_ptr<Chunk> open_;
  std::size_t openWeight_ = 0;
  std::deque<std::unique_ptr<Chunk>> sealed_;
  std::vector<std::unique_ptr<Chunk>> spare_;
  std::size_t waiting_ = 0;  ///< bytes in open_ and sealed_
  bool armed_ = false;       ///< has rung, and take() has not yet returned null
  bool sealedOne_ = false;   ///< the present push has filled a chunk
  bool closed_ = false;
  std::vector<std::uint32_t> heldBack_;
  /// The user id that each slot stands for in JavaScript. An id crosses as text once, and as its slot afterwards.
  std::array<std::string, kUserSlots> users_;
};

}  // namespace rtm::binding
