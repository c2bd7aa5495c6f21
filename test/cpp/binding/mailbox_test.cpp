#include "binding/mailbox/mailbox.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rtm::binding {
namespace {

/// One record as JavaScript reads it: kind, object, first word or number.
struct Seen {
  EventKind kind;
  std::uint32_t object;
  long long value;
};

/// Reads chunks that hold only PeerSendResult (code, # id) records.
void readResults(const Chunk& chunk, std::vector<Seen>& seen) {
  std::size_t number = 0;
  for (std::size_t at = 0; at + 3 <= chunk.words.size(); at += 3) {
    seen.push_back({static_cast<EventKind>(chunk.words[at]), chunk.words[at + 1],
                    static_cast<long long>(chunk.numbers[number++])});
  }
}

void pushResult(Mailbox& mailbox, std::uint32_t object, long long id) {
  mailbox.push(EventKind::PeerSendResult, object, [&](Record& record) { record.code(0).number(id); });
}

std::unique_ptr<Chunk> take(Mailbox& mailbox) {
  std::vector<std::uint32_t> resumable;
  return mailbox.take(resumable);
}

TEST(Mailbox, RingsOnlyWhenIdle) {
  int rings = 0;
  Mailbox mailbox([&] { ++rings; });
  pushResult(mailbox, 1, 1);
  pushResult(mailbox, 1, 2);
  EXPECT_EQ(rings, 1);
  EXPECT_NE(take(mailbox), nullptr);
  pushResult(mailbox, 1, 3);  // the consumer has not yet heard that it is empty, so it will look again
  EXPECT_EQ(rings, 1);
  EXPECT_NE(take(mailbox), nullptr);
  EXPECT_EQ(take(mailbox), nullptr);
  pushResult(mailbox, 1, 4);
  EXPECT_EQ(rings, 2);
}

TEST(Mailbox, PacksFieldsIntoColumns) {
  Mailbox mailbox([] {});
  const std::string small(100, 'b');
  const std::string big(Mailbox::kOwnBufferBytes + 1, 'B');
  mailbox.pushFrom(EventKind::PeerMessage, 7, "alice", [&](Record& record) {
    record.word(2 | kOfflineMessage).number(99).number(1700000000000).text("h\xC3\xA9").payload(asBytes(small));
  });
  mailbox.pushFrom(EventKind::PeerMessage, 7, "alice", [&](Record& record) {
    record.word(2).number(100).number(0).text("\xF0\x9F\x98\x80").payload(asBytes(big));
  });
  const std::unique_ptr<Chunk> chunk = take(mailbox);
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->events, 3U);  // the name of the user, once, and two messages
  EXPECT_EQ(chunk->text, "aliceh\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_FALSE(chunk->ascii);
  const std::uint32_t slot = chunk->words[2];
  const std::vector<std::uint32_t> expected = {1,  0, slot, 5,                              // UserName
                                               18, 7, slot, 2 | 0x100, 7, 100,              // é is one unit
                                               18, 7, slot, 2,         9, kOwnBuffer | 0};  // 😀 is two
  EXPECT_EQ(chunk->words, expected);
  EXPECT_EQ(chunk->numbers, (std::vector<double>{99, 1700000000000, 100, 0}));
  EXPECT_EQ(chunk->bytes.size(), small.size());
  ASSERT_EQ(chunk->own.size(), 1U);
  EXPECT_EQ(chunk->own[0].size(), big.size());
}

TEST(Mailbox, AUserIsNamedAgainOnceAnotherUserTookItsSlot) {
  Mailbox mailbox([] {});
  const auto names = [&] {
    std::size_t count = 0;
    while (const std::unique_ptr<Chunk> chunk = take(mailbox)) {
      count += chunk->events;
    }
    return count;
  };
  for (int i = 0; i < 5000; ++i) {
    mailbox.pushFrom(EventKind::MemberJoined, 1, "user" + std::to_string(i), [](Record&) {});
  }
  EXPECT_EQ(names(), 10000U);
  mailbox.pushFrom(EventKind::MemberJoined, 1, "user4999", [](Record&) {});
  EXPECT_EQ(names(), 1U);
  mailbox.pushFrom(EventKind::MemberJoined, 1, "user0", [](Record&) {});
  EXPECT_EQ(names(), 2U);  // 5,000 users share 1,024 slots: its slot means somebody else by now
}

TEST(Mailbox, AnIllFormedTextDoesNotShiftItsNeighbours) {
  Mailbox mailbox([] {});
  mailbox.push(EventKind::Log, 0, [](Record& record) { record.word(1).text("a\xFFz"); });
  mailbox.push(EventKind::Log, 0, [](Record& record) { record.word(1).text("next"); });
  const std::unique_ptr<Chunk> chunk = take(mailbox);
  EXPECT_EQ(chunk->text, "a\xEF\xBF\xBDznext");
  EXPECT_EQ(chunk->words[3], 3U);
  EXPECT_EQ(chunk->words[7], 7U);
}

TEST(Mailbox, HurriesWhenAChunkIsFull) {
  int rings = 0;
  int hurries = 0;
  Mailbox mailbox([&] { ++rings; }, [&] { ++hurries; });
  for (std::uint32_t i = 0; i < Mailbox::kChunkEvents; ++i) {
    pushResult(mailbox, 1, i);
  }
  EXPECT_EQ(hurries, 0);
  pushResult(mailbox, 1, 1);
  EXPECT_EQ(rings, 1);
  EXPECT_EQ(hurries, 1);
}

TEST(Mailbox, ChunksAreBoundedInEventsAndBytes) {
  Mailbox mailbox([] {});
  for (int i = 0; i < 1000; ++i) {
    pushResult(mailbox, 1, i);
  }
  std::vector<std::uint32_t> sizes;
  while (const std::unique_ptr<Chunk> chunk = take(mailbox)) {
    sizes.push_back(chunk->events);
  }
  EXPECT_EQ(sizes, (std::vector<std::uint32_t>{256, 256, 256, 232}));

  const std::string text(32 * 1024, 't');
  for (int i = 0; i < 64; ++i) {
    mailbox.push(EventKind::Log, 0, [&](Record& record) { record.word(1).text(text); });
  }
  while (const std::unique_ptr<Chunk> chunk = take(mailbox)) {
    EXPECT_LE(chunk->weight(), Mailbox::kChunkBytes + text.size() + 64);
  }
}

TEST(Mailbox, PressureIsToldAboveHighWaterAndSourcesGoOnBelowLowWater) {
  Mailbox mailbox([] {});
  const std::string text(64 * 1024, 't');
  const auto push = [&] { return mailbox.push(EventKind::Log, 0, [&](Record& record) { record.word(1).text(text); }); };
  EXPECT_FALSE(mailbox.holdBack(5));  // nothing waits: go on yourself
  std::size_t pushed = 0;
  while (!push()) {
    ++pushed;
  }
  EXPECT_GE(pushed * text.size(), Mailbox::kHighWater - text.size());
  EXPECT_TRUE(mailbox.holdBack(5));
  EXPECT_TRUE(mailbox.holdBack(5));
  EXPECT_TRUE(mailbox.holdBack(6));
  EXPECT_TRUE(mailbox.holdBack(7));
  mailbox.forget(6);
  EXPECT_EQ(mailbox.pressure().heldBack, 2U);

  std::vector<std::uint32_t> resumable;
  while (resumable.empty()) {
    ASSERT_GT(mailbox.pressure().bytes, 0U);
    mailbox.take(resumable);
  }
  EXPECT_EQ(resumable, (std::vector<std::uint32_t>{5, 7}));
  EXPECT_LE(mailbox.pressure().bytes, Mailbox::kLowWater);
  EXPECT_GT(mailbox.pressure().bytes, 0U);
}

TEST(Mailbox, AClosedMailboxTakesNothingAndNeverRings) {
  int rings = 0;
  Mailbox mailbox([&] { ++rings; });
  pushResult(mailbox, 1, 1);
  mailbox.close();
  pushResult(mailbox, 1, 2);
  EXPECT_EQ(take(mailbox), nullptr);
  pushResult(mailbox, 1, 3);
  EXPECT_EQ(rings, 1);
  EXPECT_FALSE(mailbox.holdBack(1));
}

/// A consumer thread that sleeps until the doorbell rings, like the JavaScript thread.
class Consumer {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    woken_.notify_one();
  }

  std::vector<Seen> collect(Mailbox& mailbox, std::size_t events) {
    std::vector<Seen> seen;
    while (seen.size() < events) {
      {
        std::unique_lock lock(mutex_);
        if (!woken_.wait_for(lock, std::chrono::seconds(20), [&] { return rung_; })) {
          return seen;  // a lost wake-up
        }
        rung_ = false;
      }
      std::vector<std::uint32_t> resumable;
      while (std::unique_ptr<Chunk> chunk = mailbox.take(resumable)) {
        readResults(*chunk, seen);
        mailbox.recycle(std::move(chunk));
      }
    }
    return seen;
  }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool rung_ = false;
};

TEST(Mailbox, EventsOfManyThreadsAllArriveInTheOrderOfEachThread) {
  constexpr std::uint32_t kThreads = 4;
  constexpr int kEvents = 20000;
  Consumer consumer;
  Mailbox mailbox([&] { consumer.ring(); });
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&mailbox, thread] {
      for (int i = 0; i < kEvents; ++i) {
        pushResult(mailbox, thread, i);
        if (i % 97 == 0) {
          std::this_thread::yield();
        }
      }
    });
  }
  const std::vector<Seen> seen = consumer.collect(mailbox, std::size_t{kThreads} * kEvents);
  for (std::thread& thread : threads) {
    thread.join();
  }
  ASSERT_EQ(seen.size(), std::size_t{kThreads} * kEvents);
  std::vector<long long> next(kThreads, 0);
  for (const Seen& each : seen) {
    ASSERT_EQ(each.kind, EventKind::PeerSendResult);
    ASSERT_EQ(each.value, next[each.object]++);
  }
}

TEST(Mailbox, ClosingUnderLoadIsSafe) {
  std::atomic<int> rings = 0;
  Mailbox mailbox([&] { ++rings; });
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&mailbox, thread] {
      for (int i = 0; i < 5000; ++i) {
        if (mailbox.push(EventKind::Log, thread, [](Record& record) { record.word(1).text("line"); })) {
          mailbox.holdBack(thread);
        }
      }
    });
  }
  take(mailbox);
  mailbox.close();
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(take(mailbox), nullptr);
  EXPECT_LE(rings, 2);
}

}  // namespace
}  // namespace rtm::binding
