// Option texts as an application hands them in. A text that parses must survive a round trip through an independent
// writer; a text that does not parse must be refused with a place inside the text.
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/identifiers.hpp"
#include "base/json.hpp"

namespace {

using rtm::JsonValue;
using Type = JsonValue::Type;

void require(bool condition) {
  if (!condition) std::abort();
}

void writeString(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || c == '"' || c == '\\') {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(std::string& out, const JsonValue& value) {
  const char* separator = "";
  switch (value.type) {
    case Type::Null:
      out += "null";
      break;
    case Type::Bool:
      out += value.boolean ? "true" : "false";
      break;
    case Type::Number: {
      std::array<char, 40> digits{};
      const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), value.number);
      require(problem == std::errc());
      out.append(digits.data(), end);
      break;
    }
    case Type::String:
      writeString(out, value.string);
      break;
    case Type::Array:
      out += '[';
      for (const JsonValue& element : value.array) {
        out += separator;
        write(out, element);
        separator = ",";
      }
      out += ']';
      break;
    case Type::Object:
      out += '{';
      for (const auto& [key, member] : value.object) {
        out += separator;
        writeString(out, key);
        out += ':';
        write(out, member);
        separator = ",";
      }
      out += '}';
      break;
  }
}

bool same(const JsonValue& a, const JsonValue& b) {
  if (a.type != b.type || a.boolean != b.boolean || a.number != b.number || a.string != b.string ||
      a.array.size() != b.array.size() || a.object.size() != b.object.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.array.size(); ++i) {
    if (!same(a.array[i], b.array[i])) return false;
  }
  for (auto left = a.object.begin(), right = b.object.begin(); left != a.object.end(); ++left, ++right) {
    if (left->first != right->first || !same(left->second, right->second)) return false;
  }
  return true;
}

bool isUtf8Throughout(const JsonValue& value) {
  if (!rtm::isValidUtf8(value.string)) return false;
  for (const JsonValue& element : value.array) {
    if (!isUtf8Throughout(element)) return false;
  }
  for (const auto& [key, member] : value.object) {
    if (!rtm::isValidUtf8(key) || !isUtf8Throughout(member)) return false;
  }
  return true;
}

void checkError(const std::string& error, std::string_view text) {
  if (error == "expected UTF-8") return require(!rtm::isValidUtf8(text));
  static constexpr std::string_view kStart = "at byte ";
  require(error.starts_with(kStart));
  std::size_t place = 0;
  const auto [end, problem] = std::from_chars(error.data() + kStart.size(), error.data() + error.size(), place);
  require(problem == std::errc() && place <= text.size());
  const std::string_view rest(end, static_cast<std::size_t>(error.data() + error.size() - end));
  static constexpr std::string_view kExpected = ": expected ";
  require(rest.starts_with(kExpected) && rest.size() > kExpected.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string error;
  const auto value = rtm::parseJson(text, &error);
  if (!value) {
    checkError(error, text);
    return 0;
  }
  require(error.empty());
  require(isUtf8Throughout(*value));
  std::string written;
  write(written, *value);
  const auto again = rtm::parseJson(written);
  require(again && same(*value, *again));
  return 0;
}
