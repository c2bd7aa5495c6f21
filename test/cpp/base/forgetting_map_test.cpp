#include "base/forgetting_map.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

namespace rtm {
namespace {

struct Hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Map = ForgettingMap<std::string, int, Hash, std::equal_to<>>;

TEST(ForgettingMap, RemembersUntilItsTime) {
  Map map(10);
  map.put("a", 1, 100, 0);
  map.put("b", 2, 200, 0);
  ASSERT_NE(nullptr, map.find("a", 99));
  EXPECT_EQ(1, *map.find("a", 99));
  EXPECT_EQ(nullptr, map.find("a", 100));
  EXPECT_NE(nullptr, map.find("b", 100));
  EXPECT_EQ(1U, map.size());
}

TEST(ForgettingMap, ReplacesValueAndTime) {
  Map map(1);
  map.put("a", 1, 100, 0);
  map.put("a", 2, 300, 0);
  EXPECT_EQ(0U, map.pushedOut()) << "its own place is free";
  ASSERT_NE(nullptr, map.find("a", 299));
  EXPECT_EQ(2, *map.find("a", 299));
  map.put("a", 3, 50, 0);
  EXPECT_EQ(nullptr, map.find("a", 50));
}

TEST(ForgettingMap, PushesOutWhatItWouldForgetFirst) {
  Map map(2);
  map.put("late", 1, 300, 0);
  map.put("soon", 2, 100, 0);
  map.put("new", 3, 200, 0);
  EXPECT_EQ(nullptr, map.find("soon", 0));
  EXPECT_NE(nullptr, map.find("late", 0));
  EXPECT_NE(nullptr, map.find("new", 0));
  EXPECT_EQ(1U, map.pushedOut());
  map.put("later", 4, 400, 250);
  EXPECT_EQ(1U, map.pushedOut()) << "the time of another was over";
}

TEST(ForgettingMap, ErasesAKey) {
  Map map(2);
  map.put("a", 1, 100, 0);
  map.erase("a");
  map.erase("never there");
  EXPECT_EQ(0U, map.size());
  map.forget(1000);
}

}  // namespace
}  // namespace rtm
