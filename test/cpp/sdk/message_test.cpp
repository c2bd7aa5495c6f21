#include "sdk/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/messages/content.hpp"
#include "wire/frame.hpp"

namespace rtm::sdk {
namespace {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable
using namespace std::string_literals;
using client::ContentProblem;
using client::MessageType;
using client::nextMessageId;
using client::OutgoingContent;
using client::toView;

client::MessageView viewOf(const IMessage& message) {
  return sdk::viewOf(&message);
}

OutgoingContent toContent(const IMessage& message, std::size_t maxBytes) {
  return client::toContent(sdk::viewOf(&message), maxBytes);
}

/// A received message as an object that outlives it.
MessageData toData(const wire::Content& content, std::uint64_t serverTimeMs, bool offline) {
  return sdk::toData(toView(content, serverTimeMs, offline));
}

std::string textOf(ByteView bytes) {
  return std::string(asText(bytes));
}

TextMessage textMessage(std::string text) {
  return TextMessage({.messageId = 11, .type = MESSAGE_TYPE_TEXT, .text = std::move(text)});
}

TextMessage rawMessage(std::string raw, std::string description) {
  return TextMessage(
      {.messageId = 12, .type = MESSAGE_TYPE_RAW, .text = std::move(description), .raw = std::move(raw)});
}

/// A message of the application's own making, as the interface allows.
class ForeignMessage final : public IMessage {
 public:
  ~ForeignMessage() override = default;
  long long getMessageId() const override { return 77; }
  MESSAGE_TYPE getMessageType() const override { return type; }
  void setText(const char*) override {}
  const char* getText() const override { return text; }
  const char* getRawMessageData() const override { return raw; }
  int getRawMessageLength() const override { return rawLength; }
  long long getServerReceivedTs() const override { return 5; }
  bool isOfflineMessage() const override { return true; }
  void release() override {}

  MESSAGE_TYPE type = MESSAGE_TYPE_TEXT;
  const char* text = "";
  const char* raw = nullptr;
  int rawLength = 0;
};

// ---- ids
// -------------------------------------------------------------------------------------------------------------

TEST(MessageId, IsPositiveAscendingAndExactInADouble) {
  long long last = 0;
  for (int i = 0; i < 100'000; ++i) {
    const long long id = nextMessageId();
    ASSERT_GT(id, last);
    ASSERT_LT(id, 1LL << 53);
    last = id;
  }
}

TEST(MessageId, FollowsTheClockSoThatARestartedProgramDoesNotRepeatItself) {
  const auto milliseconds = [](long long id) { return id >> 12; };
  const long long before = nextMessageId();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_GE(milliseconds(nextMessageId()), milliseconds(before) + 20) << "ahead of the clock by what was made at most";
}

TEST(MessageId, IsUniqueAcrossThreads) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kEach = 20'000;
  std::vector<std::vector<long long>> made(kThreads);
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&mine, &start] {
      start.arrive_and_wait();
      for (std::size_t i = 0; i < kEach; ++i) mine.push_back(nextMessageId());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<long long> all;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

// ---- viewOf
// ----------------------------------------------------------------------------------------------------------

TEST(ViewOf, KeepsTextAndRawOfOurOwnObjectsEvenWithNul) {
  const TextMessage text = textMessage("a\0b"s);
  EXPECT_EQ(viewOf(text).text, "a\0b"s);
  EXPECT_EQ(viewOf(text).id, 11);
  EXPECT_EQ(viewOf(text).type, MessageType::Text);
  EXPECT_EQ(viewOf(text).text.data(), text.data().text.data()) << "a view, not a copy";

  const TextMessage raw = rawMessage("\0\xff\0"s, "what it is");
  EXPECT_EQ(textOf(viewOf(raw).raw), "\0\xff\0"s);
  EXPECT_EQ(viewOf(raw).text, "what it is");
}

TEST(ViewOf, TakesReceivedMessagesWithTheirTimeAndFlag) {
  const ReceivedMessage message(
      {.id = 4, .type = MessageType::Text, .text = "hi", .serverReceivedMs = 1234, .offline = true});
  const client::MessageView view = viewOf(message);
  EXPECT_EQ(view.text, "hi");
  EXPECT_EQ(view.serverReceivedMs, 1234);
  EXPECT_TRUE(view.offline);
}

TEST(ViewOf, TakesFileAndImageMessagesByTheirText) {
  const FileMessage file({.messageId = 5, .type = MESSAGE_TYPE_FILE, .text = "report", .mediaId = "m"});
  EXPECT_EQ(viewOf(file).text, "report");
  EXPECT_EQ(viewOf(file).type, MessageType::File);
  EXPECT_TRUE(viewOf(file).raw.empty());
}

TEST(ViewOf, AsksAnApplicationsOwnClassThroughTheInterface) {
  ForeignMessage message;
  message.text = "own";
  EXPECT_EQ(viewOf(message).text, "own");
  EXPECT_EQ(viewOf(message).id, 77);
  EXPECT_EQ(viewOf(message).serverReceivedMs, 5);
  EXPECT_TRUE(viewOf(message).offline);

  message.type = MESSAGE_TYPE_RAW;
  message.raw = "b\0c";
  message.rawLength = 3;
  EXPECT_EQ(textOf(viewOf(message).raw), "b\0c"s);
}

TEST(ViewOf, SurvivesAnApplicationsClassThatReturnsNullAndNonsense) {
  ForeignMessage message;
  message.text = nullptr;
  EXPECT_EQ(viewOf(message).text, "");
  message.type = MESSAGE_TYPE_RAW;
  message.rawLength = 10;
  EXPECT_TRUE(viewOf(message).raw.empty()) << "a length without data";
  message.raw = "x";
  message.rawLength = -1;
  EXPECT_TRUE(viewOf(message).raw.empty());
}

// ---- toContent
// -------------------------------------------------------------------------------------------------------

TEST(ToContent, CarriesTextAndRawMessages) {
  const TextMessage text = textMessage("hello");
  const OutgoingContent sent = toContent(text, 32 * 1024);
  EXPECT_EQ(sent.problem, ContentProblem::None);
  EXPECT_EQ(sent.content.messageId.value, 11u);
  EXPECT_EQ(sent.content.type, wire::ContentType::Text);
  EXPECT_EQ(sent.content.text, "hello");
  EXPECT_TRUE(sent.content.raw.empty());
  EXPECT_FALSE(sent.content.media);

  const TextMessage raw = rawMessage("\x01\x02", "d");
  const OutgoingContent bytes = toContent(raw, 32 * 1024);
  EXPECT_EQ(bytes.content.type, wire::ContentType::Raw);
  EXPECT_EQ(bytes.content.text, "d");
  EXPECT_EQ(textOf(bytes.content.raw), "\x01\x02");
}

TEST(ToContent, TakesEmptyMessages) {
  EXPECT_EQ(toContent(textMessage(""), 32 * 1024).problem, ContentProblem::None);
  EXPECT_EQ(toContent(rawMessage("", ""), 32 * 1024).problem, ContentProblem::None);
}

TEST(ToContent, CarriesBytesOfRawMessagesOnly) {
  const std::string stray = "stray";
  const client::MessageView message{.id = 1, .type = MessageType::Text, .text = "text", .raw = asBytes(stray)};
  const OutgoingContent sent = client::toContent(message, 4);
  EXPECT_EQ(sent.problem, ContentProblem::None) << "they do not count either";
  EXPECT_TRUE(sent.content.raw.empty());
}

ImageMessage image() {
  return ImageMessage({.messageId = 21,
                       .type = MESSAGE_TYPE_IMAGE,
                       .text = "t",
                       .mediaId = "media",
                       .size = 5'000'000'000,
                       .fileName = "f.png",
                       .thumbnail = "\xff\xd8"s,
                       .width = 640,
                       .height = 480,
                       .thumbnailWidth = 64,
                       .thumbnailHeight = 48});
}

TEST(ToContent, CarriesAllFieldsOfFileAndImageMessages) {
  const ImageMessage message = image();
  const OutgoingContent sent = toContent(message, 32 * 1024);
  ASSERT_EQ(sent.problem, ContentProblem::None);
  EXPECT_EQ(sent.content.type, wire::ContentType::Image);
  ASSERT_TRUE(sent.content.media);
  EXPECT_EQ(sent.content.media->mediaId, "media");
  EXPECT_EQ(sent.content.media->size, 5'000'000'000u);
  EXPECT_EQ(sent.content.media->fileName, "f.png");
  EXPECT_EQ(textOf(sent.content.media->thumbnail), "\xff\xd8");
  EXPECT_EQ(sent.content.media->width, 640u);
  EXPECT_EQ(sent.content.media->height, 480u);
  EXPECT_EQ(sent.content.media->thumbnailWidth, 64u);
  EXPECT_EQ(sent.content.media->thumbnailHeight, 48u);

  FileMessage file({.type = MESSAGE_TYPE_FILE, .mediaId = "file"});
  file.setFileName("a.txt");
  const uint8_t thumbnail[] = {1, 2, 3};
  file.setThumbnail(thumbnail, 3);
  const OutgoingContent sentFile = toContent(file, 32 * 1024);
  ASSERT_TRUE(sentFile.content.media);
  EXPECT_EQ(sentFile.content.media->mediaId, "file");
  EXPECT_EQ(sentFile.content.media->fileName, "a.txt");
  EXPECT_EQ(textOf(sentFile.content.media->thumbnail), "\x01\x02\x03");
}

TEST(ToContent, CountsSizesAsTheSpecAndTakesExactlyTheLimit) {
  EXPECT_EQ(toContent(textMessage(std::string(100, 'x')), 100).problem, ContentProblem::None);
  EXPECT_EQ(toContent(textMessage(std::string(101, 'x')), 100).problem, ContentProblem::TooLarge);
  EXPECT_EQ(toContent(rawMessage(std::string(60, 'x'), std::string(40, 'd')), 100).problem, ContentProblem::None);
  EXPECT_EQ(toContent(rawMessage(std::string(60, 'x'), std::string(41, 'd')), 100).problem, ContentProblem::TooLarge);
  EXPECT_EQ(toContent(image(), 8).problem, ContentProblem::None) << "text 1, file name 5, thumbnail 2";
  EXPECT_EQ(toContent(image(), 7).problem, ContentProblem::TooLarge);
}

TEST(ToContent, WithoutALimitTakesWhatAFrameCanCarryToAnyone) {
  EXPECT_EQ(toContent(textMessage(std::string(65'000, 'x')), 0).problem, ContentProblem::None);
  EXPECT_EQ(toContent(textMessage(std::string(65'536, 'x')), 0).problem, ContentProblem::TooLarge);
  EXPECT_EQ(toContent(textMessage(std::string(65'536, 'x')), 1'000'000).problem, ContentProblem::TooLarge);

  // The largest one, with the longest names around it, on its way to the server and from there to a member.
  std::size_t size = 65'000;
  while (toContent(textMessage(std::string(size + 1, 'x')), 0).problem == ContentProblem::None) ++size;
  const TextMessage message = textMessage(std::string(size, 'x'));
  const wire::Content content = toContent(message, 0).content;
  Bytes encoded(wire::encodedSize(content));
  wire::encode(content, encoded.data());
  const std::string id(64, 'i');
  const std::uint64_t most = ~std::uint64_t{0};
  Bytes out;
  EXPECT_TRUE(wire::appendFrame(
      out, wire::ChannelSend{.seq = most, .channelId = id, .flags = 0xffffffff, .content = ByteView(encoded)}));
  EXPECT_TRUE(wire::appendFrame(
      out, wire::ChannelMessage{
               .channelId = id, .offset = most, .senderId = id, .serverTimeMs = most, .content = ByteView(encoded)}));
}

TEST(ToContent, RefusesTextThatIsNotUtf8Anywhere) {
  EXPECT_EQ(toContent(textMessage("\xff"), 100).problem, ContentProblem::NotUtf8);
  EXPECT_EQ(toContent(textMessage("\xed\xa0\x80"), 100).problem, ContentProblem::NotUtf8);
  EXPECT_EQ(toContent(textMessage("caf\xc3\xa9 \xf0\x9f\x98\x80"), 100).problem, ContentProblem::None);
  EXPECT_EQ(toContent(rawMessage("\xff", ""), 100).problem, ContentProblem::None) << "bytes are bytes";
  EXPECT_EQ(toContent(rawMessage("", "\xff"), 100).problem, ContentProblem::NotUtf8);
  ImageMessage message = image();
  message.setFileName("\xff");
  EXPECT_EQ(toContent(message, 100).problem, ContentProblem::NotUtf8);
  message.setFileName("f");
  message.data().mediaId = "\xff";
  EXPECT_EQ(toContent(message, 100).problem, ContentProblem::NotUtf8);
}

TEST(ToContent, RefusesKindsItCannotCarry) {
  ForeignMessage message;
  message.type = MESSAGE_TYPE_UNDEFINED;
  EXPECT_EQ(toContent(message, 100).problem, ContentProblem::UnknownType);
  for (const MESSAGE_TYPE type : {MESSAGE_TYPE_FILE, MESSAGE_TYPE_IMAGE}) {
    message.type = type;
    EXPECT_EQ(toContent(message, 100).problem, ContentProblem::UnknownType) << "it has no media we could know of";
  }
}

// ---- received messages
// ------------------------------------------------------------------------------------------------

TEST(Received, ComesBackAsItWasSent) {
  const ImageMessage sent = image();
  const ImageMessage received(toData(toContent(sent, 0).content, 1'700'000'000'123, true));
  EXPECT_EQ(received.getMessageId(), 21);
  EXPECT_EQ(received.getMessageType(), MESSAGE_TYPE_IMAGE);
  EXPECT_STREQ(received.getText(), "t");
  EXPECT_STREQ(received.getMediaId(), "media");
  EXPECT_STREQ(received.getFileName(), "f.png");
  EXPECT_EQ(received.getSize(), 5'000'000'000);
  EXPECT_EQ(received.getThumbnailLength(), 2);
  EXPECT_EQ(received.getWidth(), 640);
  EXPECT_EQ(received.getHeight(), 480);
  EXPECT_EQ(received.getThumbnailWidth(), 64);
  EXPECT_EQ(received.getThumbnailHeight(), 48);
  EXPECT_EQ(received.getServerReceivedTs(), 1'700'000'000'123);
  EXPECT_TRUE(received.isOfflineMessage());

  const TextMessage raw = rawMessage("\0\x01"s, "d");
  const TextMessage back(toData(toContent(raw, 0).content, 0, false));
  EXPECT_EQ(back.getMessageType(), MESSAGE_TYPE_RAW);
  EXPECT_EQ(std::string(back.getRawMessageData(), static_cast<std::size_t>(back.getRawMessageLength())), "\0\x01"s);
  EXPECT_STREQ(back.getText(), "d");
}

TEST(Received, ViewsAndCopiesAreEqual) {
  const std::string raw = "\xff\0"s;
  const wire::Content content{.messageId = 8,
                              .type = wire::ContentType::Raw,
                              .text = "about",
                              .raw = asBytes(raw),
                              .media = {},
                              .invitation = {}};
  const TextMessage copy(toData(content, 99, true));
  const ReceivedMessage view(toView(content, 99, true));
  for (const IMessage* message : {static_cast<const IMessage*>(&copy), static_cast<const IMessage*>(&view)}) {
    EXPECT_EQ(message->getMessageId(), 8);
    EXPECT_EQ(message->getMessageType(), MESSAGE_TYPE_RAW);
    EXPECT_STREQ(message->getText(), "about");
    EXPECT_EQ(message->getRawMessageLength(), 2);
    EXPECT_EQ(std::string(message->getRawMessageData(), 2), raw);
    EXPECT_EQ(message->getServerReceivedTs(), 99);
    EXPECT_TRUE(message->isOfflineMessage());
  }
}

TEST(Received, HasNoLengthWithoutData) {
  const std::string stray = "stray";
  const wire::Content content{.messageId = 1,
                              .type = wire::ContentType::Text,
                              .text = "t",
                              .raw = asBytes(stray),
                              .media = {},
                              .invitation = {}};
  const TextMessage copy(toData(content, 0, false));
  const ReceivedMessage view(toView(content, 0, false));
  for (const IMessage* message : {static_cast<const IMessage*>(&copy), static_cast<const IMessage*>(&view)}) {
    EXPECT_EQ(message->getRawMessageLength(), 0);
    EXPECT_EQ(message->getRawMessageData(), nullptr);
  }
}

TEST(Received, KindsOfALaterVersionAreUndefined) {
  for (const std::uint32_t type : {5u, 15u, 16u, 0xffffffffu}) {
    const wire::Content content{.messageId = 1,
                                .type = static_cast<wire::ContentType>(type),
                                .text = "t",
                                .raw = {},
                                .media = {},
                                .invitation = {}};
    EXPECT_EQ(toData(content, 0, false).type, MESSAGE_TYPE_UNDEFINED);
    EXPECT_EQ(toView(content, 0, false).type, MessageType::Undefined);
  }
}

TEST(Received, TextIsACStringEvenInTheMiddleOfABuffer) {
  const std::string buffer = "hello world";
  const ReceivedMessage message({.id = 1, .type = MessageType::Text, .text = std::string_view(buffer).substr(0, 5)});
  EXPECT_STREQ(message.getText(), "hello");
  EXPECT_EQ(message.getText(), message.getText()) << "the pointer lives as long as the message";
}

// ---- the objects
// -----------------------------------------------------------------------------------------------------

TEST(MessageObjects, TreatNullAsEmpty) {
  TextMessage text = textMessage("x");
  text.setText(nullptr);
  EXPECT_STREQ(text.getText(), "");
  EXPECT_EQ(text.getRawMessageData(), nullptr);
  EXPECT_EQ(text.getRawMessageLength(), 0);

  ImageMessage message = image();
  message.setFileName(nullptr);
  EXPECT_STREQ(message.getFileName(), "");
  message.setThumbnail(nullptr, 5);
  EXPECT_EQ(message.getThumbnailLength(), 0);
  const uint8_t thumbnail[] = {1};
  message.setThumbnail(thumbnail, 1);
  EXPECT_EQ(message.getThumbnailLength(), 1);
  message.setThumbnail(thumbnail, -1);
  EXPECT_EQ(message.getThumbnailLength(), 0);
}

TEST(MessageObjects, AreFreedByRelease) {
  IMessage* message = new TextMessage({.type = MESSAGE_TYPE_TEXT, .text = "leak check"});
  message->release();
}

TEST(MessageObjects, NullIsAMessageOfNoKind) {
  EXPECT_EQ(sdk::viewOf(nullptr).type, MessageType::Undefined);
  EXPECT_EQ(client::toContent(sdk::viewOf(nullptr), 0).problem, ContentProblem::UnknownType);
}

}  // namespace
}  // namespace rtm::sdk
