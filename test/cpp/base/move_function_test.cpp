#include "base/move_function.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rtm {
namespace {

static_assert(!std::is_copy_constructible_v<Task>);
static_assert(!std::is_copy_assignable_v<Task>);
static_assert(std::is_nothrow_move_constructible_v<Task>, "so that a deque of tasks moves them");
static_assert(!std::is_constructible_v<Task, int>);
static_assert(!std::is_constructible_v<Task, void (*)(int)>, "a callable that needs more than it gets");

TEST(MoveFunction, CallsWhatItHolds) {
  MoveFunction<int(int, int)> add = [](int a, int b) { return a + b; };
  EXPECT_TRUE(add);
  EXPECT_EQ(add(2, 3), 5);
  EXPECT_EQ(add(4, 5), 9) << "as often as one likes";
}

TEST(MoveFunction, KeepsTheStateOfItsCallable) {
  MoveFunction<int()> counter = [n = 0]() mutable { return ++n; };
  EXPECT_EQ(counter(), 1);
  EXPECT_EQ(counter(), 2);
}

TEST(MoveFunction, OwnsCallablesThatCannotBeCopied) {
  MoveFunction<int()> task = [owned = std::make_unique<int>(7)] { return *owned; };
  MoveFunction<int()> moved = std::move(task);
  EXPECT_FALSE(task);  // NOLINT(bugprone-use-after-move): that it is empty is the promise
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved(), 7);
}

TEST(MoveFunction, PassesArgumentsOnWithoutCopies) {
  MoveFunction<std::unique_ptr<int>(std::unique_ptr<int>)> same = [](std::unique_ptr<int> value) { return value; };
  EXPECT_EQ(*same(std::make_unique<int>(3)), 3);
  std::string text = "a";
  MoveFunction<void(std::string&)> append = [](std::string& to) { to += "b"; };
  append(text);
  EXPECT_EQ(text, "ab");
}

TEST(MoveFunction, IsEmptyByDefaultAndAfterNull) {
  Task task;
  EXPECT_FALSE(task);
  const auto owned = std::make_shared<int>(0);
  task = [owned] { ++*owned; };
  EXPECT_TRUE(task);
  task();
  EXPECT_EQ(*owned, 1);
  task = nullptr;
  EXPECT_FALSE(task);
  EXPECT_EQ(owned.use_count(), 1) << "what it held is gone at once";
  EXPECT_FALSE(Task(nullptr));
}

TEST(MoveFunction, LetsGoOfTheOldCallableWhenItGetsANewOne) {
  const auto first = std::make_shared<int>(0);
  Task task = [first] {};
  task = [] {};
  EXPECT_EQ(first.use_count(), 1);
}

TEST(MoveFunction, ReturningVoidTakesCallablesThatReturnSomething) {
  std::vector<int> ran;
  Task task = [&] {
    ran.push_back(1);
    return 42;
  };
  task();
  EXPECT_EQ(ran, std::vector<int>{1});
}

TEST(MoveFunction, TakesFunctionsAndMembers) {
  struct Counter {
    int value = 5;
  };
  const Counter counter;
  MoveFunction<int(const Counter&)> field = &Counter::value;
  EXPECT_EQ(field(counter), 5);
  MoveFunction<std::string(int)> function = static_cast<std::string (*)(int)>(&std::to_string);
  EXPECT_EQ(function(12), "12");
}

TEST(MoveFunction, MayHoldAnother) {
  MoveFunction<int()> inner = [] { return 1; };
  MoveFunction<int()> outer = [inner = std::move(inner)]() mutable { return inner() + 1; };
  EXPECT_EQ(outer(), 2);
}

}  // namespace
}  // namespace rtm
