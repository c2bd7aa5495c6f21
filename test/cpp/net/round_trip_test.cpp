// What a sender learns of its path: its round trip and its losses.
#include <gtest/gtest.h>

#include "net/datagram/loss_meter.hpp"
#include "net/datagram/round_trip.hpp"

namespace rtm::net::test {
namespace {

TEST(RecentLeast, KeepsTheLeastOfOneToTwoWindows) {
  RecentLeast least;
  EXPECT_EQ(least.least(), 0U);
  least.add(100, 7, 10);
  EXPECT_EQ(least.least(), 7U);
  least.add(105, 9, 10);
  EXPECT_EQ(least.least(), 7U);
  least.add(110, 9, 10);
  EXPECT_EQ(least.least(), 7U);
  least.add(119, 8, 10);
  EXPECT_EQ(least.least(), 7U);
  least.add(120, 9, 10);
  EXPECT_EQ(least.least(), 8U);
  // After a long silence nothing of before counts.
  least.add(200, 50, 10);
  EXPECT_EQ(least.least(), 50U);
}

TEST(RoundTrip, HoldsWhatIsAssumedUntilTheFirstSample) {
  RoundTrip roundTrip(200 * kMillisecond);
  EXPECT_FALSE(roundTrip.known());
  EXPECT_EQ(roundTrip.smoothed(), 200 * kMillisecond);
  EXPECT_EQ(roundTrip.base(), 200 * kMillisecond);
  roundTrip.sample(kSecond, 50 * kMillisecond, 10 * kMillisecond);
  EXPECT_TRUE(roundTrip.known());
  EXPECT_EQ(roundTrip.smoothed(), 40 * kMillisecond);
  EXPECT_EQ(roundTrip.base(), 40 * kMillisecond);
}

TEST(RoundTrip, IsNeverZeroHoweverLongTheOtherSideClaimsToHaveWaited) {
  RoundTrip roundTrip(kSecond);
  roundTrip.sample(kSecond, 10, 20);
  EXPECT_EQ(roundTrip.smoothed(), 1U);
  roundTrip.sample(kSecond, 0, 0);
  EXPECT_EQ(roundTrip.base(), 1U);
}

TEST(RoundTrip, IsPatientForAFifthMoreThanARoundTripAndForJitter) {
  RoundTrip steady(kSecond);
  for (Micros i = 0; i < 100; ++i) steady.sample(kSecond + i * kSecond, 100 * kMillisecond, 0);
  EXPECT_EQ(steady.patience(), 120 * kMillisecond);
  RoundTrip shaky(kSecond);
  for (Micros i = 0; i < 100; ++i) shaky.sample(kSecond + i * kSecond, (i % 2 == 0 ? 50 : 150) * kMillisecond, 0);
  EXPECT_GT(shaky.patience(), 250 * kMillisecond);
  EXPECT_LT(shaky.patience(), 350 * kMillisecond);
}

TEST(RoundTrip, OneLongStallDoesNotMakeItPatientForAMinute) {
  RoundTrip roundTrip(kSecond);
  for (Micros i = 0; i < 100; ++i) roundTrip.sample(kSecond + i * kSecond, 100 * kMillisecond, 0);
  roundTrip.sample(200 * kSecond, 15 * kSecond, 0);
  EXPECT_LT(roundTrip.patience(), 3 * kSecond);
}

TEST(RoundTrip, SeesAQueueOnlyWhenNoPacketOfLateFindsThePathEmpty) {
  RoundTrip roundTrip(kSecond);
  Micros now = kSecond;
  const auto samples = [&](Micros value, int count) {
    for (; count > 0; --count) roundTrip.sample(now += 50 * kMillisecond, value, 0);
  };
  samples(100 * kMillisecond, 20);
  EXPECT_FALSE(roundTrip.standingQueue());
  samples(150 * kMillisecond, 3);
  EXPECT_FALSE(roundTrip.standingQueue());
  samples(150 * kMillisecond, 30);
  EXPECT_TRUE(roundTrip.standingQueue());
  samples(100 * kMillisecond, 1);
  EXPECT_FALSE(roundTrip.standingQueue());
  // Within the noise: an eighth, and 3 ms at least.
  samples(112 * kMillisecond, 60);
  EXPECT_FALSE(roundTrip.standingQueue());
  // The least of ten minutes is what an empty path takes.
  samples(150 * kMillisecond, 20 * 60 * 9);
  EXPECT_TRUE(roundTrip.standingQueue());
}

TEST(RoundTrip, ForgetsAnotherPathButNotThatThisOneMayBeAsSlow) {
  RoundTrip roundTrip(200 * kMillisecond);
  roundTrip.sample(kSecond, 20 * kMillisecond, 0);
  roundTrip.newPath();
  EXPECT_FALSE(roundTrip.known());
  EXPECT_EQ(roundTrip.smoothed(), 200 * kMillisecond);
  EXPECT_FALSE(roundTrip.standingQueue());
  roundTrip.sample(2 * kSecond, 900 * kMillisecond, 0);
  EXPECT_EQ(roundTrip.base(), 900 * kMillisecond);
  roundTrip.newPath();
  EXPECT_EQ(roundTrip.smoothed(), 900 * kMillisecond);
}

TEST(LossMeter, IsTheMeanOfTheFirstHundredAndFollowsThePathThen) {
  LossMeter loss;
  EXPECT_EQ(loss.share(), 0);
  for (int i = 0; i < 100; ++i) i % 4 == 0 ? loss.lost() : loss.arrived();
  EXPECT_NEAR(loss.share(), 0.25, 0.06);
  for (int i = 0; i < 500; ++i) loss.arrived();
  EXPECT_LT(loss.share(), 0.01);
  for (int i = 0; i < 500; ++i) loss.lost();
  EXPECT_GT(loss.share(), 0.99);
  EXPECT_LE(loss.share(), 1);
}

TEST(LossMeter, TakesOneLossOfTwoPacketsForNoLossOfHalf) {
  LossMeter loss;
  loss.arrived();
  loss.lost();
  EXPECT_LE(loss.share(), 0.1);
}

TEST(LossMeter, TakesBackWhatWasNotLostAndNoMore) {
  for (const int before : {0, 3, 50, 400}) {
    LossMeter with;
    LossMeter without;
    for (int i = 0; i < before; ++i) {
      i % 3 == 0 ? with.lost() : with.arrived();
      i % 3 == 0 ? without.lost() : without.arrived();
    }
    with.lost();
    with.wasNotLost();
    EXPECT_NEAR(with.share(), without.share(), 0.011) << before;
  }
  LossMeter loss;
  loss.wasNotLost();
  EXPECT_EQ(loss.share(), 0);
}

}  // namespace
}  // namespace rtm::net::test
