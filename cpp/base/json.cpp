#include "base/json.hpp"

#include <charconv>
#include <cstdint>

#include "base/identifiers.hpp"
#include "base/parse_double.hpp"

namespace rtm {

namespace {

constexpr int kMaxDepth = 32;

void appendUtf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool parseDocument(JsonValue& value) {
    skipSpace();
    if (!parseValue(value, 0)) return false;
    skipSpace();
    return at_ == text_.size() || expected("the end of the text");
  }
  std::string error() const { return "at byte " + std::to_string(at_) + ": expected " + expected_; }

 private:
  bool expected(const char* what) {
    if (expected_.empty()) expected_ = what;
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  bool takeWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return expected("a value");
    at_ += word.size();
    return true;
  }
  void skipSpace() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  bool parseValue(JsonValue& value, int depth) {
    switch (peek()) {
      case '{':
        return parseObject(value, depth);
      case '[':
        return parseArray(value, depth);
      case '"':
        value.type = JsonValue::Type::String;
        return parseString(value.string);
      case 't':
      case 'f':
        value.type = JsonValue::Type::Bool;
        value.boolean = peek() == 't';
        return takeWord(value.boolean ? "true" : "false");
      case 'n':
        return takeWord("null");
      default:
        return parseNumber(value);
    }
  }

  bool parseObject(JsonValue& value, int depth) {
    if (depth == kMaxDepth) return expected("at most 32 levels of nesting");
    value.type = JsonValue::Type::Object;
    ++at_;
    skipSpace();
    if (take('}')) return true;
    do {
      skipSpace();
      std::string key;
      if (peek() != '"') return expected("a key in quotes");
      if (!parseString(key)) return false;
      skipSpace();
      if (!take(':')) return expected("':'");
      skipSpace();
      JsonValue member;
      if (!parseValue(member, depth + 1)) return false;
      value.object.insert_or_assign(std::move(key), std::move(member));
      skipSpace();
    } while (take(','));
    return take('}') || expected("',' or '}'");
  }

  bool parseArray(JsonValue& value, int depth) {
    if (depth == kMaxDepth) return expected("at most 32 levels of nesting");
    value.type = JsonValue::Type::Array;
    ++at_;
    skipSpace();
    if (take(']')) return true;
    do {
      skipSpace();
      if (!parseValue(value.array.emplace_back(), depth + 1)) return false;
      skipSpace();
    } while (take(','));
    return take(']') || expected("',' or ']'");
  }

  bool parseHex4(std::uint32_t& code) {
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() != 4 || problem != std::errc{} || end != digits.data() + 4) return expected("4 hex digits");
    at_ += 4;
    return true;
  }

  bool parseEscape(std::string& out) {
    static constexpr std::string_view kNames = "\"\\/bfnrt";
    static constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (!take('u')) {
      const std::size_t index = kNames.find(peek());
      if (index == std::string_view::npos) return expected("an escape");
      ++at_;
      out += kValues[index];
      return true;
    }
    std::uint32_t code = 0;
    if (!parseHex4(code)) return false;
    if (code >= 0xd800 && code < 0xdc00) {
      std::uint32_t low = 0;
      if (!take('\\') || !take('u') || !parseHex4(low) || low < 0xdc00 || low > 0xdfff) {
        return expected("the second half of a surrogate pair");
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code >= 0xdc00 && code < 0xe000) {
      return expected("the first half of a surrogate pair");
    }
    appendUtf8(out, code);
    return true;
  }

  bool parseString(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return expected("no control character in a string");
      ++at_;
      if (c == '\\') {
        if (!parseEscape(out)) return false;
      } else {
        out += c;
      }
    }
    return expected("'\"'");
  }

  bool parseNumber(JsonValue& value) {
    // parseDouble takes a superset (leading zeros, a bare point), so the grammar is checked first.
    const std::size_t start = at_;
    const bool negative = take('-');
    if (!take('0') && !digits()) return expected(negative ? "a digit" : "a value");
    if (take('.') && !digits()) return expected("a digit");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return expected("a digit");
    }
    value.type = JsonValue::Type::Number;
    const std::optional<double> number = parseDouble(text_.substr(start, at_ - start));
    if (!number) return expected("a number in the range of a double");
    value.number = *number;
    return true;
  }

  bool digits() {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ != start;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string expected_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &found->second;
}

std::optional<JsonValue> parseJson(std::string_view text, std::string* error) {
  if (!isValidUtf8(text)) {
    if (error != nullptr) *error = "expected UTF-8";
    return std::nullopt;
  }
  Parser parser(text);
  JsonValue value;
  if (parser.parseDocument(value)) return value;
  if (error != nullptr) *error = parser.error();
  return std::nullopt;
}

}  // namespace rtm
