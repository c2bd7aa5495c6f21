#include "binding/arguments/arguments.hpp"

#include <cstring>

#include "binding/environment/native_environment.hpp"

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

bool Scratch::read(napi_env env, napi_value value, TextArgument& text) {
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

Call::Call(napi_env env, napi_callback_info info) : env_(env) {
  void* data = nullptr;
  napi_get_cb_info(env, info, &count_, arguments_.data(), nullptr, &data);  // cannot fail for a live call
  port_ = static_cast<Port*>(data);
  port_->scratch().reset();
}

std::uint32_t Call::word(std::size_t index) {
  std::uint32_t value = 0;
  if (!failed_ && napi_get_value_uint32(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a number");
  }
  return value;
}

std::int32_t Call::integer(std::size_t index) {
  std::int32_t value = 0;
  if (!failed_ && napi_get_value_int32(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a number");
  }
  return value;
}

double Call::number(std::size_t index) {
  double value = 0;
  if (!failed_ && napi_get_value_double(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a number");
  }
  return value;
}

bool Call::boolean(std::size_t index) {
  bool value = false;
  if (!failed_ && napi_get_value_bool(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a boolean");
  }
  return value;
}

TextArgument Call::text(std::size_t index) {
  TextArgument text;
  if (failed_ || port_->scratch().read(env_, arguments_[index], text)) {
    return text;
  }
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env_, arguments_[index], &type) != napi_ok || type != napi_null) {
    refuse(index, "a string");
  }
  return text;
}

namespace {

const char* asCString(const TextArgument& argument) {
  const bool fits = argument.wellFormed && argument.view().find('\0') == std::string_view::npos;
  return fits ? argument.data : Call::kUnusable;
}

}  // namespace

const char* Call::cString(std::size_t index) {
  return asCString(text(index));
}

std::vector<const char*> Call::cStrings(std::size_t index) {
  std::vector<const char*> strings;
  std::uint32_t length = 0;
  napi_valuetype type = napi_undefined;
  if (failed_ || (napi_typeof(env_, arguments_[index], &type) == napi_ok && type == napi_null)) {
    return strings;
  }
  if (napi_get_array_length(env_, arguments_[index], &length) != napi_ok) {
    refuse(index, "an array of strings");
    return strings;
  }
  strings.reserve(length);
  for (std::uint32_t i = 0; i < length; ++i) {
    napi_value element = nullptr;
    TextArgument argument;
    if (napi_get_element(env_, arguments_[index], i, &element) != napi_ok ||
        !port_->scratch().read(env_, element, argument)) {
      refuse(index, "an array of strings");
      return strings;
    }
    strings.push_back(asCString(argument));
  }
  return strings;
}

ByteView Call::bytes(std::size_t index) {
  if (failed_) {
    return {};
  }
  napi_valuetype kind = napi_undefined;
  if (napi_typeof(env_, arguments_[index], &kind) == napi_ok && kind == napi_undefined) {
    return {};
  }
  bool typed = false;
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  if (napi_is_typedarray(env_, arguments_[index], &typed) != napi_ok || !typed ||
      napi_get_typedarray_info(env_, arguments_[index], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint8_array) {
    refuse(index, "an instance of Uint8Array");
    return {};
  }
  return {static_cast<const std::uint8_t*>(data), data == nullptr ? 0 : length};
}

napi_value Call::integerResult(int value) const {
  napi_value result = nullptr;
  napi_create_int32(env_, value, &result);
  return result;
}

napi_value Call::wordResult(std::uint32_t value) const {
  napi_value result = nullptr;
  napi_create_uint32(env_, value, &result);
  return result;
}

napi_value Call::numberResult(double value) const {
  napi_value result = nullptr;
  napi_create_double(env_, value, &result);
  return result;
}

napi_value Call::textResult(std::string_view utf8) const {
  napi_value result = nullptr;
  napi_create_string_utf8(env_, utf8.data(), utf8.size(), &result);
  return result;
}

void Call::refuse(std::size_t index, const char* expected) {
  if (failed_) {
    return;
  }
  failed_ = true;
  const std::string message = "argument " + std::to_string(index) + ": expected " + expected;
  napi_throw_type_error(env_, "ERR_RTM_INVALID_ARG_TYPE", message.c_str());
}

}  // namespace rtm::binding
