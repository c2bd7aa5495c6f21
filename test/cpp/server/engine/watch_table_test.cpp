#include "server/engine/memory/watch_table.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rtm::server {
namespace {

using wire::PresenceState;

const ScopedName kBob{AppNumber{1}, "bob"};

class WatchTables : public ::testing::Test {
 protected:
  std::vector<std::uint32_t> told(const ScopedName& user, PresenceState state) {
    std::vector<std::uint32_t> loops;
    table_.changed(user, state, [&loops](std::uint32_t loop) { loops.push_back(loop); });
    return loops;
  }
  using Loops = std::vector<std::uint32_t>;
  WatchTable table_;
};

TEST_F(WatchTables, TellEveryWatchingLoopOfAChangeOnce) {
  table_.watch(kBob, 0, PresenceState::Offline);
  table_.watch(kBob, 63, PresenceState::Offline);
  table_.watch(kBob, 63, PresenceState::Offline);
  EXPECT_EQ((Loops{0, 63}), told(kBob, PresenceState::Online));
  EXPECT_EQ(Loops{}, told(kBob, PresenceState::Online)) << "no change";
  EXPECT_EQ((Loops{0, 63}), told(kBob, PresenceState::Unreachable));
}

TEST_F(WatchTables, DoNotReportTheFirstStateOfAWatchAgain) {
  table_.watch(kBob, 1, PresenceState::Unreachable);
  EXPECT_EQ(Loops{}, told(kBob, PresenceState::Unreachable));
  EXPECT_EQ(Loops{1}, told(kBob, PresenceState::Offline));
}

TEST_F(WatchTables, ForgetEndedWatchesAndUnwatchedUsers) {
  table_.watch(kBob, 0, PresenceState::Online);
  table_.watch(kBob, 1, PresenceState::Online);
  table_.unwatch(kBob, 0);
  table_.unwatch(kBob, 0);
  table_.unwatch(kBob, 5);
  EXPECT_EQ(Loops{1}, told(kBob, PresenceState::Offline));
  table_.unwatch(kBob, 1);
  EXPECT_TRUE(table_.empty());
  EXPECT_EQ(Loops{}, told(kBob, PresenceState::Online));
  table_.unwatch(kBob, 1);
}

TEST_F(WatchTables, KeepAppsApart) {
  table_.watch(kBob, 0, PresenceState::Online);
  EXPECT_EQ(Loops{}, told({AppNumber{2}, "bob"}, PresenceState::Offline));
  EXPECT_EQ(1U, table_.size());
}

}  // namespace
}  // namespace rtm::server
