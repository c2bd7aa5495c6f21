// Uploads and downloads of a whole service against a server that misbehaves on demand.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "sdk/fake_media_server.hpp"
#include "sdk/media_bot.hpp"

namespace rtm::sdk::test {
namespace {

using rtm::test::MediaBot;
using rtm::test::someBytes;
using rtm::test::TemporaryFolder;
using Connection = FakeMediaServer::Connection;

const std::string kAppId = "0123456789abcdef0123456789abcdef";
const std::string kQuick = R"({"media_idle_ms":2000,"media_progress_ms":50,"outage_ms":1000})";

std::string ended(const char* what, long long id, int code) {
  return std::string(what) + " " + std::to_string(id) + " code " + std::to_string(code);
}

class MediaService : public ::testing::Test {
 protected:
  void start(const std::string& timing = "{}") {
    bot = std::make_unique<MediaBot>(kAppId, "alice", server.endpoint(), timing);
    bot->login();
  }
  /// The server's part of an upload until the data comes.
  /// Does `change` to the file when the client has opened it and before it sends the body. After acceptUploads().
  void beforeUpload(std::function<void()> change) {
    server.onOpen = [change = std::move(change), accept = server.onOpen](Connection& connection,
                                                                         const wire::MediaOpen& open) {
      change();
      accept(connection, open);
    };
  }
  void acceptUploads(std::uint64_t size) {
    server.onOpen = [size, this](Connection& connection, const wire::MediaOpen&) {
      connection.link->send(wire::MediaOpened{.offset = server.received.size(), .size = size});
    };
  }
  long long download() {
    long long id = 0;
    EXPECT_EQ(bot->service->downloadMediaToMemory("m1", id), 0);
    return id;
  }
  long long downloadTo(const std::string& path) {
    long long id = 0;
    EXPECT_EQ(bot->service->downloadMediaToFile("m1", path.c_str(), id), 0);
    return id;
  }
  long long upload(const std::string& path) {
    long long id = 0;
    EXPECT_EQ(bot->service->createFileMessageByUploading(path.c_str(), id), 0);
    return id;
  }

  FakeMediaServer server;  // outlives the bot
  TemporaryFolder folder;
  std::unique_ptr<MediaBot> bot;
};

TEST_F(MediaService, DownloadsToMemoryAndToAFileInPlaceOfAnOldOne) {
  server.body = someBytes(100'000);
  start();
  const long long first = download();
  ASSERT_TRUE(bot->diary.has(ended("downloaded", first, 0))) << bot->diary.all();
  EXPECT_EQ(bot->memory(), server.body);
  folder.write("target", someBytes(10));
  const long long second = downloadTo(folder.file("target"));
  ASSERT_TRUE(bot->diary.has(ended("downloaded", second, 0))) << bot->diary.all();
  EXPECT_EQ(folder.read("target"), server.body);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"target"});
}

TEST_F(MediaService, UploadsWithTheChecksumOfTheFile) {
  const Bytes content = someBytes(700'001);
  acceptUploads(content.size());
  start();
  const long long id = upload(folder.write("source", content));
  ASSERT_TRUE(bot->diary.has(ended("uploaded", id, 0) + " size 700001")) << bot->diary.all();
  EXPECT_EQ(server.received, content);
  EXPECT_EQ(bot->mediaId(), "m1");
}

TEST_F(MediaService, ContinuesAfterALostLinkAtThePositionOfTheOtherEnd) {
  server.body = someBytes(50'000);
  server.onOpen = [this](Connection& connection, const wire::MediaOpen& open) {
    connection.link->send(wire::MediaOpened{.offset = open.offset, .size = server.body.size()});
    if (connection.number == 0) {
      connection.sendBody(ByteView(server.body).first(20'000));
      connection.link->closeAfterFlush();
      return;
    }
    connection.sendBody(ByteView(server.body).subspan(open.offset));
    connection.sendEnd(server.body);
  };
  start();
  const long long id = download();
  ASSERT_TRUE(bot->diary.has(ended("downloaded", id, 0))) << bot->diary.all();
  EXPECT_TRUE(server.hasNote("open 20000"));
  EXPECT_EQ(bot->memory(), server.body);
}

TEST_F(MediaService, RepeatsTheBytesThatALostLinkDropped) {
  const Bytes content = someBytes(900'000);
  acceptUploads(content.size());
  server.onData = [this](Connection& connection, ByteView) {
    if (connection.number > 0 || server.received.size() < 200'000) return;
    server.received.resize(100'000);  // the rest did not get to its disk
    connection.cut();
  };
  start();
  const long long id = upload(folder.write("source", content));
  ASSERT_TRUE(bot->diary.has(ended("uploaded", id, 0) + " size 900000")) << bot->diary.all();
  EXPECT_EQ(server.received, content);
}

TEST_F(MediaService, FailsOnABodyWithAnotherChecksum) {
  server.body = someBytes(5000);
  server.onOpen = [this](Connection& connection, const wire::MediaOpen&) {
    connection.link->send(wire::MediaOpened{.size = server.body.size()});
    connection.sendBody(server.body);
    connection.sendEnd(someBytes(5000, 2));
  };
  start();
  const long long id = downloadTo(folder.file("target"));
  ASSERT_TRUE(bot->diary.has(ended("downloaded", id, 1))) << bot->diary.all();
  bot.reset();
  EXPECT_TRUE(folder.awaitNames({}));
}

TEST_F(MediaService, FailsOnABodyLongerThanAnnounced) {
  server.body = someBytes(5000);
  server.onOpen = [this](Connection& connection, const wire::MediaOpen&) {
    connection.link->send(wire::MediaOpened{.size = server.body.size()});
    connection.sendBody(someBytes(5001), 5001);
  };
  start();
  const long long id = download();
  EXPECT_TRUE(bot->diary.has(ended("downloaded", id, 1))) << bot->diary.all();
}

TEST_F(MediaService, RefusesAnAnnouncedSizeAboveTheLimit) {
  server.ticket = [](std::uint32_t requestId) {
    static const Bytes ticket(16, 1);
    return wire::MediaTicket{.requestId = requestId, .ticket = ticket, .size = 1ull << 40};
  };
  start();
  const long long id = download();
  EXPECT_TRUE(bot->diary.has(ended("downloaded", id, 1))) << bot->diary.all();
}

TEST_F(MediaService, ReportsTheServersAnswerToTheTicket) {
  server.ticket = [](std::uint32_t requestId) { return wire::MediaTicket{.requestId = requestId, .code = 4}; };
  start();
  const long long id = download();
  EXPECT_TRUE(bot->diary.has(ended("downloaded", id, 4))) << bot->diary.all();
}

TEST_F(MediaService, TimesOutWhenNothingMoves) {
  server.body = someBytes(5000);
  server.onOpen = [this](Connection& connection, const wire::MediaOpen& open) {
    connection.link->send(wire::MediaOpened{.offset = open.offset, .size = server.body.size()});
    if (open.offset == 0) connection.sendBody(ByteView(server.body).first(1000));
  };
  start(kQuick);
  const long long id = downloadTo(folder.file("target"));
  ASSERT_TRUE(bot->diary.has(ended("downloaded", id, 3))) << bot->diary.all();
  EXPECT_TRUE(server.hasNote("open 1000"));  // tried another connection before it gave up
  EXPECT_EQ(bot->progress(), (std::vector<long long>{0, 1000}));
}

TEST_F(MediaService, CancelsOnceAndForGood) {
  server.body = someBytes(5000);
  server.onOpen = [this](Connection& connection, const wire::MediaOpen&) {
    connection.link->send(wire::MediaOpened{.size = server.body.size()});
    connection.sendBody(ByteView(server.body).first(1000));
    server.note("under way");
  };
  start();
  const long long id = downloadTo(folder.file("target"));
  ASSERT_TRUE(server.hasNote("under way"));
  EXPECT_EQ(bot->service->cancelMediaUpload(id), agora::rtm::CANCEL_MEDIA_ERR_NOT_EXIST);
  EXPECT_EQ(bot->service->cancelMediaDownload(id), 0);
  EXPECT_EQ(bot->service->cancelMediaDownload(id), agora::rtm::CANCEL_MEDIA_ERR_NOT_EXIST);
  ASSERT_TRUE(bot->diary.has(ended("downloaded", id, 6))) << bot->diary.all();
  const std::string all = bot->diary.all();
  EXPECT_LT(all.find(ended("cancelled", id, 0)), all.find(ended("downloaded", id, 6))) << all;
  EXPECT_TRUE(server.hasNote("end"));  // the connection is given up
  EXPECT_TRUE(server.hasNote("cancel " + std::to_string(id)));
  bot.reset();
  EXPECT_TRUE(folder.awaitNames({}));
}

TEST_F(MediaService, EndsItsTasksBeforeALogoutAndAfterAnAbort) {
  server.body = someBytes(5000);
  server.onOpen = [this](Connection&, const wire::MediaOpen&) { server.note("under way"); };
  start();
  const long long first = download();
  ASSERT_TRUE(server.hasNote("under way"));
  EXPECT_EQ(bot->service->logout(), 0);
  ASSERT_TRUE(bot->diary.has("logout"));
  const std::string all = bot->diary.all();
  EXPECT_NE(all.find(ended("downloaded", first, 6)), std::string::npos) << all;
  EXPECT_LT(all.find(ended("downloaded", first, 6)), all.find("logout")) << all;
  long long none = 0;
  EXPECT_EQ(bot->service->downloadMediaToMemory("m1", none), agora::rtm::DOWNLOAD_MEDIA_ERR_NOT_LOGGED_IN);

  ASSERT_EQ(bot->service->login("", "alice"), 0);
  ASSERT_TRUE(bot->diary.has("login 2")) << bot->diary.all();
  const long long second = download();
  server.endSession(wire::ByeCode::RemoteLogin);
  ASSERT_TRUE(bot->diary.has(ended("downloaded", second, 6))) << bot->diary.all();
  const long long third = download();  // accepted in ABORTED, and interrupted
  EXPECT_TRUE(bot->diary.has(ended("downloaded", third, 6))) << bot->diary.all();
}

TEST_F(MediaService, AsksForAnotherTicketInANewSession) {
  server.body = someBytes(50'000);
  server.resumes = false;
  server.onOpen = [this](Connection& connection, const wire::MediaOpen& open) {
    connection.link->send(wire::MediaOpened{.offset = open.offset, .size = server.body.size()});
    if (connection.number == 0) {
      connection.sendBody(ByteView(server.body).first(20'000));
      server.note("half");
      return;
    }
    connection.sendBody(ByteView(server.body).subspan(open.offset));
    connection.sendEnd(server.body);
  };
  start();
  const long long id = download();
  ASSERT_TRUE(server.hasNote("half"));
  server.cutSession();
  ASSERT_TRUE(bot->diary.has(ended("downloaded", id, 0))) << bot->diary.all();
  EXPECT_EQ(bot->memory(), server.body);
  EXPECT_EQ(server.count("ask"), 2);
}

TEST_F(MediaService, FailsWhenTheFileChangesUnderTheUpload) {
  const Bytes content = someBytes(600'000);
  const std::string path = folder.write("source", content);
  acceptUploads(content.size());
  beforeUpload([path] { std::ofstream(path, std::ios::app) << "more"; });
  start();
  const long long id = upload(path);
  EXPECT_TRUE(bot->diary.has(ended("uploaded", id, 1))) << bot->diary.all();
  EXPECT_EQ(server.count("body end"), 0);
}

TEST_F(MediaService, FailsWhenTheFileIsRemovedUnderTheUpload) {
  const Bytes content = someBytes(600'000);
  const std::string path = folder.write("source", content);
  acceptUploads(content.size());
  beforeUpload([path] { std::filesystem::remove(path); });
  start();
  const long long id = upload(path);
  EXPECT_TRUE(bot->diary.has(ended("uploaded", id, 1))) << bot->diary.all();
}

TEST_F(MediaService, FailsWhenTheFileIsCutUnderTheUpload) {
  const Bytes content = someBytes(1'000'000);
  const std::string path = folder.write("source", content);
  server.onOpen = [path, size = content.size()](Connection& connection, const wire::MediaOpen&) {
    std::filesystem::resize_file(path, 10);
    connection.link->send(wire::MediaOpened{.size = size});
  };
  start();
  const long long id = upload(path);
  EXPECT_TRUE(bot->diary.has(ended("uploaded", id, 1))) << bot->diary.all();
}

TEST_F(MediaService, FailsWhereItCannotWrite) {
  server.body = someBytes(5000);
  start();
  const long long missing = downloadTo(folder.file("no/such/folder"));
  EXPECT_TRUE(bot->diary.has(ended("downloaded", missing, 1))) << bot->diary.all();
  std::filesystem::create_directory(folder.file("taken"));
  const long long taken = downloadTo(folder.file("taken"));
  EXPECT_TRUE(bot->diary.has(ended("downloaded", taken, 1))) << bot->diary.all();
  bot.reset();
  EXPECT_TRUE(folder.awaitNames({"taken"}));
}

TEST_F(MediaService, RefusesBadArgumentsAtOnce) {
  start();
  agora::rtm::IRtmService& service = *bot->service;
  long long id = 0;
  EXPECT_EQ(service.createFileMessageByUploading(nullptr, id), agora::rtm::UPLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.createFileMessageByUploading("", id), agora::rtm::UPLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.createFileMessageByUploading(folder.file("none").c_str(), id),
            agora::rtm::UPLOAD_MEDIA_ERR_FAILURE);
  EXPECT_EQ(service.createFileMessageByUploading(folder.file("").c_str(), id), agora::rtm::UPLOAD_MEDIA_ERR_FAILURE);
  ASSERT_EQ(::mkfifo(folder.file("fifo").c_str(), 0600), 0);
  EXPECT_EQ(service.createFileMessageByUploading(folder.file("fifo").c_str(), id),
            agora::rtm::UPLOAD_MEDIA_ERR_FAILURE);
  const std::string notText = folder.write("\xc3(", someBytes(10));  // it is there, but its name is no Unicode
  EXPECT_EQ(service.createFileMessageByUploading(notText.c_str(), id), agora::rtm::UPLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.createImageMessageByUploading(notText.c_str(), id), agora::rtm::UPLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.downloadMediaToFile("m1", notText.c_str(), id), agora::rtm::DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.createImageMessageByUploading(folder.write("empty", {}).c_str(), id),
            agora::rtm::UPLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.createImageMessageByUploading(folder.write("large", someBytes(1024 * 1024 + 1)).c_str(), id),
            agora::rtm::UPLOAD_MEDIA_ERR_SIZE_OVERFLOW);
  for (const char* mediaId : {static_cast<const char*>(nullptr), "", "with space", "new\nline", "\xc3\xa4"}) {
    EXPECT_EQ(service.downloadMediaToMemory(mediaId, id), agora::rtm::DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(service.createFileMessageByMediaId(mediaId), nullptr);
    EXPECT_EQ(service.createImageMessageByMediaId(mediaId), nullptr);
  }
  EXPECT_EQ(service.downloadMediaToMemory(std::string(257, 'a').c_str(), id),
            agora::rtm::DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.downloadMediaToFile("m1", nullptr, id), agora::rtm::DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.downloadMediaToFile("m1", "", id), agora::rtm::DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(service.cancelMediaDownload(12345), agora::rtm::CANCEL_MEDIA_ERR_NOT_EXIST);
  EXPECT_EQ(service.cancelMediaUpload(12345), agora::rtm::CANCEL_MEDIA_ERR_NOT_EXIST);
  EXPECT_EQ(id, 0);
}

TEST_F(MediaService, TellsTheStatesApart) {
  agora::rtm::IRtmService* service = agora::rtm::createRtmService();
  struct Quiet final : agora::rtm::IRtmServiceEventHandler {
  } quiet;
  long long id = 0;
  const auto expectAll = [&](int code) {
    EXPECT_EQ(service->createFileMessageByUploading(nullptr, id), code);
    EXPECT_EQ(service->createImageMessageByUploading(nullptr, id), code);
    EXPECT_EQ(service->downloadMediaToMemory(nullptr, id), code);
    EXPECT_EQ(service->downloadMediaToFile(nullptr, nullptr, id), code);
    EXPECT_EQ(service->cancelMediaUpload(1), code);
    EXPECT_EQ(service->cancelMediaDownload(1), code);
    EXPECT_EQ(service->createFileMessageByMediaId("m1"), nullptr);
  };
  expectAll(101);
  ASSERT_EQ(service->setLogFilter(agora::rtm::LOG_FILTER_OFF), 0);
  ASSERT_EQ(service->initialize(kAppId.c_str(), &quiet), 0);
  expectAll(102);
  service->release(true);
}

TEST_F(MediaService, AnswersNotInitializedAfterItsRelease) {
  start();
  agora::rtm::IRtmService* service = bot->service;
  agora::rtm::IMessage* message = service->createMessage("late");
  service->release(true);
  long long id = 0;
  EXPECT_EQ(service->initialize(kAppId.c_str(), bot.get()), agora::rtm::INIT_ERR_FAILURE);
  EXPECT_EQ(service->login("", "alice"), agora::rtm::LOGIN_ERR_NOT_INITIALIZED);
  EXPECT_EQ(service->logout(), agora::rtm::LOGOUT_ERR_NOT_INITIALIZED);
  EXPECT_EQ(service->sendMessageToPeer("bob", message), agora::rtm::PEER_MESSAGE_ERR_NOT_INITIALIZED);
  EXPECT_EQ(service->downloadMediaToMemory("m1", id), agora::rtm::DOWNLOAD_MEDIA_ERR_NOT_INITIALIZED);
  EXPECT_EQ(service->clearLocalUserAttributes(id), agora::rtm::ATTRIBUTE_OPERATION_ERR_NOT_INITIALIZED);
  EXPECT_EQ(service->createChannel("room", nullptr), nullptr);
  EXPECT_EQ(service->getRtmCallManager(nullptr), nullptr);
  EXPECT_NE(service->setLogFile(folder.file("late.log").c_str()), 0);
  EXPECT_EQ(folder.names(), std::vector<std::string>());
  message->release();
}

TEST_F(MediaService, RunsNineTasksAndRefusesTheTenth) {
  server.body = someBytes(5000);
  server.onOpen = [](Connection&, const wire::MediaOpen&) {};
  start();
  std::vector<long long> ids;
  for (int i = 0; i < 9; ++i) ids.push_back(download());
  EXPECT_EQ(std::set<long long>(ids.begin(), ids.end()).size(), 9u);
  long long id = 0;
  EXPECT_EQ(bot->service->downloadMediaToMemory("m1", id), agora::rtm::DOWNLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED);
  EXPECT_EQ(bot->service->createFileMessageByUploading(folder.write("source", someBytes(10)).c_str(), id),
            agora::rtm::UPLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED);
  EXPECT_EQ(bot->service->cancelMediaDownload(ids[4]), 0);
  download();  // there is room again, at once
}

TEST_F(MediaService, FreesUnreleasedMessagesAndToleratesTheirRelease) {
  const Bytes content = someBytes(1000);
  acceptUploads(content.size());
  start();
  bot->keepsMessages = true;
  const long long first = upload(folder.write("source", content));
  ASSERT_TRUE(bot->diary.has(ended("uploaded", first, 0) + " size 1000"));
  ASSERT_NE(bot->file, nullptr);
  bot->file->setFileName("after the callback");
  EXPECT_STREQ(bot->file->getFileName(), "after the callback");
  bot->file->release();
  server.received.clear();
  const long long second = upload(folder.write("source", content));
  ASSERT_TRUE(bot->diary.has(ended("uploaded", second, 0) + " size 1000"));
}

TEST_F(MediaService, IsSilentAfterItsRelease) {
  server.body = someBytes(5000);
  server.onOpen = [this](Connection&, const wire::MediaOpen&) { server.note("under way"); };
  start();
  const long long id = downloadTo(folder.file("target"));
  ASSERT_TRUE(server.hasNote("under way"));
  bot->service->release(true);
  bot->service = nullptr;
  EXPECT_EQ(bot->diary.all().find("downloaded " + std::to_string(id)), std::string::npos);
  EXPECT_TRUE(server.hasNote("end"));
}

}  // namespace
}  // namespace rtm::sdk::test
