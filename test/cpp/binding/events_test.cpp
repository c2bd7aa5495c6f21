// What the receivers of a client's events write into the mailbox, read back as JavaScript reads it.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "binding/events/channel_events.hpp"
#include "binding/events/invitation_events.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {
namespace {

using Words = std::vector<std::uint32_t>;
using Numbers = std::vector<double>;

constexpr std::uint32_t kService = 7;
constexpr std::uint32_t kChannel = 8;

std::uint32_t wordOf(EventKind kind) {
  return static_cast<std::uint32_t>(kind);
}

class Events : public ::testing::Test, private Throttle::Source {
 protected:
  void pauseDelivery() override { ++pauses; }
  void resumeDelivery() override { ++resumes; }

  std::unique_ptr<Chunk> take() {
    std::vector<std::uint32_t> resumable;
    std::unique_ptr<Chunk> chunk = mailbox->take(resumable);
    for (const std::uint32_t source : resumable) {
      EXPECT_EQ(source, kService);
      throttle.goOn();
    }
    return chunk;
  }

  int pauses = 0;
  int resumes = 0;
  const std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>([] {});
  Throttle throttle{mailbox, *this, kService};
  ServiceEvents service{EventSink(throttle, kService)};
  ChannelEvents channel{EventSink(throttle, kChannel)};
};

TEST_F(Events, ATextCarriesItsSenderIdTimeAndFlag) {
  const client::MessageView message{.id = 99,
                                    .type = client::MessageType::Text,
                                    .text = "hello",
                                    .serverReceivedMs = 1'700'000'000'000,
                                    .offline = true};
  service.onPeerMessage("alice", message);
  const std::unique_ptr<Chunk> chunk = take();
  ASSERT_NE(chunk, nullptr);
  const std::uint32_t slot = chunk->words[2];
  EXPECT_EQ(chunk->words, (Words{wordOf(EventKind::UserName), 0, slot, 5,  //
                                 wordOf(EventKind::PeerMessage), kService, slot, 1 | kOfflineMessage, 10}));
  EXPECT_EQ(chunk->numbers, (Numbers{99, 1'700'000'000'000}));
  EXPECT_EQ(chunk->text, "alicehello");
}

TEST_F(Events, ARawMessageHasAPayloadAndATextHasNone) {
  const std::string data = "abc";
  channel.onMessage("bob", {.id = 1, .type = client::MessageType::Raw, .text = {}, .raw = asBytes(data)});
  channel.onMessage("bob", {.id = 2, .type = client::MessageType::Text, .text = {}, .raw = asBytes(data)});
  const std::unique_ptr<Chunk> chunk = take();
  ASSERT_NE(chunk, nullptr);
  const std::uint32_t slot = chunk->words[2];
  EXPECT_EQ(chunk->words, (Words{wordOf(EventKind::UserName), 0, slot, 3,                     //
                                 wordOf(EventKind::ChannelMessage), kChannel, slot, 2, 3, 3,  // 3 bytes so far
                                 wordOf(EventKind::ChannelMessage), kChannel, slot, 1, 3}));
  EXPECT_EQ(chunk->bytes.size(), 3U);
}

TEST_F(Events, OnlyAnImageHasSizesInPixels) {
  const client::MediaView media{.mediaId = "m", .size = 10, .fileName = "f", .thumbnail = {}, .width = 4, .height = 3};
  for (const client::MessageType type : {client::MessageType::Image, client::MessageType::File}) {
    service.onPeerMessage("al", {.id = 5, .type = type, .text = "t", .media = media});
  }
  const std::unique_ptr<Chunk> chunk = take();
  ASSERT_NE(chunk, nullptr);
  const std::uint32_t slot = chunk->words[2];
  EXPECT_EQ(chunk->words, (Words{wordOf(EventKind::UserName),    0,        slot, 2,                          //
                                 wordOf(EventKind::PeerMessage), kService, slot, 4, 3, 4, 5, 0, 4, 3, 0, 0,  //
                                 wordOf(EventKind::PeerMessage), kService, slot, 3, 6, 7, 8, 0, 0, 0, 0, 0}));
  EXPECT_EQ(chunk->numbers, (Numbers{5, 0, 10, 5, 0, 10}));
}

TEST_F(Events, AFailedUploadHasNoMessageId) {
  service.onUploaded(12, {.image = true}, client::UploadCode::Timeout);
  service.onUploaded(13, {.image = false, .mediaId = "m", .size = 9}, client::UploadCode::Ok);
  const std::unique_ptr<Chunk> chunk = take();
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->words, (Words{wordOf(EventKind::Upload), kService, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0,  //
                                 wordOf(EventKind::Upload), kService, 0, 3, 0, 1, 1, 0, 0, 0, 0, 0}));
  ASSERT_EQ(chunk->numbers.size(), 8U);
  EXPECT_EQ(chunk->numbers[1], 0);
  EXPECT_GT(chunk->numbers[5], 0);
}

TEST_F(Events, EachWriteOfAttributesHasAKindOfItsOwn) {
  using client::AttributeWrite;
  for (const AttributeWrite write :
       {AttributeWrite::Set, AttributeWrite::Merge, AttributeWrite::Delete, AttributeWrite::Clear}) {
    service.onUserAttributesWritten(1, write, client::AttributeCode::Ok);
    service.onChannelAttributesWritten(2, write, client::AttributeCode::Timeout);
  }
  const std::unique_ptr<Chunk> chunk = take();
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->words, (Words{wordOf(EventKind::SetUserAttributes),       kService, 0,
                                 wordOf(EventKind::SetChannelAttributes),    kService, 7,
                                 wordOf(EventKind::AddUserAttributes),       kService, 0,
                                 wordOf(EventKind::AddChannelAttributes),    kService, 7,
                                 wordOf(EventKind::DeleteUserAttributes),    kService, 0,
                                 wordOf(EventKind::DeleteChannelAttributes), kService, 7,
                                 wordOf(EventKind::ClearUserAttributes),     kService, 0,
                                 wordOf(EventKind::ClearChannelAttributes),  kService, 7}));
}

TEST_F(Events, ACallersInvitationHasATagAndACalleesANumber) {
  InvitationEvents events(EventSink(throttle, 20));
  const auto local = std::make_shared<client::LocalInvitation>("bob", 31);
  const auto remote = std::make_shared<client::RemoteInvitation>(4, "carol", 1, "content", "room");
  events.onLocalFailure(local, client::LocalInvitationError::PeerOffline);
  events.onRemoteReceived(remote);
  events.onRemoteFailure(remote, client::RemoteInvitationError::InvitationExpire);
  const std::unique_ptr<Chunk> chunk = take();
  ASSERT_NE(chunk, nullptr);
  const std::uint32_t slot = chunk->words[5];
  EXPECT_EQ(chunk->words, (Words{wordOf(EventKind::LocalInvitationFailure), 31, 1,                  //
                                 wordOf(EventKind::UserName), 0, slot, 5,                           //
                                 wordOf(EventKind::RemoteInvitationReceived), 20, slot, 4, 12, 16,  //
                                 wordOf(EventKind::RemoteInvitationFailure), 20, 4, 3}));
}

TEST_F(Events, AFullMailboxStopsTheClientOnceAndAnEmptyOneLetsItGoOn) {
  const std::string text(32 * 1024, 'x');
  const client::MessageView message{.id = 1, .type = client::MessageType::Text, .text = text};
  while (pauses == 0) {
    service.onPeerMessage("alice", message);
  }
  EXPECT_GT(mailbox->pressure().bytes, Mailbox::kHighWater);
  channel.onMessage("alice", message);  // a channel shares the throttle of its service
  EXPECT_EQ(pauses, 1);
  EXPECT_EQ(resumes, 0);
  while (take() != nullptr) {
  }
  EXPECT_EQ(resumes, 1);
}

}  // namespace
}  // namespace rtm::binding
