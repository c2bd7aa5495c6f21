#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

namespace rtm {
namespace {

int takeAll(TokenBucket& bucket, std::uint64_t nowMs) {
  int taken = 0;
  while (bucket.take(nowMs)) ++taken;
  return taken;
}

TEST(TokenBucket, LetsThroughABurstAndThenItsRate) {
  TokenBucket bucket(10, 50);
  EXPECT_EQ(takeAll(bucket, 5000), 50);
  EXPECT_EQ(takeAll(bucket, 5099), 0);
  EXPECT_EQ(takeAll(bucket, 5100), 1);
  EXPECT_EQ(takeAll(bucket, 6100), 10);
}

TEST(TokenBucket, KeepsNoMoreThanItsBurst) {
  TokenBucket bucket(200, 3);
  EXPECT_EQ(takeAll(bucket, 0), 3);
  EXPECT_EQ(takeAll(bucket, ~std::uint64_t{0}), 3);
}

TEST(TokenBucket, ATimeThatGoesBackEarnsNothing) {
  TokenBucket bucket(1000, 2);
  EXPECT_EQ(takeAll(bucket, 1000), 2);
  EXPECT_EQ(takeAll(bucket, 500), 0);
  EXPECT_EQ(takeAll(bucket, 1000), 0);
  EXPECT_EQ(takeAll(bucket, 1001), 1);
}

TEST(TokenBucket, CountsAnyWindow) {
  TokenBucket bucket(1, 60'000, 2);
  EXPECT_EQ(takeAll(bucket, 0), 2);
  EXPECT_EQ(takeAll(bucket, 59'999), 0);
  EXPECT_EQ(takeAll(bucket, 60'000), 1);
}

TEST(TokenBucket, SaysWhenItIsFullAgain) {
  TokenBucket bucket(2, 1000, 10);
  EXPECT_EQ(bucket.fullAtMs(), 0U) << "nothing was taken";
  EXPECT_TRUE(bucket.take(7000));
  EXPECT_EQ(bucket.fullAtMs(), 7500U);
  EXPECT_EQ(takeAll(bucket, 7500), 10);
  EXPECT_EQ(bucket.fullAtMs(), 12'500U);
}

TEST(TokenBucket, TakesBackAnEventThatWasNone) {
  TokenBucket bucket(1, 2);
  EXPECT_EQ(takeAll(bucket, 0), 2);
  bucket.giveBack();
  EXPECT_EQ(takeAll(bucket, 0), 1);
  for (int i = 0; i < 5; ++i) bucket.giveBack();
  EXPECT_EQ(takeAll(bucket, 0), 2) << "no more than its burst";
}

TEST(TokenBucket, HoldsTheLargestNumbers) {
  constexpr std::uint64_t kWord = 0xFFFFFFFF;
  TokenBucket bucket(kWord, kWord, 5 * kWord);
  EXPECT_TRUE(bucket.take(0));
  EXPECT_TRUE(bucket.take(~std::uint64_t{0}));
  EXPECT_EQ(bucket.fullAtMs() - ~std::uint64_t{0}, 1U);
}

}  // namespace
}  // namespace rtm
