#include "base/parse_double.hpp"

#include <gtest/gtest.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <bit>
#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <string_view>

namespace rtm {
namespace {

std::string shown(double number, int digits) {
  char text[40];
  const int length = std::snprintf(text, sizeof text, "%.*g", digits, number);
  return {text, static_cast<std::size_t>(length)};
}

TEST(ParseDouble, ReadsBackEveryDoubleFromSeventeenDigits) {
  std::mt19937_64 random(1505);
  int finite = 0;
  for (int i = 0; i < 20000; ++i) {
    const auto number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    ++finite;
    const std::string text = shown(number, 17);
    // printf may write "1e+22", which JSON allows.
    const std::optional<double> back = parseDouble(text);
    ASSERT_TRUE(back) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*back), std::bit_cast<std::uint64_t>(number)) << text;
  }
  EXPECT_GT(finite, 15000);
}

TEST(ParseDouble, RoundsToTheNearestDouble) {
  EXPECT_EQ(parseDouble("9007199254740993"), 9007199254740992.0) << "a tie goes to the even neighbour";
  EXPECT_EQ(parseDouble("9007199254740993.0000000000000000000000001"), 9007199254740994.0);
  EXPECT_EQ(parseDouble("0.1"), 0.1);
  EXPECT_EQ(parseDouble("5e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(parseDouble("2.2250738585072014e-308"), std::numeric_limits<double>::min());
  EXPECT_EQ(parseDouble("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(parseDouble("179769313486231570" + std::string(291, '0')), std::numeric_limits<double>::max());
}

TEST(ParseDouble, KeepsTheSignOfZero) {
  for (const std::string_view zero : {"0", "0.000", "0e999", "0.0e-999"}) {
    EXPECT_EQ(parseDouble(zero), 0.0) << zero;
    const std::optional<double> negative = parseDouble("-" + std::string(zero));
    ASSERT_EQ(negative, 0.0) << zero;
    EXPECT_TRUE(std::signbit(*negative)) << zero;
  }
}

TEST(ParseDouble, RefusesWhatIsOutsideTheRange) {
  for (const std::string_view text : {"1e309", "-1e309", "1.7976931348623159e308", "1e999999999999999999999", "1e-400",
                                      "-1e-400", "2e-324", "0.1e-999999999999999999999"}) {
    EXPECT_EQ(parseDouble(text), std::nullopt) << text;
  }
}

TEST(ParseDouble, RefusesGarbage) {
  for (const std::string_view text :
       {"",  " ",  "-",   "+1",   " 1",  "1 ",       "1,5",  "1.5.5", "--1",   "1e",    "1e+", "e5",
        ".", "-.", "inf", "-inf", "nan", "INFINITY", "0x10", "0x1p3", "1_000", "1'000", "12a", "\t1"}) {
    EXPECT_EQ(parseDouble(text), std::nullopt) << text;
  }
  EXPECT_EQ(parseDouble(std::string_view("1\0002", 3)), std::nullopt) << "a zero byte inside";
}

TEST(ParseDouble, ReadsNothingBehindItsText) {
  EXPECT_EQ(parseDouble(std::string_view("123456").substr(0, 3)), 123.0);
  EXPECT_EQ(parseDouble(std::string_view("1e5").substr(0, 1)), 1.0);
}

#ifdef __GLIBC__
/// A locale with a decimal comma, in glibc's own file format: a test must not depend on which locales are installed.
class CommaLocale : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path folder =
        std::filesystem::path(testing::TempDir()) / ("locale" + std::to_string(getpid()));
    std::filesystem::create_directories(folder / "de_TEST");
    std::ofstream file(folder / "de_TEST/LC_NUMERIC", std::ios::binary);
    const auto word = [&](std::uint32_t value) { file.write(reinterpret_cast<const char*>(&value), sizeof value); };
    constexpr std::uint32_t kMagic = 0x20031115 ^ LC_NUMERIC;
    // Where the six values lie: ",", ".", the grouping "\3\3", ',' and '.' as wide characters, the character set.
    for (const std::uint32_t value : {kMagic, 6u, 32u, 34u, 36u, 40u, 44u, 48u}) word(value);
    file.write(",\0.\0\3\3\0\0", 8);
    word(',');
    word('.');
    file.write("UTF-8", 6);
    file.close();
    ASSERT_TRUE(file);
    folder_ = folder;
    setenv("LOCPATH", folder.c_str(), 1);
    ASSERT_NE(std::setlocale(LC_NUMERIC, "de_TEST"), nullptr);
    ASSERT_EQ(std::string(std::localeconv()->decimal_point), ",");
    ASSERT_EQ(strtod("1,5", nullptr), 1.5) << "the C library writes numbers as the locale says";
  }
  void TearDown() override {
    std::setlocale(LC_NUMERIC, "C");
    unsetenv("LOCPATH");
    std::filesystem::remove_all(folder_);
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(CommaLocale, ChangesNoNumber) {
  EXPECT_EQ(parseDouble("1.5"), 1.5);
  EXPECT_EQ(parseDouble("1e-3"), 0.001);
  EXPECT_EQ(parseDouble("1,5"), std::nullopt);
  EXPECT_EQ(parseDouble("1.000.000"), std::nullopt);
}

TEST_F(CommaLocale, OfOneThreadChangesNoNumber) {
  const locale_t comma = duplocale(LC_GLOBAL_LOCALE);  // newlocale() with LOCPATH leaks memory in glibc 2.36
  ASSERT_NE(comma, nullptr);
  std::setlocale(LC_NUMERIC, "C");
  const locale_t before = uselocale(comma);
  EXPECT_EQ(strtod("1,5", nullptr), 1.5);
  EXPECT_EQ(parseDouble("1.5"), 1.5);
  EXPECT_EQ(parseDouble("1,5"), std::nullopt);
  uselocale(before);
  freelocale(comma);
}
#endif

}  // namespace
}  // namespace rtm
