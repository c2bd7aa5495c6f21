// Which sessions get a ticket, and when a ticket ends.

#include <gtest/gtest.h>

#include "media_fixture.hpp"

namespace rtm::test {
namespace {

constexpr std::uint32_t kFailure = 1;
constexpr std::uint32_t kInvalidArgument = 2;
constexpr std::uint32_t kSizeOverflow = 4;
constexpr std::uint32_t kNotExist = 4;
constexpr std::uint32_t kTooManyTasks = 5;

class MediaTicketsTest : public MediaTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  server::ServerOptions options() const {
    server::ServerOptions options = quickOptions(GetParam());
    options.mediaFolder = folder_.path();
    return options;
  }
  /// A ticket whose upload is half done, on an open connection.
  std::pair<MediaPass, std::unique_ptr<MediaClient>> halfAnUpload(TestClient& session) {
    MediaPass ticket = askUpload(session, 2000);
    EXPECT_EQ(0U, ticket.code);
    auto media = connectMedia();
    EXPECT_EQ(0U, media->open(ticket.ticket).code);
    media->sendBody(bodyOf(1000));
    EXPECT_TRUE(eventually([&] { return folder_.count(".part") == 1; }));
    return {std::move(ticket), std::move(media)};
  }
  void expectNothingKept() {
    EXPECT_TRUE(eventually([&] { return folder_.count(".part") == 0 && folder_.count(".body") == 0; }));
  }

  MediaFolder folder_;
};
INSTANTIATE_TEST_SUITE_P(Loops, MediaTicketsTest, ::testing::Values(1U, 2U));

TEST_P(MediaTicketsTest, TheSizeOfAnUploadIsCheckedBeforeAnyByteTravels) {
  server::ServerOptions limited = options();
  limited.limits.mediaBytes = 5000;
  start(limited);
  const auto alice = login("alice");
  EXPECT_EQ(kInvalidArgument, askUpload(*alice, 0).code);
  EXPECT_EQ(kSizeOverflow, askUpload(*alice, 5001).code);
  EXPECT_EQ(kSizeOverflow, askUpload(*alice, ~std::uint64_t{0}).code);
  const Bytes body = bodyOf(5000);
  EXPECT_EQ(body, download(*alice, upload(*alice, body)));
}

TEST_P(MediaTicketsTest, TheLoginResultBringsTheLimits) {
  server::ServerOptions limited = options();
  limited.limits.mediaBytes = 5000;
  limited.limits.mediaTasks = 3;
  start(limited);
  const auto alice = connect();
  alice->send(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
  const RawFrame frame = alice->expect<wire::LoginResult>();
  const auto result = frame.decode<wire::LoginResult>();
  ASSERT_TRUE(result.limits.has_value());
  EXPECT_EQ(5000U, result.limits->mediaBytes);
  EXPECT_EQ(3U, result.limits->mediaTasks);
}

TEST_P(MediaTicketsTest, AMediaIdIsValidOnlyInItsApp) {
  start(options());
  const auto alice = login("alice");
  const auto stranger = login("alice", kOtherStaticApp);
  const std::string mediaId = upload(*alice, bodyOf(100));
  EXPECT_EQ(32U, mediaId.size());
  EXPECT_EQ(kNotExist, askDownload(*stranger, mediaId).code);
  EXPECT_EQ(kNotExist, askDownload(*alice, "../" + mediaId).code);
  EXPECT_EQ(kNotExist, askDownload(*alice, std::string(32, '0')).code);
  EXPECT_EQ(kNotExist, askDownload(*alice, std::string(60'000, 'a')).code);
  EXPECT_EQ(kInvalidArgument, askDownload(*alice, "").code);
  EXPECT_EQ(0U, askDownload(*alice, mediaId).code);
}

TEST_P(MediaTicketsTest, AMediaIdIsValidOnceItsUploadIsComplete) {
  start(options());
  const auto alice = login("alice");
  const auto [ticket, media] = halfAnUpload(*alice);
  EXPECT_EQ(kNotExist, askDownload(*alice, ticket.mediaId).code);
}

TEST_P(MediaTicketsTest, TheTenthTaskIsRefusedInEitherDirection) {
  start(options());
  const auto alice = login("alice");
  const std::string mediaId = upload(*alice, bodyOf(100));
  std::vector<MediaPass> tickets;
  for (int i = 0; i < 5; ++i) tickets.push_back(askUpload(*alice, 100));
  for (int i = 0; i < 4; ++i) tickets.push_back(askDownload(*alice, mediaId));
  for (const MediaPass& ticket : tickets) EXPECT_EQ(0U, ticket.code);
  EXPECT_EQ(kTooManyTasks, askUpload(*alice, 100).code);
  EXPECT_EQ(kTooManyTasks, askDownload(*alice, mediaId).code);
  const auto bob = login("bob");
  EXPECT_EQ(0U, askUpload(*bob, 100).code) << "tasks are counted for each session";

  // A task that is done makes room as soon as the client knows that it is done.
  const auto down = connectMedia();
  ASSERT_EQ(0U, down->open(tickets[5].ticket).code);
  EXPECT_EQ(bodyOf(100), down->receiveBody());
  EXPECT_EQ(0U, askUpload(*alice, 100).code);
  EXPECT_EQ(kTooManyTasks, askUpload(*alice, 100).code);
  const auto up = connectMedia();
  ASSERT_EQ(0U, up->open(tickets[0].ticket).code);
  up->sendBody(bodyOf(100));
  up->sendEnd(sha256Of(bodyOf(100)));
  ASSERT_EQ(0U, up->awaitStored());
  EXPECT_EQ(0U, askUpload(*alice, 100).code);
  EXPECT_EQ(kTooManyTasks, askUpload(*alice, 100).code);
}

TEST_P(MediaTicketsTest, ConsecutiveTasksNeverReachTheLimit) {
  server::ServerOptions limited = options();
  limited.limits.mediaTasks = 1;
  start(limited);
  const auto alice = login("alice");
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(bodyOf(100, i), download(*alice, upload(*alice, bodyOf(100, i))));
}

TEST_P(MediaTicketsTest, ARepeatedRequestGetsTheSameTicket) {
  start(options());
  const auto alice = login("alice");
  alice->send(wire::MediaUpload{.requestId = 7, .size = 100, .image = true});
  const MediaPass first = awaitTicket(*alice);
  alice->send(wire::MediaUpload{.requestId = 7, .size = 100, .image = true});
  const MediaPass second = awaitTicket(*alice);
  EXPECT_EQ(0U, second.code);
  EXPECT_EQ(first.ticket, second.ticket);
  EXPECT_EQ(first.mediaId, second.mediaId);
}

TEST_P(MediaTicketsTest, ATicketEndsWithItsSession) {
  server::ServerOptions quick = options();
  quick.graceMs = 300;
  start(quick);
  const auto ended = [&](const std::pair<MediaPass, std::unique_ptr<MediaClient>>& half) {
    EXPECT_EQ(wire::ByeCode::Unexpected, half.second->awaitBye());
    EXPECT_EQ(kFailure, connectMedia()->open(half.first.ticket).code);
    expectNothingKept();
  };
  {
    const auto alice = login("alice");
    const auto half = halfAnUpload(*alice);
    EXPECT_EQ(0U, alice->logout());
    ended(half);
  }
  {
    const auto alice = login("alice");
    const auto half = halfAnUpload(*alice);
    const auto again = login("alice");
    ended(half);
    EXPECT_EQ(0U, again->logout());
  }
  const auto alice = login("alice");
  const auto half = halfAnUpload(*alice);
  alice->cut();  // and its grace runs out
  ended(half);
}

TEST_P(MediaTicketsTest, ADownloadEndsWithItsSession) {
  start(options());
  const auto alice = login("alice");
  const MediaPass ticket = askDownload(*alice, upload(*alice, bodyOf(20'000'000)));
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(ticket.ticket).code);
  media->pauseReading();
  EXPECT_EQ(0U, alice->logout());
  EXPECT_EQ(kFailure, connectMedia()->open(ticket.ticket).code);
}

TEST_P(MediaTicketsTest, ATransferWithoutProgressEnds) {
  server::ServerOptions quick = options();
  quick.mediaIdleMs = 150;
  quick.limits.mediaTasks = 2;
  start(quick);
  const auto alice = login("alice");
  const MediaPass unused = askUpload(*alice, 100);
  const MediaPass opened = askUpload(*alice, 100);
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(opened.ticket).code);
  EXPECT_EQ(wire::ByeCode::Unexpected, media->awaitBye());
  EXPECT_EQ(kFailure, connectMedia()->open(opened.ticket).code);
  EXPECT_TRUE(eventually([&] { return askUpload(*alice, 100).code == 0; }));
  EXPECT_TRUE(eventually([&] { return connectMedia()->open(unused.ticket).code == kFailure; }));
}

TEST_P(MediaTicketsTest, ABodyIsRemovedWhenItExpires) {
  server::ServerOptions quick = options();
  quick.mediaLifeMs = 200;
  quick.mediaStoreBytes = 3000;  // one of two Apps has half of it
  start(quick);
  const auto alice = login("alice");
  const auto bob = login("bob");  // who asks until there is nothing, and has his tasks used up by that
  for (int i = 0; i < 3; ++i) {
    MediaPass ticket;
    // There is room for one body, so the next one shows that the last one's bytes are free again.
    ASSERT_TRUE(eventually([&] { return (ticket = askUpload(*alice, 1000)).code == 0; }));
    const auto media = connectMedia();
    ASSERT_EQ(0U, media->open(ticket.ticket).code);
    media->sendBody(bodyOf(1000));
    media->sendEnd(sha256Of(bodyOf(1000)));
    ASSERT_EQ(0U, media->awaitStored());
    EXPECT_TRUE(eventually([&] { return askDownload(*bob, ticket.mediaId).code == kNotExist; }));
  }
  expectNothingKept();
}

TEST_P(MediaTicketsTest, FileMessagesGoOnlyToClientsThatUnderstandThem) {
  start(options());
  const auto alice = login("alice");
  const auto old = std::make_unique<TestClient>(endpoint());
  old->hello(1);  // resumes, and nothing else
  ASSERT_EQ(0U, old->tryLogin("old").code);
  const auto bob = login("bob");
  wire::Content content;
  content.messageId = 1;
  content.type = wire::ContentType::File;
  content.media.emplace();
  content.media->mediaId = "some";
  Bytes bytes(wire::encodedSize(content));
  wire::encode(content, bytes.data());
  alice->send(wire::PeerSend{.seq = 1, .peerId = "old", .flags = 0, .content = bytes});
  EXPECT_EQ(8U, alice->resultOf(1));
  alice->send(wire::PeerSend{.seq = 2, .peerId = "bob", .flags = 0, .content = bytes});
  const RawFrame frame = bob->expect<wire::PeerMessage>();
  bob->send(wire::InboxAck{.offset = frame.decode<wire::PeerMessage>().offset});
  EXPECT_EQ(0U, alice->resultOf(2));
}

}  // namespace
}  // namespace rtm::test
