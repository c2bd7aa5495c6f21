#include "binding/environment/text_memory.hpp"

namespace rtm::binding {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
/// Whether a string has a surrogate without its other half. Only asked when the UTF-8 has a U+FFFD, which may have been
/// in the string or may be what an unpaired surrogate was turned into.
bool hasUnpairedSurrogate(napi_env env, napi_value value) {
  std::size_t length = 0;
  if (napi_get_value_string_utf16(env, value, nullptr, 0, &length) != napi_ok) {
    return true;
  }
  std::vector<char16_t> units(length + 1);
  if (napi_get_value_string_utf16(env, value, units.data(), units.size(), &length) != napi_ok) {
    return true;
  }
  for (std::size_t i = 0; i < length; ++i) {
    const unsigned kind = units[i] & 0xFC00U;
    if (kind == 0xDC00U) {
      return true;
    }
    if (kind == 0xD800U) {
      if (i + 1 == length || (units[i + 1] & 0xFC00U) != 0xDC00U) {
        return true;
      }
      ++i;
    }
  }
  return false;
}

}  // namespace

bool TextMemory::read(napi_env env, napi_value value, TextArgument& text) {
  char* start = buffer_.data() + used_;
  const std::size_t room = buffer_.size() - used_;
  std::size_t size = 0;
  if (napi_get_value_string_utf8(env, value, start, room, &size) != napi_ok) {
    return false;
  }
  // A full buffer may have cut the string, at a character's boundary: up to three bytes before the end.
  if (size + 4 >= room) {
    std::size_t whole = 0;
    if (napi_get_value_string_utf8(env, value, nullptr, 0, &whole) != napi_ok) {
      return false;
    }
    overflow_.push_back(std::make_unique<char[]>(whole + 1));
    start = overflow_.back().get();
    if (napi_get_value_string_utf8(env, value, start, whole + 1, &size) != napi_ok) {
      return false;
    }
  } else {
    used_ += size + 1;
  }
  text.data = start;
  text.size = size;
  text.wellFormed = text.view().find(kReplacement) == std::string_view::npos || !hasUnpairedSurrogate(env, value);
  return true;
}

}  // namespace rtm::binding
