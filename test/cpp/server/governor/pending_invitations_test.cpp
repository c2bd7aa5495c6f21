#include "server/governor/pending_invitations.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::server {
namespace {

constexpr AppNumber kApp{0};
constexpr ScopedName kBob{kApp, "bob"};

/// How many of `count` new invitations are taken.
int invite(PendingInvitations& pending, const std::string& caller, int count, std::uint64_t nowMs = 1,
           const ScopedName& callee = kBob, std::uint64_t firstId = 1) {
  int taken = 0;
  for (int i = 0; i < count; ++i) {
    taken += pending.begin(callee, caller, firstId + static_cast<std::uint64_t>(i), nowMs) ? 1 : 0;
  }
  return taken;
}

TEST(PendingInvitations, OfOneCallerAre64AtACallee) {
  PendingInvitations pending;
  EXPECT_EQ(64, invite(pending, "alice", 100));
  EXPECT_EQ(1, invite(pending, "carol", 1)) << "another caller is heard";
  EXPECT_EQ(1, invite(pending, "alice", 1, 1, {kApp, "dora"})) << "another callee, too";
  EXPECT_EQ(1, invite(pending, "alice", 1, 1, {AppNumber{1}, "bob"})) << "a user of another App has the same name";
  EXPECT_TRUE(pending.begin(kBob, "alice", 64, 1)) << "a repeat";
  EXPECT_FALSE(pending.begin(kBob, "alice", 65, 1));
  pending.end(kBob, "alice", 3);
  pending.end(kBob, "alice", 3);
  pending.end(kBob, "carol", 4);
  EXPECT_TRUE(pending.begin(kBob, "alice", 65, 1)) << "in the place of the answered one";
  EXPECT_FALSE(pending.begin(kBob, "alice", 66, 1));
}

TEST(PendingInvitations, OfAllCallersAre256AndTheLargestMakesRoomForTheSmall) {
  PendingInvitations pending;
  for (const char* caller : {"a", "b", "c", "d"}) EXPECT_EQ(64, invite(pending, caller, 64));
  EXPECT_EQ(256U, pending.size());
  EXPECT_EQ(1, invite(pending, "small", 1));
  EXPECT_EQ(256U, pending.size());
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += pending.begin(kBob, "greedy", 100 + static_cast<std::uint64_t>(i), 1) ? 1 : 0;
  EXPECT_GE(taken, 45) << "as many as the others";
  EXPECT_LE(taken, 52);
  EXPECT_EQ(256U, pending.size());
}

TEST(PendingInvitations, OfOneCallerAtAllCalleesAreBounded) {
  PendingInvitations pending;
  int taken = 0;
  for (int callee = 0; callee < 2000; ++callee) {
    taken += invite(pending, "alice", 1, 1, {kApp, "callee " + std::to_string(callee)});
  }
  EXPECT_EQ(1024, taken);
  EXPECT_EQ(1024U, pending.size());
}

TEST(PendingInvitations, EndWithTimeAndWithTheCallee) {
  PendingInvitations pending;
  EXPECT_EQ(64, invite(pending, "alice", 64, 1000));
  EXPECT_TRUE(pending.begin(kBob, "alice", 1, 31'000)) << "a repeat waits for longer";
  EXPECT_EQ(0, invite(pending, "alice", 1, 60'999, kBob, 100));
  EXPECT_EQ(63, invite(pending, "alice", 100, 61'000, kBob, 100));
  pending.sweep(91'000);
  EXPECT_EQ(63U, pending.size());
  pending.endAll(kBob);
  EXPECT_EQ(0U, pending.size());
  EXPECT_EQ(64, invite(pending, "alice", 64, 91'000));
  pending.sweep(151'000);
  EXPECT_EQ(0U, pending.size());
}

}  // namespace
}  // namespace rtm::server
