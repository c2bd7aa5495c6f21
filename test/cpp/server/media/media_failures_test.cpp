// Bodies that differ from their announcement, clients that break the rules, disks that refuse to write.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "media_fixture.hpp"

namespace rtm::test {
namespace {

namespace fs = std::filesystem;

class MediaFailuresTest : public MediaTest {
 protected:
  server::ServerOptions options(unsigned loops = 2) const {
    server::ServerOptions options = quickOptions(loops);
    options.mediaFolder = folder_.path();
    return options;
  }
  /// A connection on which an upload of `size` bytes may begin.
  std::unique_ptr<MediaClient> openUpload(TestClient& session, std::uint64_t size, MediaPass& ticket) {
    ticket = askUpload(session, size);
    EXPECT_EQ(0U, ticket.code);
    auto media = connectMedia();
    EXPECT_EQ(0U, media->open(ticket.ticket).code);
    return media;
  }
  void expectNothingKept() {
    EXPECT_TRUE(eventually([&] { return folder_.count(".part") == 0 && folder_.count(".body") == 0; }));
  }
  void expectOver(TestClient& session, const MediaPass& ticket) {
    EXPECT_EQ(1U, connectMedia()->open(ticket.ticket).code);
    EXPECT_EQ(4U, askDownload(session, ticket.mediaId).code);
    expectNothingKept();
  }

  MediaFolder folder_;
};

TEST_F(MediaFailuresTest, AnUploadWithAnotherChecksumIsNotKept) {
  start(options());
  const auto alice = login("alice");
  MediaPass ticket;
  const auto media = openUpload(*alice, 100'000, ticket);
  media->sendBody(bodyOf(100'000, 1));
  media->sendEnd(sha256Of(bodyOf(100'000, 2)));
  EXPECT_EQ(1U, media->awaitStored());
  EXPECT_TRUE(media->awaitEnd());
  expectOver(*alice, ticket);
}

TEST_F(MediaFailuresTest, AnUploadThatEndsEarlyIsNotKept) {
  start(options());
  const auto alice = login("alice");
  MediaPass ticket;
  const auto media = openUpload(*alice, 1001, ticket);
  media->sendBody(bodyOf(1000));
  media->sendEnd(sha256Of(bodyOf(1000)));
  EXPECT_EQ(1U, media->awaitStored());
  expectOver(*alice, ticket);
}

TEST_F(MediaFailuresTest, MoreBytesThanAnnouncedAreRefused) {
  start(options());
  const auto alice = login("alice");
  MediaPass ticket;
  const auto media = openUpload(*alice, 1000, ticket);
  media->sendBody(bodyOf(1000));
  media->sendBody(bodyOf(1));
  EXPECT_EQ(wire::ByeCode::Malformed, media->awaitBye());
  expectOver(*alice, ticket);
}

TEST_F(MediaFailuresTest, UnexpectedFramesEndTheConnection) {
  start(options());
  const auto alice = login("alice");
  const auto refused = [&](auto&& say) {
    MediaPass ticket;
    const auto media = openUpload(*alice, 1000, ticket);
    say(*media);
    const wire::ByeCode code = media->awaitBye();
    expectOver(*alice, ticket);
    return code;
  };
  EXPECT_EQ(wire::ByeCode::Malformed, refused([](MediaClient& c) { c.send(wire::MediaData{}); }));
  EXPECT_EQ(wire::ByeCode::Malformed, refused([](MediaClient& c) { c.sendBytes({0, 0, 1, 85, 0xFF}); }));
  EXPECT_EQ(wire::ByeCode::Malformed, refused([](MediaClient& c) { c.sendEnd(Bytes(31)); }));
  EXPECT_EQ(wire::ByeCode::Malformed, refused([](MediaClient& c) { c.send(wire::MediaEnd{}); }));
  EXPECT_EQ(wire::ByeCode::Unexpected, refused([](MediaClient& c) { c.send(wire::Ping{.token = 1}); }));
  EXPECT_EQ(wire::ByeCode::Unexpected, refused([](MediaClient& c) { c.sendOpen(Bytes(16)); }));
  EXPECT_EQ(wire::ByeCode::Unexpected, refused([](MediaClient& c) {
              // In one piece, so that what follows the end is there before the disk has answered.
              const Bytes body = bodyOf(1000);
              Bytes frames;
              wire::appendFrame(frames, wire::MediaData{.data = body});
              wire::appendFrame(frames, wire::MediaEnd{.sha256 = sha256Of(body)});
              wire::appendFrame(frames, wire::MediaData{.data = ByteView(body).first(1)});
              c.sendBytes(std::move(frames));
            }));
  EXPECT_GE(server_->stats().malformed, 6U);
  alice->settle();
}

TEST_F(MediaFailuresTest, OptionalKindsAreSkipped) {
  start(options());
  const auto alice = login("alice");
  MediaPass ticket;
  const auto media = openUpload(*alice, 10, ticket);
  media->sendBytes({0, 0, 1, 200, 0});
  media->sendBody(bodyOf(10));
  media->sendEnd(sha256Of(bodyOf(10)));
  EXPECT_EQ(0U, media->awaitStored());
}

TEST_F(MediaFailuresTest, DataOfAClientEndsItsDownload) {
  start(options());
  const auto alice = login("alice");
  const MediaPass ticket = askDownload(*alice, upload(*alice, bodyOf(20'000'000)));
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(ticket.ticket).code);
  media->send(wire::MediaData{.data = Bytes(10)});
  EXPECT_EQ(wire::ByeCode::Unexpected, media->awaitBye());
  EXPECT_EQ(1U, connectMedia()->open(ticket.ticket).code);
}

TEST_F(MediaFailuresTest, SessionFramesAndMediaFramesDoNotMix) {
  start(options());
  const auto before = connectMedia();
  before->sendBody(bodyOf(10));
  EXPECT_EQ(wire::ByeCode::Unexpected, before->awaitBye());
  const auto noSession = connectMedia();
  noSession->send(wire::MediaUpload{.requestId = 1, .size = 10, .image = false});
  EXPECT_EQ(wire::ByeCode::Unexpected, noSession->awaitBye());
  const auto session = login("alice");
  session->send(wire::MediaOpen{.ticket = Bytes(16), .offset = 0});
  EXPECT_EQ(wire::ByeCode::Unexpected, session->awaitBye());
}

TEST_F(MediaFailuresTest, AnUnknownTicketOpensNothing) {
  start(options());
  for (const std::size_t size : {0U, 15U, 16U, 17U, 500U}) {
    const auto media = connectMedia();
    EXPECT_EQ(1U, media->open(Bytes(size, 7)).code);
    EXPECT_TRUE(media->awaitEnd());
  }
}

TEST_F(MediaFailuresTest, FramesStaySmallUntilATicketIsKnown) {
  start(options());
  const auto media = connectMedia();
  media->sendOpen(Bytes(2000));
  EXPECT_TRUE(media->awaitEnd());
  EXPECT_EQ(0U, media->count(wire::FrameKind::MediaOpened));
}

TEST_F(MediaFailuresTest, AConnectionWithoutATicketIsClosedInTime) {
  server::ServerOptions quick = options();
  quick.loginTimeoutMs = 100;
  start(quick);
  EXPECT_EQ(wire::ByeCode::LoginTimeout, connectMedia()->awaitBye());
}

TEST_F(MediaFailuresTest, ADownloadCannotStartBehindTheEnd) {
  start(options());
  const auto alice = login("alice");
  const MediaPass ticket = askDownload(*alice, upload(*alice, bodyOf(10)));
  EXPECT_EQ(2U, connectMedia()->open(ticket.ticket, 11).code);
}

TEST_F(MediaFailuresTest, AFullStoreRefusesUploadsAndKeepsWhatItHas) {
  server::ServerOptions small = options();
  small.mediaStoreBytes = 200'000;  // one of two Apps has half of it
  start(small);
  const auto alice = login("alice");
  const Bytes body = bodyOf(60'000);
  MediaPass first;
  const auto one = openUpload(*alice, body.size(), first);
  EXPECT_EQ(1U, askUpload(*alice, body.size()).code) << "what runs counts from its announcement";
  one->sendBody(body);
  one->sendEnd(sha256Of(body));
  EXPECT_EQ(0U, one->awaitStored());
  EXPECT_EQ(1U, askUpload(*alice, body.size()).code);
  EXPECT_EQ(body, download(*alice, first.mediaId));
  upload(*alice, bodyOf(40'000));
}

TEST_F(MediaFailuresTest, AFolderThatCannotBeWrittenFailsOnlyTheUpload) {
  start(options());
  const auto alice = login("alice");
  const MediaPass ticket = askUpload(*alice, 10);
  fs::remove_all(folder_.path());
  EXPECT_EQ(1U, connectMedia()->open(ticket.ticket).code);
  fs::create_directory(folder_.path());
  EXPECT_EQ(bodyOf(10), download(*alice, upload(*alice, bodyOf(10))));
}

TEST_F(MediaFailuresTest, LosingTheFolderDuringAnUploadFailsIt) {
  start(options());
  const auto alice = login("alice");
  MediaPass ticket;
  const auto media = openUpload(*alice, 10, ticket);
  media->sendBody(bodyOf(10));
  fs::remove_all(folder_.path());
  media->sendEnd(sha256Of(bodyOf(10)));
  EXPECT_EQ(1U, media->awaitStored());
  fs::create_directory(folder_.path());
  expectOver(*alice, ticket);
}

TEST_F(MediaFailuresTest, ABodyThatIsDamagedOnTheDiskFailsItsDownloads) {
  start(options());
  const auto alice = login("alice");
  const std::string mediaId = upload(*alice, bodyOf(100'000));
  const fs::path file = fs::path(folder_.path()) / (mediaId + ".body");
  fs::resize_file(file, 70'000);
  const MediaPass shorter = askDownload(*alice, mediaId);
  const auto media = connectMedia();
  ASSERT_EQ(0U, media->open(shorter.ticket).code);
  EXPECT_EQ(70'000U, media->receiveBody().size());
  EXPECT_EQ(wire::ByeCode::Unexpected, media->awaitBye());
  const MediaPass gone = askDownload(*alice, mediaId);
  fs::remove(file);  // as the sweep does when a body's time is over between its ticket and its opening
  EXPECT_EQ(4U, connectMedia()->open(gone.ticket).code);
}

TEST_F(MediaFailuresTest, ANewerConnectionGetsTheResultOfTheUpload) {
  start(options());
  const auto alice = login("alice");
  const Bytes body = bodyOf(400'000);
  MediaPass ticket;
  const auto older = openUpload(*alice, body.size(), ticket);
  older->sendBody(body);
  older->sendEnd(sha256Of(body));
  const auto newer = connectMedia();  // while the older one's bytes are on their way to the disk
  const MediaOpening opened = newer->open(ticket.ticket);
  ASSERT_EQ(0U, opened.code);
  newer->sendBody(ByteView(body).subspan(static_cast<std::size_t>(opened.offset)));
  newer->sendEnd(sha256Of(body));
  EXPECT_EQ(0U, newer->awaitStored());
  EXPECT_EQ(body, download(*alice, ticket.mediaId));
}

// ---- the folder -------------------------------------------------------------------------------------------------

TEST_F(MediaFailuresTest, TheFolderIsEmptiedAtTheStartAndAtTheEnd) {
  for (const char* name : {"left.part", "left.body", "foreign.txt"}) {
    std::ofstream(fs::path(folder_.path()) / name) << "left";
  }
  start(options());
  expectNothingKept();
  const auto alice = login("alice");
  upload(*alice, bodyOf(100));
  MediaPass ticket;
  const auto media = openUpload(*alice, 1000, ticket);
  media->sendBody(bodyOf(500));
  EXPECT_EQ(1U, folder_.count(".body"));
  server_->close();
  EXPECT_EQ(wire::ByeCode::ShuttingDown, media->awaitBye());
  EXPECT_EQ(0U, folder_.count(".body"));
  EXPECT_EQ(0U, folder_.count(".part"));
  EXPECT_EQ(1U, folder_.count(".txt")) << "a file of somebody else";
}

TEST_F(MediaFailuresTest, AFolderServesOneServer) {
  start(options());
  const auto second = server::Server::start(options());
  ASSERT_FALSE(second.ok());
  EXPECT_NE(std::string::npos, second.failure().message.find("media.folder")) << second.failure().message;
  server_->close();
  EXPECT_TRUE(server::Server::start(options()).ok());
}

TEST_F(MediaFailuresTest, AnUnusableFolderFailsTheStart) {
  std::ofstream(fs::path(folder_.path()) / "file.txt") << "no folder";
  server::ServerOptions wrong = options();
  wrong.mediaFolder = (fs::path(folder_.path()) / "file.txt" / "inside").string();
  const auto started = server::Server::start(wrong);
  ASSERT_FALSE(started.ok());
  EXPECT_NE(std::string::npos, started.failure().message.find(wrong.mediaFolder)) << started.failure().message;
}

TEST_F(MediaFailuresTest, AMissingFolderIsMadeForTheFirstUpload) {
  server::ServerOptions missing = options();
  missing.mediaFolder = (fs::path(folder_.path()) / "deep" / "media").string();
  start(missing);
  EXPECT_FALSE(fs::exists(fs::path(folder_.path()) / "deep"));
  const auto alice = login("alice");
  const auto ann = login("ann");
  // Both wait for the same folder.
  alice->send(wire::MediaUpload{.requestId = alice->nextRequest(), .size = 10, .image = false});
  ann->send(wire::MediaUpload{.requestId = ann->nextRequest(), .size = 10, .image = false});
  EXPECT_EQ(0U, awaitTicket(*alice).code);
  EXPECT_EQ(0U, awaitTicket(*ann).code);
  const std::string mediaId = upload(*alice, bodyOf(100));
  EXPECT_TRUE(fs::exists(fs::path(missing.mediaFolder) / (mediaId + ".body")));
  server_->close();
  EXPECT_TRUE(fs::exists(missing.mediaFolder)) << "a folder that was named stays";
}

TEST_F(MediaFailuresTest, WithoutMediaNothingIsMadeAndTransfersFail) {
  server::ServerOptions off = options();
  off.media = false;
  off.mediaFolder = (fs::path(folder_.path()) / "media").string();
  start(off);
  const auto alice = login("alice");
  EXPECT_EQ(1U, askUpload(*alice, 100).code);
  EXPECT_EQ(1U, askDownload(*alice, std::string(32, 'a')).code);
  EXPECT_EQ(1U, connectMedia()->open(Bytes(16, 1)).code);
  EXPECT_FALSE(fs::exists(off.mediaFolder));
}

TEST_F(MediaFailuresTest, AServerWithoutAFolderMakesItsOwn) {
  const auto folders = [&] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder_.path())) found.push_back(entry.path());
    return found;
  };
  const char* before = ::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  ::setenv("TMPDIR", folder_.path().c_str(), 1);
  start(quickOptions());
  if (before != nullptr) {
    ::setenv("TMPDIR", kept.c_str(), 1);
  } else {
    ::unsetenv("TMPDIR");
  }
  EXPECT_TRUE(folders().empty()) << "made before anybody uploads";
  const auto alice = login("alice");
  upload(*alice, bodyOf(100));
  ASSERT_EQ(1U, folders().size());
  struct stat status {};
  ASSERT_EQ(0, ::stat(folders().front().c_str(), &status));
  EXPECT_EQ(0700U, status.st_mode & 0777U);
  upload(*alice, bodyOf(200));
  EXPECT_EQ(1U, folders().size());
  server_->close();
  EXPECT_TRUE(folders().empty());
}

}  // namespace
}  // namespace rtm::test
