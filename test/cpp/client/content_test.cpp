#include "client/messages/content.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace rtm::client {
namespace {

MessageView rawMessage(std::string_view payload) {
  return {.id = 1, .type = MessageType::Raw, .raw = asBytes(payload)};
}

const char* charactersOf(const MessageView& message) {
  return reinterpret_cast<const char*>(message.raw.data());
}

TEST(OwnedMessage, KeepsAPayloadThatMayBeReadAsACString) {
  const std::string source(40, 'x');  // longer than what a string holds without memory of its own
  const OwnedMessage owned(rawMessage(source));
  EXPECT_EQ(owned.view().raw.size(), source.size());
  EXPECT_EQ(std::strlen(charactersOf(owned.view())), source.size());
}

TEST(OwnedMessage, HasAPayloadThatIsEmptyAndNotNull) {
  const OwnedMessage owned(rawMessage(""));
  EXPECT_TRUE(owned.view().raw.empty());
  EXPECT_STREQ(charactersOf(owned.view()), "");
}

TEST(OwnedMessage, KeepsItsPayloadWhenItMoves) {
  OwnedMessage first(rawMessage("short"));
  const OwnedMessage second = std::move(first);
  EXPECT_STREQ(charactersOf(second.view()), "short");
}

}  // namespace
}  // namespace rtm::client
