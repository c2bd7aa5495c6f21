// Bodies that go up and come down again: sizes, breaks, continuations.

#include <gtest/gtest.h>

#include "media_fixture.hpp"

namespace rtm::test {
namespace {

class MediaTransferTest : public MediaTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  server::ServerOptions options() const { return quickOptions(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Loops, MediaTransferTest, ::testing::Values(1U, 2U));

TEST_P(MediaTransferTest, ABodyOfAnySizeComesBackUnchanged) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  for (const std::size_t size : {std::size_t{1}, kPieceBytes, std::size_t{65535}, std::size_t{65536},
                                 std::size_t{65537}, std::size_t{1'000'003}}) {
    const Bytes body = bodyOf(size);
    const std::string mediaId = upload(*alice, body);
    EXPECT_EQ(body, download(*bob, mediaId)) << size << " bytes";
    EXPECT_EQ(body, download(*alice, mediaId)) << size << " bytes";
  }
}

TEST_P(MediaTransferTest, PiecesMayHaveAnySizeUpToTheLimitOfAFrame) {
  start(options());
  const auto alice = login("alice");
  const Bytes body = bodyOf(100'000);
  const MediaPass ticket = askUpload(*alice, body.size());
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(ticket.ticket).code);
  const std::size_t largest = wire::kMaxFrameBody - 4;
  media->send(wire::MediaData{.data = ByteView(body).first(1)});
  media->send(wire::MediaData{.data = ByteView(body).subspan(1, largest)});
  media->send(wire::MediaData{.data = ByteView(body).subspan(1 + largest)});
  media->sendEnd(sha256Of(body));
  EXPECT_EQ(0U, media->awaitStored());
  EXPECT_EQ(body, download(*alice, ticket.mediaId));
}

TEST_P(MediaTransferTest, AnInterruptedUploadContinuesAtTheServersPosition) {
  start(options());
  const auto alice = login("alice");
  const Bytes body = bodyOf(700'000);
  const MediaPass ticket = askUpload(*alice, body.size());
  std::size_t sent = 0;
  std::uint64_t from = 0;
  for (int part = 0; part < 3; ++part) {
    const auto media = connectMedia();
    const MediaOpening opened = media->open(ticket.ticket, 12345);  // the offset means nothing for an upload
    ASSERT_EQ(0U, opened.code);
    EXPECT_GE(opened.offset, from);
    EXPECT_LE(opened.offset, sent);
    from = opened.offset;
    sent = static_cast<std::size_t>(opened.offset) + 200'000;
    media->sendBody(ByteView(body).subspan(static_cast<std::size_t>(opened.offset), 200'000));
    ASSERT_TRUE(eventually([&] { return server_->stats().mediaBytesIn >= sent; }));
    media->cut();
  }
  const auto media = connectMedia();
  const MediaOpening opened = media->open(ticket.ticket);
  ASSERT_EQ(0U, opened.code);
  EXPECT_EQ(600'000U, opened.offset);
  media->sendBody(ByteView(body).subspan(static_cast<std::size_t>(opened.offset)));
  media->sendEnd(sha256Of(body));
  EXPECT_EQ(0U, media->awaitStored());
  EXPECT_EQ(body, download(*alice, ticket.mediaId));
}

TEST_P(MediaTransferTest, AnInterruptedDownloadContinuesAtTheClientsPosition) {
  start(options());
  const auto alice = login("alice");
  const Bytes body = bodyOf(3'000'000);
  const MediaPass ticket = askDownload(*alice, upload(*alice, body));
  ASSERT_EQ(0U, ticket.code);
  Bytes received;
  while (received.size() < body.size()) {
    const auto media = connectMedia();
    const MediaOpening opened = media->open(ticket.ticket, received.size());
    ASSERT_EQ(0U, opened.code);
    EXPECT_EQ(received.size(), opened.offset);
    EXPECT_EQ(body.size(), opened.size);
    for (int i = 0; i < 15; ++i) {
      const auto piece = media->nextPiece();
      if (!piece) break;
      received.insert(received.end(), piece->begin(), piece->end());
    }
    media->cut();
  }
  EXPECT_EQ(body, received);
  // Even its end can be asked for once more.
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(ticket.ticket, body.size()).code);
  EXPECT_TRUE(media->receiveBody().empty());
  EXPECT_EQ(sha256Of(body), media->digest());
}

TEST_P(MediaTransferTest, TheResultOfAnUploadCanBeAskedForAgain) {
  start(options());
  const auto alice = login("alice");
  const Bytes body = bodyOf(5000);
  const MediaPass ticket = askUpload(*alice, body.size());
  {
    const auto media = connectMedia();
    ASSERT_EQ(0U, media->open(ticket.ticket).code);
    media->sendBody(body);
    media->sendEnd(sha256Of(body));
    EXPECT_EQ(0U, media->awaitStored());  // as if this had been lost
  }
  const auto again = connectMedia();
  const MediaOpening opened = again->open(ticket.ticket);
  EXPECT_EQ(0U, opened.code);
  EXPECT_EQ(body.size(), opened.offset);
  again->sendEnd(sha256Of(body));
  EXPECT_EQ(0U, again->awaitStored());
  EXPECT_EQ(body, download(*alice, ticket.mediaId));
}

TEST_P(MediaTransferTest, ANewerConnectionWithATicketTakesThePlaceOfTheOlder) {
  start(options());
  const auto alice = login("alice");
  const Bytes body = bodyOf(300'000);
  const MediaPass ticket = askUpload(*alice, body.size());
  const auto older = connectMedia();
  ASSERT_EQ(0U, older->open(ticket.ticket).code);
  older->sendBody(ByteView(body).first(100'000));
  ASSERT_TRUE(eventually([&] { return server_->stats().mediaBytesIn >= 100'000; }));
  const auto newer = connectMedia();
  const MediaOpening opened = newer->open(ticket.ticket);
  EXPECT_EQ(0U, opened.code);
  EXPECT_EQ(100'000U, opened.offset);
  EXPECT_EQ(wire::ByeCode::SessionMoved, older->awaitBye());
  newer->sendBody(ByteView(body).subspan(100'000));
  newer->sendEnd(sha256Of(body));
  EXPECT_EQ(0U, newer->awaitStored());
  EXPECT_EQ(body, download(*alice, ticket.mediaId));
}

TEST_P(MediaTransferTest, ACancelledTransferEndsAndFreesItsPlace) {
  server::ServerOptions quick = options();
  quick.limits.mediaTasks = 1;
  start(std::move(quick));
  const auto alice = login("alice");
  const std::uint32_t first = alice->nextRequest();
  alice->send(wire::MediaUpload{.requestId = first, .size = 100'000});
  const MediaPass ticket = awaitTicket(*alice);
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(ticket.ticket).code);
  media->sendBody(bodyOf(50'000));
  EXPECT_EQ(5U, askUpload(*alice, 10).code);
  alice->send(wire::MediaCancel{.requestId = first + 100});  // no such transfer
  EXPECT_EQ(5U, askUpload(*alice, 10).code);
  alice->send(wire::MediaCancel{.requestId = first});
  const MediaPass next = askUpload(*alice, 10);
  EXPECT_EQ(0U, next.code);
  EXPECT_EQ(wire::ByeCode::Unexpected, media->expect<wire::Bye>().decode<wire::Bye>().code);
  EXPECT_NE(0U, connectMedia()->open(ticket.ticket).code);
}

TEST_F(MediaTest, TheLargestBodyTravelsOverTlsInLittleMemory) {
  server::ServerOptions options = quickOptions(2);
  options.tls = true;
  start(options);
  const auto alice = login("alice");
  const Bytes body = bodyOf(options.limits.mediaBytes);
  ASSERT_EQ(std::size_t{30} * 1024 * 1024, body.size());
  EXPECT_EQ(4U, askUpload(*alice, body.size() + 1).code);
  const std::string mediaId = upload(*alice, body);
  EXPECT_TRUE(body == download(*alice, mediaId));
  // Two queues of 256 KiB and what one read or one write may add to each.
  EXPECT_LT(server_->stats().mediaPeak, 1024U * 1024);
  EXPECT_EQ(body.size(), server_->stats().mediaBytesIn);
  EXPECT_EQ(body.size(), server_->stats().mediaBytesOut);
}

TEST_F(MediaTest, AClientThatDoesNotReadStopsTheReadingOfTheDisk) {
  start(quickOptions());
  const auto alice = login("alice");
  const Bytes body = bodyOf(20'000'000);
  const MediaPass ticket = askDownload(*alice, upload(*alice, body));
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(ticket.ticket).code);
  media->pauseReading();
  alice->settle();
  // Sockets of both ends hold some megabytes; the rest waits on the disk.
  EXPECT_LT(server_->stats().mediaPeak, 1024U * 1024);
  EXPECT_LT(server_->stats().mediaBytesOut, body.size());
  media->resumeReading();
  EXPECT_TRUE(body == media->receiveBody());
}

TEST_P(MediaTransferTest, ManyTransfersAndMessagesTravelBesideEachOther) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  std::vector<std::pair<MediaPass, std::unique_ptr<MediaClient>>> uploads;
  for (std::uint32_t i = 0; i < 9; ++i) {
    MediaPass ticket = askUpload(*alice, 400'000 + i);
    ASSERT_EQ(0U, ticket.code);
    uploads.emplace_back(std::move(ticket), connectMedia());
    uploads.back().second->sendOpen(uploads.back().first.ticket);
  }
  std::vector<std::uint64_t> sends;
  for (std::uint32_t i = 0; i < 9; ++i) {
    auto& [ticket, media] = uploads[i];
    ASSERT_EQ(0U, media->awaitOpened().code);
    const Bytes body = bodyOf(400'000 + i, i);
    media->sendBody(body);
    media->sendEnd(sha256Of(body));
    sends.push_back(alice->sendTo("bob", "beside " + std::to_string(i)));
  }
  for (std::uint32_t i = 0; i < 9; ++i) {
    EXPECT_EQ("beside " + std::to_string(i), bob->receive().text);
    EXPECT_EQ(0U, alice->resultOf(sends[i]));
  }
  for (auto& [ticket, media] : uploads) EXPECT_EQ(0U, media->awaitStored());
  std::vector<std::unique_ptr<MediaClient>> downloads;
  for (auto& [ticket, media] : uploads) {
    const MediaPass down = askDownload(*bob, ticket.mediaId);
    ASSERT_EQ(0U, down.code);
    downloads.push_back(connectMedia());
    downloads.back()->sendOpen(down.ticket);
  }
  for (std::uint32_t i = 0; i < 9; ++i) {
    ASSERT_EQ(0U, downloads[i]->awaitOpened().code);
    EXPECT_EQ(bodyOf(400'000 + i, i), downloads[i]->receiveBody());
  }
}

}  // namespace
}  // namespace rtm::test
