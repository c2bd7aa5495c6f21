#include "base/line.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace rtm {
namespace {

TEST(Line, BehavesLikeADeque) {
  std::mt19937 random(20);
  Line<std::unique_ptr<int>> line;
  std::deque<int> model;
  int next = 0;
  for (int round = 0; round < 200; ++round) {
    for (auto pushes = random() % 100; pushes > 0; --pushes) {
      line.push(std::make_unique<int>(next));
      model.push_back(next++);
    }
    for (auto pops = random() % 110; pops > 0 && !model.empty(); --pops) {
      ASSERT_EQ(model.front(), *line.front());
      line.popFront();
      model.pop_front();
    }
    ASSERT_EQ(model.size(), line.size());
    ASSERT_EQ(model.empty(), line.empty());
    std::size_t index = 0;
    for (const auto& item : line) {
      ASSERT_EQ(model[index], *item);
      ASSERT_EQ(model[index], *line[index]);
      ++index;
    }
    ASSERT_EQ(model.size(), index);
    if (!model.empty()) {
      ASSERT_EQ(model.back(), *line.back());
    }
  }
}

TEST(Line, DestroysRemovedElementsAtOnce) {
  Line<std::shared_ptr<int>> line;
  const auto held = std::make_shared<int>(1);
  line.push(held);
  line.push(nullptr);
  line.popFront();
  EXPECT_EQ(1, held.use_count());
}

}  // namespace
}  // namespace rtm
