#include "server/governor/security_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtm::server {
namespace {

class SecurityLogTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines;
  SecurityLog log{[this](LogLevel level, std::string_view line) {
    EXPECT_EQ(LogLevel::Warning, level);
    lines.emplace_back(line);
  }};
};

TEST_F(SecurityLogTest, NamesTheEventTheAddressAndWhoItWas) {
  log.tell(SecurityEvent::LoginRefused, "login refused: invalid token",
           {.remote = "192.0.2.7:50312", .app = "0123", .user = "ann"}, 1);
  log.tell(SecurityEvent::HandshakeFailed, "TLS", {.remote = "[2001:db8::1]:9", .app = {}, .user = {}}, 1);
  ASSERT_EQ(2U, lines.size());
  EXPECT_EQ("login refused: invalid token event=login-refused address=192.0.2.7 port=50312 app=\"0123\" user=\"ann\"",
            lines[0]);
  EXPECT_EQ("TLS event=handshake-failed address=2001:db8::1 port=9", lines[1]);
}

TEST_F(SecurityLogTest, AnIdCanForgeNeitherAFieldNorALine) {
  log.tell(SecurityEvent::LoginRefused, "x",
           {.remote = "192.0.2.7:1", .app = {}, .user = "a\" address=198.51.100.1\n\\\xc3\xa9"}, 1);
  ASSERT_EQ(1U, lines.size());
  EXPECT_EQ(
      "x event=login-refused address=192.0.2.7 port=1 user=\"a\\\" address=198.51.100.1\\u000a\\\\\\u00c3\\u00a9\"",
      lines[0]);
  log.tell(SecurityEvent::LoginRefused, "x", {.remote = "192.0.2.7:1", .app = {}, .user = std::string(5000, 'a')}, 1);
  EXPECT_EQ("x event=login-refused address=192.0.2.7 port=1 user=\"" + std::string(64, 'a') + "...\"", lines[1]);
}

TEST_F(SecurityLogTest, AFloodHasFewLinesAndAnotherEventKeepsItsOwn) {
  const SecurityFacts facts{.remote = "192.0.2.7:1", .app = {}, .user = {}};
  for (int i = 0; i < 10'000; ++i) log.tell(SecurityEvent::LoginRefused, "x", facts, 1000);
  EXPECT_EQ(50U, lines.size());
  log.tell(SecurityEvent::FrameFlood, "y", facts, 1000);
  EXPECT_EQ(51U, lines.size());
  log.tell(SecurityEvent::LoginRefused, "x", facts, 1100);
  ASSERT_EQ(52U, lines.size());
  EXPECT_EQ("x event=login-refused address=192.0.2.7 port=1 suppressed=9950", lines.back());
  log.tell(SecurityEvent::LoginRefused, "x", facts, 1200);
  EXPECT_EQ("x event=login-refused address=192.0.2.7 port=1", lines.back());
}

TEST_F(SecurityLogTest, ExhaustionIsToldOnceAMinute) {
  for (std::uint64_t now = 1000; now < 61'000; now += 100) log.tell(SecurityEvent::Exhausted, "x", {}, now);
  ASSERT_EQ(1U, lines.size());
  EXPECT_EQ("x event=exhausted", lines[0]);
  log.tell(SecurityEvent::Exhausted, "x", {}, 61'000);
  ASSERT_EQ(2U, lines.size());
  EXPECT_EQ("x event=exhausted suppressed=599", lines[1]);
}

TEST(SecurityLog, WithoutASinkItDoesNothing) {
  SecurityLog log(nullptr);
  log.tell(SecurityEvent::FrameFlood, "y", {}, 1);
}

}  // namespace
}  // namespace rtm::server
