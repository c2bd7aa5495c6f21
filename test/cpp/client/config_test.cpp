// Times that hold unless a program or a test says otherwise: the table of docs/spec/limits.md §8.
#include "client/config.hpp"

#include <gtest/gtest.h>

#include "client/invitations/invitation_machine.hpp"
#include "client/media/media_task.hpp"

namespace rtm::client {
namespace {

TEST(Times, AreThoseOfTheSpecification) {
  const Timing timing;
  EXPECT_EQ(timing.login, 12000U);
  EXPECT_EQ(timing.logout, 5000U);
  EXPECT_EQ(timing.peerMessage, 10000U);
  EXPECT_EQ(timing.channelMessage, 10000U);
  EXPECT_EQ(timing.request, 5000U);
  EXPECT_EQ(timing.presence, 10000U);
  EXPECT_EQ(timing.outage, 4000U);
  EXPECT_EQ(timing.tokenWarning, 30000U);
  EXPECT_EQ(timing.invitationSend, 30000U);
  EXPECT_EQ(timing.invitation, 60000U);
  EXPECT_EQ(timing.acceptance, 10000U);
  EXPECT_EQ(timing.mediaIdle, 120000U);
  EXPECT_EQ(timing.mediaProgress, 1000U);
}

/// The machines are tested with their own defaults.
TEST(Times, AreTheTimesOfTheTestTables) {
  const Timing timing;
  const InvitationTiming invitation;
  EXPECT_EQ(invitation.sendMs, timing.invitationSend);
  EXPECT_EQ(invitation.actMs, timing.invitation);
  EXPECT_EQ(invitation.acceptanceMs, timing.acceptance);
  const MediaTimes media;
  EXPECT_EQ(media.idle, timing.mediaIdle);
  EXPECT_EQ(media.progress, timing.mediaProgress);
}

}  // namespace
}  // namespace rtm::client
