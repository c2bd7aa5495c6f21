#include "server/gateway/owed_notices.hpp"

#include <gtest/gtest.h>

namespace rtm::server {
namespace {

TEST(OwedNotices, AreOneQuestionForAllMembersOfAChannel) {
  OwedNotices owed;
  for (std::uint64_t session = 0; session < 1000; ++session) {
    owed.addAttributes({AppNumber{1}, "room"}, session);
    if (session % 2 == 0) owed.addCount({AppNumber{1}, "room"}, session);
  }
  owed.addAttributes({AppNumber{2}, "room"}, 7);
  owed.addCount({AppNumber{1}, "stage"}, 8);
  ASSERT_EQ(3U, owed.all().size());
  const auto& room = owed.all().find(ScopedName{AppNumber{1}, "room"})->second;
  EXPECT_EQ(1000U, room.attributes.size());
  EXPECT_EQ(500U, room.counts.size());
  EXPECT_EQ(999U, room.attributes.back());
  const auto& other = owed.all().find(ScopedName{AppNumber{2}, "room"})->second;
  EXPECT_EQ(std::vector<std::uint64_t>{7}, other.attributes);
  EXPECT_TRUE(other.counts.empty());
}

}  // namespace
}  // namespace rtm::server
