// Files and images between users of the C++ library over a real server (docs/spec/semantics.md §8).

#include <gtest/gtest.h>

#include "integration/server_and_bots.hpp"
#include "sdk/media_bot.hpp"

namespace rtm::test {
namespace {

std::string endOf(const char* what, long long id, int code) {
  return std::string(what) + " " + std::to_string(id) + " code " + std::to_string(code);
}

class Media : public ServerAndBots {
 protected:
  std::string upload(MediaBot& bot, const Bytes& content) {
    long long id = 0;
    EXPECT_EQ(bot.service->createFileMessageByUploading(folder.write("source", content).c_str(), id), 0);
    EXPECT_TRUE(bot.diary.has(endOf("uploaded", id, 0) + " size " + std::to_string(content.size()))) << bot.diary.all();
    return bot.mediaId();
  }
  TemporaryFolder folder;
};

TEST_F(Media, OfAnySizeComeBackUnchanged) {
  MediaBot alice(kAppId, "alice", endpoint);
  MediaBot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  std::uint32_t seed = 0;
  for (const std::size_t size :
       std::initializer_list<std::size_t>{1, 61439, 61440, 61441, 65535, 65536, 65537, 5'000'003}) {
    const Bytes content = someBytes(size, ++seed);
    const std::string mediaId = upload(alice, content);
    long long id = 0;
    ASSERT_EQ(bob.service->downloadMediaToMemory(mediaId.c_str(), id), 0);
    ASSERT_TRUE(bob.diary.has(endOf("downloaded", id, 0))) << bob.diary.all();
    EXPECT_TRUE(bob.memory() == content) << size;
    ASSERT_EQ(bob.service->downloadMediaToFile(mediaId.c_str(), folder.file("target").c_str(), id), 0);
    ASSERT_TRUE(bob.diary.has(endOf("downloaded", id, 0))) << bob.diary.all();
    EXPECT_TRUE(folder.read("target") == content) << size;
  }
  EXPECT_TRUE(folder.awaitNames({"source", "target"}));
}

TEST_F(Media, AreSentAsMessages) {
  MediaBot alice(kAppId, "alice", endpoint);
  MediaBot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  alice.keepsMessages = true;
  const std::string mediaId = upload(alice, someBytes(100));
  ASSERT_NE(alice.file, nullptr);
  alice.file->setFileName("a.txt");
  alice.file->setThumbnail(reinterpret_cast<const uint8_t*>("thumb"), 5);
  EXPECT_EQ(alice.service->sendMessageToPeer("bob", alice.file), 0);
  alice.file->release();  // at once: the call has its own copy
  EXPECT_TRUE(bob.diary.has("alice sent file " + mediaId + " a.txt 100 thumbnail thumb")) << bob.diary.all();
  agora::rtm::IImageMessage* image = alice.service->createImageMessageByMediaId(mediaId.c_str());
  ASSERT_NE(image, nullptr);
  image->setWidth(640);
  image->setHeight(480);
  image->setThumbnailWidth(64);
  image->setThumbnailHeight(48);
  image->setText("look");
  EXPECT_EQ(alice.service->sendMessageToPeer("bob", image), 0);
  image->release();
  EXPECT_TRUE(bob.diary.has("alice sent image " + mediaId + " 640x480 of 64x48 text look")) << bob.diary.all();
}

TEST_F(Media, OfAnImageKnowItsSize) {
  MediaBot alice(kAppId, "alice", endpoint);
  alice.login();
  using std::string_literals::operator""s;
  const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x06\0\0\0"s;
  long long id = 0;
  ASSERT_EQ(alice.service->createImageMessageByUploading(folder.write("a.png", asBytes(png)).c_str(), id), 0);
  EXPECT_TRUE(alice.diary.has(endOf("uploaded", id, 0) + " 3x2")) << alice.diary.all();
}

TEST_F(Media, WithAnUnknownIdAreNotFound) {
  MediaBot alice(kAppId, "alice", endpoint);
  alice.login();
  long long id = 0;
  ASSERT_EQ(alice.service->downloadMediaToMemory("0123456789abcdef", id), 0);
  EXPECT_TRUE(alice.diary.has(endOf("downloaded", id, 4))) << alice.diary.all();
}

TEST_F(Media, AreInterruptedWhenTheUserLogsInElsewhere) {
  MediaBot alice(kAppId, "alice", endpoint);
  alice.login();
  const Bytes content = someBytes(30 * 1024 * 1024);
  const std::string path = folder.write("source", content);
  std::vector<long long> ids(9);
  for (long long& id : ids) ASSERT_EQ(alice.service->createFileMessageByUploading(path.c_str(), id), 0);
  MediaBot other(kAppId, "alice", endpoint);
  other.login();
  ASSERT_TRUE(alice.diary.has("state 5 reason 8")) << alice.diary.all();
  // 270 MB and a login: unfinished transfers are interrupted, and nothing hangs.
  for (const long long id : ids) {
    const std::string all = alice.diary.all();
    EXPECT_TRUE(all.find(endOf("uploaded", id, 0)) != std::string::npos || alice.diary.has(endOf("uploaded", id, 6)))
        << all;
  }
}

TEST_F(Media, ReportTheirProgress) {
  MediaBot alice(kAppId, "alice", endpoint, R"({"media_progress_ms":1})");
  alice.login();
  const Bytes content = someBytes(30 * 1024 * 1024);
  upload(alice, content);
  const std::vector<long long> told = alice.progress();
  // The number of callbacks depends on the machine; their bytes rise and stay within the body.
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  for (const long long moved : told) EXPECT_LE(moved, static_cast<long long>(content.size()));
}

}  // namespace
}  // namespace rtm::test
