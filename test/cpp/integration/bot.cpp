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

}  // namespace rtm::test
