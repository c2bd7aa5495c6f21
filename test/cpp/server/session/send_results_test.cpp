#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "server/session/result_coalescer.hpp"
#include "server/session/sent_results.hpp"

namespace rtm::server {
namespace {

using Ranges = std::vector<std::uint64_t>;
using Runs = std::vector<SentResults::Run>;

Ranges flushed(ResultCoalescer& results) {
  Ranges all;
  wire::SendResults scratch;
  results.flush(scratch, [&](const wire::SendResults& frame) {
    all.insert(all.end(), frame.ranges.begin(), frame.ranges.end());
  });
  return all;
}

TEST(ResultCoalescer, MergesNeighboursOfOneCodeAndKeepsTheOrderOfTheRest) {
  ResultCoalescer results;
  results.add(1, 1, 0);
  results.add(2, 3, 0);
  results.add(5, 1, 3);
  results.add(6, 1, 0);
  results.add(8, 1, 0);
  results.add(7, 1, 0);
  EXPECT_EQ((Ranges{1, 4, 0, 5, 1, 3, 6, 1, 0, 8, 1, 0, 7, 1, 0}), flushed(results));
  EXPECT_TRUE(results.empty());
  EXPECT_EQ(Ranges{}, flushed(results));
}

TEST(ResultCoalescer, SplitsResultsThatDoNotFitIntoOneFrame) {
  ResultCoalescer results;
  constexpr std::uint64_t kCount = ResultCoalescer::kRangesPerFrame * 2 + 1;
  for (std::uint64_t i = 0; i < kCount; ++i) results.add((std::uint64_t{1} << 62) + 2 * i, 1, 0xFFFFFFFF);
  wire::SendResults scratch;
  std::size_t frames = 0;
  std::size_t ranges = 0;
  results.flush(scratch, [&](const wire::SendResults& frame) {
    ++frames;
    ranges += frame.ranges.size() / 3;
    EXPECT_LE(wire::encodedSize(frame), 65'536U);
  });
  EXPECT_EQ(3U, frames);
  EXPECT_EQ(kCount, ranges);
}

TEST(SentResults, TellsWhichOfARangeAreKnown) {
  SentResults results(1000);
  const auto walk = [&](std::uint64_t first, std::uint64_t end) {
    std::string text;
    while (first < end) {
      const auto [known, until] = results.stretch(first, end);
      text += std::to_string(first) + (known ? "+" : "-") + std::to_string(until) + " ";
      first = until;
    }
    return text;
  };
  EXPECT_EQ("1-10 ", walk(1, 10));
  results.record(3, 2, 0);
  results.record(8, 1, 5);
  EXPECT_EQ("1-3 3+5 5-8 8+9 9-10 ", walk(1, 10));
  EXPECT_EQ("4+5 5-7 ", walk(4, 7));
  EXPECT_EQ("3+4 ", walk(3, 4));
  EXPECT_EQ("9-12 ", walk(9, 12));
}

TEST(SentResults, HoldsOneRunForAnyNumberOfSuccesses) {
  SentResults results(1000);
  for (std::uint64_t seq = 1; seq <= 100'000; ++seq) results.record(seq, 1, 0);
  EXPECT_EQ(1U, results.runs());
  EXPECT_EQ(0U, results.find(100'000));
  EXPECT_EQ(std::nullopt, results.find(100'001));
  EXPECT_EQ(std::nullopt, results.find(0));
}

TEST(SentResults, GivesResultsThatTheClientMayNotKnow) {
  SentResults results(1000);
  results.record(1, 5, 0);
  results.record(7, 1, 3);
  results.record(6, 1, 0);
  results.record(9, 2, 0);
  EXPECT_EQ((Runs{{4, 3, 0}, {7, 1, 3}, {9, 2, 0}}), results.from(4));
  results.forgetBelow(7);
  EXPECT_EQ(std::nullopt, results.find(6));
  EXPECT_EQ(3U, results.find(7));
  EXPECT_EQ((Runs{{7, 1, 3}, {9, 2, 0}}), results.from(1));
}

TEST(SentResults, ForgetsResultsOlderThanAnyUnansweredSend) {
  SentResults results(100);
  for (std::uint64_t seq = 1; seq <= 100'000; ++seq) results.record(seq, 1, seq % 2 == 0 ? 0 : 3);
  EXPECT_LT(results.runs(), 500U);
  EXPECT_EQ(3U, results.find(99'901));
}

TEST(SentResults, AgreesWithAPlainMapInAnyOrderOfResults) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::uint64_t> order(300);
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i + 1;
    std::shuffle(order.begin(), order.end(), random);
    SentResults results(100'000);
    std::map<std::uint64_t, std::uint32_t> model;
    for (const std::uint64_t seq : order) {
      if (random() % 5 == 0) continue;  // never answered
      model[seq] = random() % 3 == 0 ? 3 : 0;
      results.record(seq, 1, model[seq]);
    }
    for (std::uint64_t seq = 0; seq <= 301; ++seq) {
      const auto found = model.find(seq);
      const auto expected = found == model.end() ? std::nullopt : std::optional<std::uint32_t>(found->second);
      ASSERT_EQ(expected, results.find(seq)) << seq;
    }
    std::uint64_t total = 0;
    for (const SentResults::Run& run : results.from(0)) total += run.count;
    EXPECT_EQ(model.size(), total);
  }
}

}  // namespace
}  // namespace rtm::server
