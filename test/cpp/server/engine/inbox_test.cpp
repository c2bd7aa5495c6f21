#include "server/engine/memory/inbox.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <random>
#include <string>
#include <tuple>

namespace rtm::server {
namespace {

const SessionAddress kAlice{0, 1};
const SessionAddress kCarol{1, 2};
constexpr std::uint64_t kEpoch = 77;

using Run = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // session id, first seq, count
using RunList = std::vector<Run>;

struct Fixture : ::testing::Test {
  explicit Fixture(const InboxBounds& bounds = {}) : inbox(kEpoch, bounds) {}

  bool push(const SessionAddress& sender, std::uint64_t seq, const std::string& content,
            const std::string& user = "sender") {
    wire::PeerMessage message;
    message.senderId = user;
    message.content = asBytes(content);
    return inbox.push(sender, seq, message, fallback);
  }
  /// Offset and content of the next frame; 0 if there is none.
  std::pair<std::uint64_t, std::string> hand() {
    const ByteView frame = inbox.handNext();
    if (frame.empty()) return {0, ""};
    wire::PeerMessage message;
    EXPECT_TRUE(wire::decode(frame.subspan(wire::kFrameHeaderSize), message));
    return {message.offset, std::string(asText(message.content))};
  }
  auto collect() {
    return [this](const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
      runs.emplace_back(sender.sessionId, first, count);
    };
  }
  RunList taken() { return std::exchange(runs, {}); }
  /// Each message for the store, with its place.
  std::vector<std::string> abandon(bool handedAreLost) {
    std::vector<std::string> stored;
    inbox.abandon(
        handedAreLost,
        [&](const Inbox::Abandoned& each) {
          wire::PeerMessage message;
          ASSERT_TRUE(wire::decode(each.frame.subspan(wire::kFrameHeaderSize), message));
          stored.push_back(std::to_string(each.sender.sessionId) + ":" + std::to_string(each.seq) + ":" +
                           std::to_string(each.capabilities) + ":" + std::string(asText(message.content)) + " as " +
                           std::to_string(each.handedAs));
        },
        collect());
    return stored;
  }

  Inbox inbox;
  Inbox::Fallback fallback;
  RunList runs;
};

using InboxTest = Fixture;

TEST_F(InboxTest, HandsOverInOrderAndCountsFromOne) {
  EXPECT_TRUE(push(kAlice, 1, "a"));
  EXPECT_TRUE(push(kAlice, 2, "b"));
  EXPECT_EQ(std::pair(std::uint64_t{1}, std::string("a")), hand());
  EXPECT_EQ(std::pair(std::uint64_t{2}, std::string("b")), hand());
  EXPECT_EQ(0U, hand().first);
  EXPECT_EQ(2U, inbox.lastOffset());
}

TEST_F(InboxTest, AcknowledgesInRunsOfOneSender) {
  for (std::uint64_t seq = 1; seq <= 3; ++seq) push(kAlice, seq, "x");
  push(kCarol, 9, "x");
  push(kAlice, 5, "x");
  while (hand().first != 0) continue;
  inbox.acknowledge(5, collect());
  EXPECT_EQ((RunList{{1, 1, 3}, {2, 9, 1}, {1, 5, 1}}), taken());
  EXPECT_TRUE(inbox.empty());
}

/// What a link gets of messages of which "old" has expired.
struct ExpiryCase {
  const char* what;
  std::function<void(Fixture&)> before;  ///< three messages, 1 and 2 of them "old" and expiring, are there
  std::vector<std::string> handed;
  RunList lost;
};

/// One for each row.
struct RowFixture final : Fixture {
  void TestBody() override {}
};

TEST(InboxExpiry, LeavesWithoutContentWhatTheClientSurelyDoesNotHave) {
  const auto rewindTo = [](std::uint64_t epoch, std::uint64_t offset) {
    return [epoch, offset](Fixture& of) {
      while (of.hand().first != 0) continue;
      of.inbox.rewind(epoch, offset, of.collect());
    };
  };
  const ExpiryCase rows[] = {
      {"never handed over", [](Fixture& /*of*/) {}, {"1:", "2:", "3:new"}, {{1, 1, 1}, {1, 2, 1}}},
      {"the first handed over in time", [](Fixture& of) { of.hand(); }, {"2:", "3:new"}, {{1, 2, 1}}},
      {"handed to a link that is gone", rewindTo(kEpoch, 0), {"1:", "2:", "3:new"}, {{1, 1, 1}, {1, 2, 1}}},
      {"the client has the first", rewindTo(kEpoch, 1), {"2:", "3:new"}, {{1, 2, 1}}},
      {"nobody knows what the client has", rewindTo(kEpoch + 1, 0), {"1:old", "2:old", "3:new"}, {}},
  };
  for (const ExpiryCase& row : rows) {
    SCOPED_TRACE(row.what);
    RowFixture of;
    of.fallback.expires = true;
    of.push(kAlice, 1, "old");
    of.push(kAlice, 2, "old");
    of.fallback.expires = false;
    of.push(kAlice, 3, "new");
    row.before(of);
    EXPECT_TRUE(of.inbox.expiring());
    std::uint64_t results = 0;
    for (const auto& [session, first, count] : of.taken()) results += count;
    std::vector<std::string> handed;
    const auto expired = [](ByteView frame) {
      wire::PeerMessage message;
      return wire::decode(frame.subspan(wire::kFrameHeaderSize), message) && asText(message.content) == "old";
    };
    auto lost = of.collect();
    for (;;) {
      const ByteView frame = of.inbox.handNext(expired, lost);
      if (frame.empty()) break;
      wire::PeerMessage message;
      ASSERT_TRUE(wire::decode(frame.subspan(wire::kFrameHeaderSize), message));
      EXPECT_EQ(message.senderId, "sender");
      handed.push_back(std::to_string(message.offset) + ":" + std::string(asText(message.content)));
    }
    EXPECT_EQ(row.handed, handed);
    EXPECT_EQ(row.lost, of.taken());
    EXPECT_FALSE(of.inbox.expiring()) << "all are handed over";
    of.inbox.acknowledge(3, of.collect());
    results += row.lost.size();
    for (const auto& [session, first, count] : of.taken()) results += count;
    EXPECT_EQ(results, 3U) << "each has one result";
    EXPECT_TRUE(of.inbox.empty());
  }
}

TEST_F(InboxTest, TakesTheRoomOfLostContentsAgain) {
  fallback.expires = true;
  const std::string large(1000, 'x');
  for (std::uint64_t seq = 1; seq <= 200; ++seq) {
    ASSERT_TRUE(push(kAlice, seq, large));
    auto lost = collect();
    inbox.handNext([](ByteView /*frame*/) { return true; }, lost);
    inbox.acknowledge(seq, collect());
  }
  EXPECT_EQ(200U, taken().size()) << "and no other result";
  EXPECT_TRUE(inbox.empty());
  EXPECT_LE(inbox.capacity(), 8U * 1024);
}

TEST_F(InboxTest, IgnoresAcknowledgementsOfMessagesThatWereNeverDelivered) {
  push(kAlice, 1, "a");
  push(kAlice, 2, "b");
  hand();
  inbox.acknowledge(1000, collect());
  EXPECT_EQ((RunList{{1, 1, 1}}), taken());
  inbox.acknowledge(1, collect());
  inbox.acknowledge(0, collect());
  EXPECT_EQ(RunList{}, taken());
  EXPECT_EQ(2U, hand().first);
}

TEST_F(InboxTest, DeliversAgainFromThePositionOfANewLink) {
  for (std::uint64_t seq = 1; seq <= 4; ++seq) push(kAlice, seq, std::to_string(seq));
  for (int i = 0; i < 3; ++i) hand();
  EXPECT_TRUE(inbox.rewind(kEpoch, 1, collect()));
  EXPECT_EQ((RunList{{1, 1, 1}}), taken()) << "the position acknowledges";
  EXPECT_EQ(2U, hand().first);
  EXPECT_EQ(3U, hand().first);
  EXPECT_EQ(4U, hand().first);
  EXPECT_EQ(0U, hand().first);
}

TEST_F(InboxTest, ReportsAForeignPositionAsIncompleteAndDeliversEverything) {
  push(kAlice, 1, "a");
  hand();
  EXPECT_FALSE(inbox.rewind(kEpoch + 1, 1, collect()));
  EXPECT_FALSE(inbox.rewind(kEpoch, 2, collect())) << "beyond what was ever sent";
  EXPECT_EQ(RunList{}, taken());
  EXPECT_EQ(1U, hand().first);
}

TEST_F(InboxTest, ReportsAtItsEndWhatNoLinkGotAndStoresWhatIsFlagged) {
  for (std::uint64_t seq = 1; seq <= 2; ++seq) push(kAlice, seq, "x");
  fallback = {.store = true, .requiredCapabilities = 2};
  push(kCarol, 1, "w");
  fallback = {};
  push(kAlice, 3, "x");
  for (int i = 0; i < 3; ++i) hand();
  inbox.rewind(kEpoch, 0, collect());  // a resume that got none of them through
  fallback = {.store = true, .requiredCapabilities = 2};
  push(kAlice, 5, "y");
  push(kCarol, 2, "z");
  fallback = {};
  push(kAlice, 6, "x");
  EXPECT_EQ((std::vector<std::string>{"2:1:2:w as 3", "1:5:2:y as 0", "2:2:2:z as 0"}), abandon(false));
  EXPECT_EQ((RunList{{1, 3, 1}, {1, 6, 1}}), taken());
  EXPECT_EQ(3U, inbox.lastOffset());
  while (hand().first != 0) continue;
  inbox.acknowledge(3, collect());
  EXPECT_EQ((RunList{{1, 1, 2}}), taken()) << "what was handed over can still be acknowledged, once";
}

TEST_F(InboxTest, ReportsWhatItHandedAsWellWhenItsClientHasLeft) {
  for (std::uint64_t seq = 1; seq <= 3; ++seq) push(kAlice, seq, "x");
  hand();
  hand();
  inbox.acknowledge(1, collect());
  EXPECT_EQ((RunList{{1, 1, 1}}), taken());
  abandon(true);
  EXPECT_EQ((RunList{{1, 2, 2}}), taken());
  inbox.acknowledge(3, collect());
  EXPECT_EQ(RunList{}, taken());
}

struct SmallInbox : Fixture {
  SmallInbox() : Fixture({.messages = 4, .bytes = 4096, .window = 1500}) {}
};

TEST_F(SmallInbox, RefusesMessagesOverItsBounds) {
  for (std::uint64_t seq = 1; seq <= 4; ++seq) EXPECT_TRUE(push(kAlice, seq, "x"));
  EXPECT_FALSE(push(kAlice, 5, "x")) << "messages";
  while (hand().first != 0) continue;
  inbox.acknowledge(4, collect());
  EXPECT_TRUE(push(kAlice, 6, std::string(2500, 'x')));
  EXPECT_FALSE(push(kAlice, 7, std::string(2500, 'x'))) << "bytes";
  EXPECT_FALSE(push(kAlice, 8, std::string(70'000, 'x'))) << "larger than a frame";
  EXPECT_EQ(5U, inbox.lastOffset());
}

TEST_F(SmallInbox, HoldsMessagesOverTheWindowUntilAnAcknowledgement) {
  for (std::uint64_t seq = 1; seq <= 3; ++seq) ASSERT_TRUE(push(kAlice, seq, std::string(1000, 'x')));
  EXPECT_EQ(1U, hand().first);
  EXPECT_EQ(2U, hand().first);
  EXPECT_EQ(0U, hand().first) << "the window is full";
  inbox.acknowledge(1, collect());
  EXPECT_EQ(3U, hand().first);
}

struct SharedInbox : Fixture {
  SharedInbox() : Fixture({.messages = 90, .bytes = 100'000, .window = 1000}) {}

  /// How many messages of a user are taken until one is refused. Each comes in a session of its own, as of one who logs
  /// in again and again.
  std::size_t flood(const std::string& user, const std::string& content) {
    std::size_t count = 0;
    while (push({0, ++session}, 1, content, user)) ++count;
    return count;
  }
  std::uint64_t session = 100;
};

TEST_F(SharedInbox, HasRoomForOthersHoweverManyMessagesOneUserSends) {
  EXPECT_EQ(90U, flood("mallory", "x"));
  EXPECT_TRUE(push(kAlice, 1, "hello", "alice"));
  EXPECT_FALSE(push(kCarol, 1, "x", "mallory"));
  EXPECT_EQ(9U, flood("bob", "x"));
  EXPECT_TRUE(push(kAlice, 2, "still here", "alice"));
  EXPECT_EQ(101U, inbox.lastOffset());
  EXPECT_FALSE(push(kCarol, 2, "x", "carol")) << "an eighth more than one alone may have is the bound of all";
}

TEST_F(SharedInbox, HasRoomForOthersHoweverManyBytesOneUserSends) {
  const std::size_t taken = flood("mallory", std::string(4000, 'x'));
  EXPECT_GE(taken, 24U);
  EXPECT_LT(taken, 26U);
  EXPECT_TRUE(push(kAlice, 1, std::string(4000, 'y'), "alice"));
  EXPECT_FALSE(push(kCarol, 1, std::string(4000, 'x'), "mallory"));
}

TEST_F(SharedInbox, TakesMoreOfAUserWhoseMessagesWereAcknowledged) {
  flood("mallory", "x");
  ASSERT_TRUE(push(kAlice, 1, "hello", "alice"));
  hand();
  inbox.acknowledge(1, collect());
  EXPECT_FALSE(push(kCarol, 1, "x", "mallory")) << "89 are there, and 11 places are left";
  hand();
  inbox.acknowledge(2, collect());
  EXPECT_TRUE(push(kCarol, 2, "x", "mallory"));
}

TEST_F(InboxTest, AgreesWithAPlainQueueOverRandomOperations) {
  struct Expected {
    std::uint64_t offset;
    std::string content;
  };
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    inbox = Inbox(kEpoch, {.messages = 64, .bytes = 32 * 1024, .window = 8 * 1024});
    std::deque<Expected> model;  // not acknowledged
    std::uint64_t last = 0;
    std::uint64_t handed = 0;
    for (int step = 0; step < 3000; ++step) {
      switch (random() % 4) {
        case 0:
        case 1: {
          const std::string content(random() % (random() % 16 == 0 ? 6000 : 300),
                                    static_cast<char>('a' + random() % 26));
          if (!push(kAlice, last + 1, content)) break;
          ++last;
          model.push_back({last, content});
          break;
        }
        case 2: {
          const auto [offset, content] = hand();
          if (offset == 0) break;
          ASSERT_EQ(handed + 1, offset);
          const auto& expected = model[offset - model.front().offset];
          ASSERT_EQ(expected.offset, offset);
          ASSERT_EQ(expected.content, content);
          handed = offset;
          break;
        }
        default: {
          const std::uint64_t front = model.empty() ? last : model.front().offset - 1;
          if (handed == front) break;
          const std::uint64_t upTo = front + 1 + random() % (handed - front);
          inbox.acknowledge(upTo, collect());
          while (!model.empty() && model.front().offset <= upTo) model.pop_front();
          std::uint64_t count = 0;
          for (const auto& [session, first, n] : taken()) count += n;
          ASSERT_EQ(upTo - front, count);
        }
      }
    }
  }
}

}  // namespace
}  // namespace rtm::server
