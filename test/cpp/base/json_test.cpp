#include "base/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace rtm {
namespace {

using Type = JsonValue::Type;
using namespace std::string_literals;

JsonValue parsed(std::string_view text) {
  std::string error;
  const std::optional<JsonValue> value = parseJson(text, &error);
  EXPECT_TRUE(value) << text << ": " << error;
  EXPECT_EQ(error, "");
  return value.value_or(JsonValue());
}

std::string errorOf(std::string_view text) {
  std::string error = "none";
  EXPECT_FALSE(parseJson(text, &error)) << text;
  EXPECT_FALSE(parseJson(text)) << "without asking why";
  return error;
}

TEST(Json, ReadsEachKindOfValue) {
  EXPECT_EQ(parsed("null").type, Type::Null);
  EXPECT_EQ(parsed("true").type, Type::Bool);
  EXPECT_TRUE(parsed("true").boolean);
  EXPECT_EQ(parsed("false").type, Type::Bool);
  EXPECT_FALSE(parsed("false").boolean);
  EXPECT_EQ(parsed("12").type, Type::Number);
  EXPECT_EQ(parsed("12").number, 12);
  EXPECT_EQ(parsed("\"a\"").type, Type::String);
  EXPECT_EQ(parsed("\"a\"").string, "a");
  EXPECT_EQ(parsed("[]").type, Type::Array);
  EXPECT_EQ(parsed("{}").type, Type::Object);
}

TEST(Json, ReadsOptionTexts) {
  const JsonValue value = parsed(R"( { "rtm.endpoints" : [ "rtms://a:1", {"host": "b", "areas": [1, 2] } ],
    "rtm.timeout_ms":1.5e3, "nested":{"deep":{"er":null}}, "on":true } )");
  ASSERT_EQ(value.type, Type::Object);
  ASSERT_EQ(value.object.size(), 4u);
  const JsonValue* endpoints = value.find("rtm.endpoints");
  ASSERT_NE(endpoints, nullptr);
  ASSERT_EQ(endpoints->array.size(), 2u);
  EXPECT_EQ(endpoints->array[0].string, "rtms://a:1");
  EXPECT_EQ(endpoints->array[1].find("areas")->array[1].number, 2);
  EXPECT_EQ(value.find("rtm.timeout_ms")->number, 1500);
  EXPECT_EQ(value.find("nested")->find("deep")->find("er")->type, Type::Null);
  EXPECT_TRUE(value.find("on")->boolean);
  EXPECT_EQ(value.find("off"), nullptr);
  EXPECT_EQ(parsed("[1]").find("x"), nullptr) << "only objects have members";
}

TEST(Json, TakesTheLastOfEqualKeys) {
  const JsonValue value = parsed(R"({"a":1,"b":2,"a":[3]})");
  EXPECT_EQ(value.object.size(), 2u);
  EXPECT_EQ(value.find("a")->type, Type::Array);
}

TEST(Json, TakesTheFourWhiteSpacesAndNoOthers) {
  EXPECT_EQ(parsed(" \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n").array.size(), 2u);
  EXPECT_EQ(parsed("{ \"a\" \n:\t1\r}").find("a")->number, 1);
  for (const std::string& space : {"\v"s, "\f"s, "\0"s, "\xc2\xa0"s, "\xef\xbb\xbf"s}) {
    EXPECT_EQ(errorOf(space + "1"), "at byte 0: expected a value");
    EXPECT_EQ(errorOf("1" + space), "at byte 1: expected the end of the text");
  }
}

// ---- numbers
// ---------------------------------------------------------------------------------------------------------

TEST(Json, ReadsNumbersOfTheGrammar) {
  const std::vector<std::pair<std::string_view, double>> numbers = {
      {"0", 0},
      {"-0", -0.0},
      {"7", 7},
      {"-12", -12},
      {"10", 10},
      {"0.5", 0.5},
      {"-0.25", -.25},
      {"1.500", 1.5},
      {"1e3", 1000},
      {"1E3", 1000},
      {"1e+3", 1000},
      {"25e-1", 2.5},
      {"0e0", 0},
      {"0.0e-0", 0},
      {"1.5E+02", 150},
      {"1e0001", 10},
      {"123456789", 123456789.0},
      {"1e308", 1e308},
      {"9007199254740993", 9007199254740992.0},
      {"0.1", 0.1},
      {"4.9e-324", 4.9e-324},
  };
  for (const auto& [text, number] : numbers) {
    const JsonValue value = parsed(text);
    EXPECT_EQ(value.type, Type::Number) << text;
    EXPECT_EQ(value.number, number) << text;
    EXPECT_EQ(std::signbit(value.number), text.front() == '-') << text;
  }
}

TEST(Json, RefusesNumbersOutsideTheGrammar) {
  const std::vector<std::pair<std::string_view, std::string_view>> numbers = {
      {"-", "at byte 1: expected a digit"},
      {"-a", "at byte 1: expected a digit"},
      {"--1", "at byte 1: expected a digit"},
      {"+1", "at byte 0: expected a value"},
      {".5", "at byte 0: expected a value"},
      {"-.5", "at byte 1: expected a digit"},
      {"1.", "at byte 2: expected a digit"},
      {"1.e3", "at byte 2: expected a digit"},
      {"1e", "at byte 2: expected a digit"},
      {"1e+", "at byte 3: expected a digit"},
      {"1e+-1", "at byte 3: expected a digit"},
      {"1e1.5", "at byte 3: expected the end of the text"},
      {"01", "at byte 1: expected the end of the text"},
      {"-01", "at byte 2: expected the end of the text"},
      {"00", "at byte 1: expected the end of the text"},
      {"0x10", "at byte 1: expected the end of the text"},
      {"1f", "at byte 1: expected the end of the text"},
      {"1_000", "at byte 1: expected the end of the text"},
      {"1 2", "at byte 2: expected the end of the text"},
      {"NaN", "at byte 0: expected a value"},
      {"nan", "at byte 0: expected a value"},
      {"Infinity", "at byte 0: expected a value"},
      {"-Infinity", "at byte 1: expected a digit"},
      {"inf", "at byte 0: expected a value"},
      {"1e309", "at byte 5: expected a number in the range of a double"},
      {"-1e999999999999", "at byte 15: expected a number in the range of a double"},
  };
  for (const auto& [text, error] : numbers) EXPECT_EQ(errorOf(text), error) << text;
}

// ---- strings
// ---------------------------------------------------------------------------------------------------------

TEST(Json, ReadsEscapes) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t")").string, "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parsed(R"("\u0041\u00e9\u20AC\uffff")").string, "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf");
  EXPECT_EQ(parsed(R"("a\u0000b")").string, "a\0b"s) << "a NUL is a character like any other";
  EXPECT_EQ(parsed(R"("\u007f\u0080\u07ff\u0800")").string, "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80");
  EXPECT_EQ(parsed("\"caf\xc3\xa9 \xf0\x9f\x98\x80 \x7f\"").string, "caf\xc3\xa9 \xf0\x9f\x98\x80 \x7f");
  EXPECT_EQ(parsed(R"({"\u0061":1})").find("a")->number, 1) << "in keys, too";
}

TEST(Json, JoinsSurrogatePairs) {
  EXPECT_EQ(parsed(R"("\ud83d\ude00")").string, "\xf0\x9f\x98\x80");
  EXPECT_EQ(parsed(R"("\uD800\uDC00")").string, "\xf0\x90\x80\x80") << "the first one";
  EXPECT_EQ(parsed(R"("\uDBFF\uDFFF")").string, "\xf4\x8f\xbf\xbf") << "the last one";
  EXPECT_EQ(parsed(R"("\ud7ff\ue000")").string, "\xed\x9f\xbf\xee\x80\x80") << "the neighbours of the range";
}

TEST(Json, RefusesHalvesOfSurrogatePairs) {
  const std::vector<std::pair<std::string_view, std::string_view>> texts = {
      {R"("\ud83d")", "at byte 7: expected the second half of a surrogate pair"},
      {R"("\ud83dx")", "at byte 7: expected the second half of a surrogate pair"},
      {R"("\ud83d\n")", "at byte 8: expected the second half of a surrogate pair"},
      {R"("\ud83d\u0041")", "at byte 13: expected the second half of a surrogate pair"},
      {R"("\ud83d\ud83d")", "at byte 13: expected the second half of a surrogate pair"},
      {R"("\ud83d\udexx")", "at byte 9: expected 4 hex digits"},
      {R"("\ude00")", "at byte 7: expected the first half of a surrogate pair"},
      {R"("\udfff\ud83d")", "at byte 7: expected the first half of a surrogate pair"},
  };
  for (const auto& [text, error] : texts) EXPECT_EQ(errorOf(text), error) << text;
}

TEST(Json, RefusesBrokenStrings) {
  const std::vector<std::pair<std::string, std::string_view>> texts = {
      {"\"", "at byte 1: expected '\"'"},
      {"\"abc", "at byte 4: expected '\"'"},
      {"\"\\", "at byte 2: expected an escape"},
      {"\"\\\"", "at byte 3: expected '\"'"},
      {"\"\\x41\"", "at byte 2: expected an escape"},
      {"\"\\U0041\"", "at byte 2: expected an escape"},
      {"\"\\'\"", "at byte 2: expected an escape"},
      {"\"\\\0\""s, "at byte 2: expected an escape"},
      {"\"\\u\"", "at byte 3: expected 4 hex digits"},
      {"\"\\u12\"", "at byte 3: expected 4 hex digits"},
      {"\"\\u12", "at byte 3: expected 4 hex digits"},
      {"\"\\u 123\"", "at byte 3: expected 4 hex digits"},
      {"\"\\u-123\"", "at byte 3: expected 4 hex digits"},
      {"\"\\u+123\"", "at byte 3: expected 4 hex digits"},
      {"\"\\u0x12\"", "at byte 3: expected 4 hex digits"},
      {"\"a\nb\"", "at byte 2: expected no control character in a string"},
      {"\"\t\"", "at byte 1: expected no control character in a string"},
      {"\"\0\""s, "at byte 1: expected no control character in a string"},
      {"\"\x1f\"", "at byte 1: expected no control character in a string"},
      {"'a'", "at byte 0: expected a value"},
  };
  for (const auto& [text, error] : texts) EXPECT_EQ(errorOf(text), error) << text;
}

TEST(Json, RefusesTextsThatAreNotUtf8) {
  for (const std::string_view text :
       {"\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "\xfe\xff", "1\x80"}) {
    EXPECT_EQ(errorOf(text), "expected UTF-8");
  }
}

// ---- structure
// -------------------------------------------------------------------------------------------------------

TEST(Json, SaysWhereAndWhatWasExpected) {
  const std::vector<std::pair<std::string, std::string_view>> texts = {
      {"", "at byte 0: expected a value"},
      {"  \n", "at byte 3: expected a value"},
      {"\0"s, "at byte 0: expected a value"},
      {"tru", "at byte 0: expected a value"},
      {"True", "at byte 0: expected a value"},
      {"nul", "at byte 0: expected a value"},
      {"fals\0"s, "at byte 0: expected a value"},
      {"truex", "at byte 4: expected the end of the text"},
      {"null null", "at byte 5: expected the end of the text"},
      {"[1] ,", "at byte 4: expected the end of the text"},
      {"[", "at byte 1: expected a value"},
      {"]", "at byte 0: expected a value"},
      {"[1", "at byte 2: expected ',' or ']'"},
      {"[1 2]", "at byte 3: expected ',' or ']'"},
      {"[1,]", "at byte 3: expected a value"},
      {"[,1]", "at byte 1: expected a value"},
      {"[1,,2]", "at byte 3: expected a value"},
      {"[1}", "at byte 2: expected ',' or ']'"},
      {"{", "at byte 1: expected a key in quotes"},
      {"{a:1}", "at byte 1: expected a key in quotes"},
      {"{1:1}", "at byte 1: expected a key in quotes"},
      {"{null:1}", "at byte 1: expected a key in quotes"},
      {"{\"a\"}", "at byte 4: expected ':'"},
      {"{\"a\" 1}", "at byte 5: expected ':'"},
      {"{\"a\":}", "at byte 5: expected a value"},
      {"{\"a\":1", "at byte 6: expected ',' or '}'"},
      {"{\"a\":1 \"b\":2}", "at byte 7: expected ',' or '}'"},
      {"{\"a\":1,}", "at byte 7: expected a key in quotes"},
      {"{,}", "at byte 1: expected a key in quotes"},
      {"{\"a\":1]", "at byte 6: expected ',' or '}'"},
      {"// no\n1", "at byte 0: expected a value"},
      {"[1 /* no */]", "at byte 3: expected ',' or ']'"},
      {"{\"a\":[1,{\"b\":tru}]}", "at byte 13: expected a value"},
  };
  for (const auto& [text, error] : texts) EXPECT_EQ(errorOf(text), error) << text;
}

std::string nested(std::size_t levels, std::string_view open, std::string_view innermost, std::string_view close) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += open;
  text += innermost;
  for (std::size_t i = 0; i < levels; ++i) text += close;
  return text;
}

TEST(Json, NestsThirtyTwoLevelsAndNoMore) {
  parsed(nested(32, "[", "", "]"));
  parsed(nested(32, "[", "1", "]"));
  parsed(nested(32, "{\"a\":", "\"x\"", "}"));
  parsed(nested(16, "[{\"a\":", "null", "}]"));
  EXPECT_EQ(errorOf(nested(33, "[", "", "]")), "at byte 32: expected at most 32 levels of nesting");
  EXPECT_EQ(errorOf(nested(33, "{\"a\":", "1", "}")), "at byte 160: expected at most 32 levels of nesting");
  EXPECT_EQ(errorOf(std::string(1'000'000, '[')), "at byte 32: expected at most 32 levels of nesting");
  EXPECT_EQ(parsed("[" + nested(31, "[", "", "]") + "," + nested(31, "[", "", "]") + "]").array.size(), 2u)
      << "depth, not number";
}

}  // namespace
}  // namespace rtm
