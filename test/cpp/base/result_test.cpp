#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace rtm {
namespace {

Result<std::string> nameOf(int number) {
  if (number < 0) return Failure{3, "number: -1, expected 0 or more"};
  return std::to_string(number);
}

TEST(Result, HoldsAValue) {
  Result<std::string> result = nameOf(5);
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(result);
  EXPECT_EQ(result.value(), "5");
  result.value() += "!";
  EXPECT_EQ(std::as_const(result).value(), "5!");
}

TEST(Result, HoldsAFailure) {
  const Result<std::string> result = nameOf(-1);
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(result);
  EXPECT_EQ(result.failure().code, 3);
  EXPECT_EQ(result.failure().message, "number: -1, expected 0 or more");
}

TEST(Result, IsAValueEvenIfTheValueIsEmptyOrFalse) {
  const Result<std::string> text = std::string();
  const Result<bool> truth = false;
  const Result<std::unique_ptr<int>> owned = std::unique_ptr<int>();
  EXPECT_TRUE(text);
  EXPECT_TRUE(truth);
  EXPECT_TRUE(owned);
}

TEST(Result, LetsItsValueBeMovedOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(9);
  const std::unique_ptr<int> owned = std::move(result.value());
  EXPECT_EQ(*owned, 9);
}

TEST(Result, MayChangeFromOneToTheOther) {
  Result<std::string> result = nameOf(1);
  result = nameOf(-1);
  EXPECT_FALSE(result);
  result = nameOf(2);
  EXPECT_EQ(result.value(), "2");
}

}  // namespace
}  // namespace rtm
