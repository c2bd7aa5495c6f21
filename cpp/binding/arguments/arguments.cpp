#include "binding/arguments/arguments.hpp"

namespace rtm::binding {
namespace {

std::string_view strict(const TextArgument& argument) {
  return argument.isStrict() ? argument.view() : Arguments::kUnusable;
}

}  // namespace

Arguments::Arguments(napi_env env, napi_callback_info info) : env_(env) {
  void* data = nullptr;
  napi_get_cb_info(env, info, &count_, arguments_.data(), nullptr, &data);  // cannot fail for a live call
  environment_ = static_cast<NativeEnvironment*>(data);
  environment_->textMemory().reset();
}

std::uint32_t Arguments::word(std::size_t index) {
  std::uint32_t value = 0;
  if (!failed_ && napi_get_value_uint32(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a number");
  }
  return value;
}

std::int32_t Arguments::integer(std::size_t index) {
  std::int32_t value = 0;
  if (!failed_ && napi_get_value_int32(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a number");
  }
  return value;
}

double Arguments::number(std::size_t index) {
  double value = 0;
  if (!failed_ && napi_get_value_double(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a number");
  }
  return value;
}

bool Arguments::boolean(std::size_t index) {
  bool value = false;
  if (!failed_ && napi_get_value_bool(env_, arguments_[index], &value) != napi_ok) {
    refuse(index, "a boolean");
  }
  return value;
}

TextArgument Arguments::text(std::size_t index) {
  TextArgument text;
  if (failed_ || environment_->textMemory().read(env_, arguments_[index], text)) {
    return text;
  }
  napi_valuetype type = napi_undefined;
  if (napi_typeof(env_, arguments_[index], &type) != napi_ok || type != napi_null) {
    refuse(index, "a string");
  }
  return text;
}
std::string_view Arguments::strictText(std::size_t index) {
  return strict(text(index));
}

std::vector<std::string_view> Arguments::strictTexts(std::size_t index) {
  std::vector<std::string_view> strings;
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
        !environment_->textMemory().read(env_, element, argument)) {
      refuse(index, "an array of strings");
      return strings;
    }
    strings.push_back(strict(argument));
  }
  return strings;
}

ByteView Arguments::bytes(std::size_t index) {
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

napi_value Arguments::integerResult(int value) const {
  napi_value result = nullptr;
  napi_create_int32(env_, value, &result);
  return result;
}

napi_value Arguments::wordResult(std::uint32_t value) const {
  napi_value result = nullptr;
  napi_create_uint32(env_, value, &result);
  return result;
}

napi_value Arguments::numberResult(double value) const {
  napi_value result = nullptr;
  napi_create_double(env_, value, &result);
  return result;
}

napi_value Arguments::textResult(std::string_view utf8) const {
  napi_value result = nullptr;
  napi_create_string_utf8(env_, utf8.data(), utf8.size(), &result);
  return result;
}

void Arguments::refuse(std::size_t index, const char* expected) {
  if (failed_) {
    return;
  }
  failed_ = true;
  const std::string message = "argument " + std::to_string(index) + ": expected " + expected;
  napi_throw_type_error(env_, "ERR_RTM_INVALID_ARG_TYPE", message.c_str());
}

}  // namespace rtm::binding
