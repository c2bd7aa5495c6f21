#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rtm {

/// A value of a JSON text (RFC 8259). For option texts of a few lines, so the code is clear rather than fast.
struct JsonValue {
  enum class Type { Null, Bool, Number, String, Array, Object };
  Type type = Type::Null;
  bool boolean = false;
  double number = 0;
  std::string string;
  std::vector<JsonValue> array;
  std::map<std::string, JsonValue, std::less<>> object;  ///< the last of equal keys counts

  /// Member of an object, or null.
  const JsonValue* find(std::string_view key) const;
};

/// Parses a whole text: one value, white space around it, nothing else. Nesting is limited to 32 levels. Empty if the
/// text is not JSON; `error`, if given, then says where, and which text was expected.
std::optional<JsonValue> parseJson(std::string_view text, std::string* error = nullptr);

}  // namespace rtm
