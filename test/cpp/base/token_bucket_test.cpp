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

}  // namespace
}  // namespace rtm
