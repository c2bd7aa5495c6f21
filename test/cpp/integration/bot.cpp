#include "integration/bot.hpp"

#include <gtest/gtest.h>

namespace rtm::test {

Bot::Bot(const std::string& appId, std::string userId, const std::string& endpoint, const std::string& timing)
    : service(agora::rtm::createRtmService()), userId_(std::move(userId)) {
  EXPECT_EQ(service->setParameters(("{\"rtm.endpoints\":\"" + endpoint + "\",\"rtm.timing\":" + timing + "}").c_str()),
            0);
  EXPECT_EQ(service->setLogFilter(agora::rtm::LOG_FILTER_OFF), 0);
  EXPECT_EQ(service->initialize(appId.c_str(), this), 0);
  calls = service->getRtmCallManager(this);
  EXPECT_NE(calls, nullptr);
}

Bot::~Bot() {
  if (calls != nullptr) calls->release();
  service->release(true);
}

void Bot::login() {
  ASSERT_EQ(service->login("", userId_.c_str()), 0);
  ASSERT_TRUE(diary.has("login")) << diary.all();
}

void Bot::send(const std::string& to, const std::string& text) {
  agora::rtm::IMessage* message = service->createMessage(text.c_str());
  EXPECT_EQ(service->sendMessageToPeer(to.c_str(), message, agora::rtm::SendMessageOptions()), 0);
  message->release();
}

void Bot::sendLongMessages(Bot& other, int count) {
  std::string expected = "login\n";
  std::string text;
  for (int i = 0; i < count; ++i) {
    text = std::to_string(i) + std::string(30'000, '.');
    send(other.userId_, text);
    expected += userId_ + ": " + text + "\n";
  }
  ASSERT_TRUE(other.diary.has(userId_ + ": " + text));
  EXPECT_TRUE(other.diary.all() == expected) << "the messages did not arrive once each and in order";
}

}  // namespace rtm::test
