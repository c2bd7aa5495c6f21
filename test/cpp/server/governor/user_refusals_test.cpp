#include "server/governor/user_refusals.hpp"

#include <gtest/gtest.h>

namespace rtm::server {
namespace {

const ScopedName kFlooder{AppNumber{0}, "ann"};

TEST(UserRefusals, DoubleUpToFiveMinutes) {
  UserRefusals refusals;
  std::uint64_t now = 1000;
  for (const std::uint64_t seconds : {30U, 60U, 120U, 240U, 300U, 300U}) {
    EXPECT_EQ(0U, refusals.leftMs(kFlooder, now));
    EXPECT_EQ(seconds * 1000, refusals.refuse(kFlooder, now));
    EXPECT_EQ(seconds * 1000, refusals.leftMs(kFlooder, now));
    EXPECT_EQ(1U, refusals.leftMs(kFlooder, now + seconds * 1000 - 1));
    now += seconds * 1000;
  }
  EXPECT_EQ(0U, refusals.leftMs({AppNumber{1}, "ann"}, 1000)) << "another app";
}

TEST(UserRefusals, AreForgivenAfterTenQuietMinutes) {
  UserRefusals refusals;
  EXPECT_EQ(30'000U, refusals.refuse(kFlooder, 0));
  EXPECT_EQ(60'000U, refusals.refuse(kFlooder, 30'000 + UserRefusals::kForgiveMs - 1));
  EXPECT_EQ(30'000U, refusals.refuse(kFlooder, 2'000'000));
}

}  // namespace
}  // namespace rtm::server
