// The history in memory beside a model that walks everything it has.

#include "server/store/memory_history.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace rtm::server {
namespace {

constexpr AppNumber kApp{1};
constexpr std::uint64_t kKeepMs = 5000;
constexpr std::size_t kPlenty = std::size_t{1} << 30;

/// All records in the order of time, and of the same millisecond in the order of arrival.
class WalkingModel {
 public:
  void append(const HistoryRecord& record) {
    const auto after =
        std::upper_bound(records_.begin(), records_.end(), record.timeMs,
                         [](std::uint64_t time, const HistoryRecord& other) { return time < other.timeMs; });
    records_.insert(after, record);
  }
  /// The texts of the page, and how many match.
  std::pair<std::uint32_t, std::vector<std::string>> query(const HistoryFilter& filter) const {
    std::vector<HistoryRecord> found;
    for (const HistoryRecord& record : records_) {
      if (record.channel ? !filter.channels : !filter.peers) continue;
      if (!filter.source.empty() && record.source != filter.source) continue;
      if (!filter.destination.empty() && record.destination != filter.destination) continue;
      if (record.timeMs < filter.startMs || record.timeMs > filter.endMs) continue;
      if (filter.nowMs >= record.timeMs && filter.nowMs - record.timeMs >= kKeepMs) continue;
      found.push_back(record);
    }
    if (filter.descending) std::reverse(found.begin(), found.end());
    std::vector<std::string> texts;
    std::size_t room = filter.bytes;
    for (std::size_t i = filter.offset; i < found.size() && texts.size() < filter.limit; ++i) {
      const std::size_t size = historyBytes(found[i]);
      if (size > room && !texts.empty()) break;
      room -= std::min(room, size);
      texts.push_back(found[i].text);
    }
    return {static_cast<std::uint32_t>(found.size()), texts};
  }
  void forget(std::uint64_t nowMs) {
    std::erase_if(records_, [nowMs](const HistoryRecord& each) {
      return nowMs >= each.timeMs && nowMs - each.timeMs >= kKeepMs;
    });
  }

 private:
  std::vector<HistoryRecord> records_;
};

std::pair<std::uint32_t, std::vector<std::string>> answer(const MemoryHistory& history, const HistoryFilter& filter) {
  const HistoryPage page = history.query(filter);
  EXPECT_TRUE(page.ok);
  std::vector<std::string> texts;
  for (const auto& record : page.records) texts.push_back(record->text);
  return {page.total, texts};
}

class RandomHistory : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, ::testing::Range(1U, 9U));

TEST_P(RandomHistory, AnswersAsOneThatWalks) {
  std::mt19937 random(GetParam());
  const auto below = [&random](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  const std::vector<std::string> names = {"a", "ab", "b", "bc", "c"};
  const auto name = [&] { return names[below(static_cast<std::uint32_t>(names.size()))]; };
  MemoryHistory history(kKeepMs, kPlenty);
  WalkingModel model;
  std::uint64_t now = 100'000;
  std::size_t matched = 0;
  for (int step = 0; step < 4000; ++step) {
    const std::uint32_t what = below(10);
    if (what < 6) {
      // The clocks of two loops differ a little; now and then a clock is set back.
      const std::uint64_t back = below(200) == 0 ? below(3000) : below(4);
      const HistoryRecord record{name(), name(), below(2) == 0, now - back,
                                 std::to_string(step) + std::string(below(60), 'x')};
      ASSERT_TRUE(history.append(kApp, record));
      model.append(record);
    } else if (what < 9) {
      HistoryFilter filter;
      filter.app = kApp;
      const std::uint32_t sides = below(3);
      if (sides != 0) filter.source = name();
      if (sides != 1) filter.destination = name();
      filter.peers = below(4) != 0;
      filter.channels = below(4) != 0;
      filter.startMs = below(2) == 0 ? 0 : now - below(6000);
      filter.endMs = below(2) == 0 ? ~std::uint64_t{0} : now - below(3000);
      filter.nowMs = now;
      filter.offset = below(3) == 0 ? 0 : below(200);
      filter.limit = below(20);
      filter.bytes = below(1500);
      filter.descending = below(2) == 0;
      const auto expected = model.query(filter);
      ASSERT_EQ(expected, answer(history, filter)) << "step " << step;
      matched += expected.second.size();
    } else {
      now += below(20);
      if (below(10) == 0) {
        history.tick(now);
        model.forget(now);
      }
    }
  }
  EXPECT_LT(1000U, matched);
}

TEST(MemoryHistory, IsWithinItsBytesHoweverManyNamesThereAre) {
  MemoryHistory history(kKeepMs, 100'000);
  for (int i = 0; i < 2000; ++i) {
    const std::string name = "user" + std::to_string(i);
    ASSERT_TRUE(history.append(kApp, {name, "to-" + name, false, 1000, "text"}));
  }
  HistoryFilter filter;
  filter.app = kApp;
  filter.source = "user0";
  filter.endMs = 2000;
  filter.nowMs = 2000;
  EXPECT_EQ(0U, history.query(filter).total) << "the oldest made room";
  filter.source = "user1999";
  EXPECT_EQ(1U, history.query(filter).total);
}

}  // namespace
}  // namespace rtm::server
