#include "server/permissions/pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::server {
namespace {

TEST(Pattern, AnIdMatchesAPatternOfItsCharactersRunsAndTheOwnId) {
  const struct {
    const char* pattern;
    const char* id;
    bool matches;
  } rows[] = {
      {"room", "room", true},
      {"room", "Room", false},
      {"room", "rooms", false},
      {"room", "roo", false},
      {"*", "anything", true},
      {"room-*", "room-", true},
      {"room-*", "room-1", true},
      {"room-*", "room", false},
      {"*-room", "my-room", true},
      {"*-room", "my-rooms", false},
      {"a*b", "ab", true},
      {"a*b", "aXbXb", true},
      {"a*b", "aXbX", false},
      {"a*b*c", "abc", true},
      {"a*b*c", "aXcXbXc", true},
      {"a*b*c", "acb", false},
      {"a**b", "aXb", true},
      {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
      {"/me", "ann", true},
      {"/me", "bob", false},
      {"desk-/me", "desk-ann", true},
      {"desk-/me", "desk-anna", false},
      {"desk-/me-*", "desk-ann-left", true},
      {"*/me", "desk-of-ann", true},
      {"*/me", "ann-s desk", false},
      {"/me*", "ann-s desk", true},
      // Characters with a meaning in other languages have none here.
      {"a.c", "abc", false},
      {"[ab]", "a", false},
      {"[ab]", "[ab]", true},
      {"a?", "ab", false},
  };
  for (const auto& [pattern, id, matches] : rows) {
    ASSERT_EQ("", Pattern::wrongWith(pattern)) << pattern;
    EXPECT_EQ(matches, Pattern(pattern).matches(id, "ann")) << pattern << " and " << id;
  }
}

TEST(Pattern, TheLongestOwnIdFitsIntoTheLongestPattern) {
  const std::string me(64, 'm');
  const std::string pattern = std::string(62, '*') + "/me" + std::string(63, '*');
  ASSERT_EQ("", Pattern::wrongWith(pattern));
  EXPECT_TRUE(Pattern(pattern).matches(me, me));
  EXPECT_FALSE(Pattern(pattern).matches("short", me));
}

TEST(Pattern, AnOwnIdThatIsNoIdMatchesNothing) {
  EXPECT_FALSE(Pattern("/me").matches("a", std::string(65, 'a')));
}

TEST(Pattern, ATextThatIsNoPatternIsNamed) {
  const struct {
    std::string text;
    const char* wrong;
  } rows[] = {
      {"", "an empty text"},
      {std::string(129, 'a'), "a longer text"},
      {std::string(128, 'a'), ""},
      {"/me/me", "/me twice"},
      {"/you", "a / that begins no /me"},
      {"room/", "a / that begins no /me"},
      {"r\xC3\xA4um", "a character that no id has"},
      {"a\\*", "a character that no id has"},
      {"\"", "a character that no id has"},
  };
  for (const auto& [text, wrong] : rows) EXPECT_EQ(wrong, Pattern::wrongWith(text)) << text;
}

}  // namespace
}  // namespace rtm::server
