#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "binding/environment/native_environment.hpp"
#include "binding/environment/text_memory.hpp"
#include "binding/napi_setup.hpp"

namespace rtm::binding {

/// The answer to a call of a released object: every enumeration of the surface has this value for "not initialized".
inline constexpr int kNotInitialized = 101;

/// The arguments of one call from JavaScript, checked as they are read. The first wrong argument throws a TypeError in
/// JavaScript. Arguments read after it are empty, so a function asks failed() once, before it acts.
class Arguments {
 public:
  static constexpr std::size_t kMaxArguments = 8;
  /// Stands for a string that the core must refuse: with an inner NUL, or with an unpaired surrogate, which UTF-8
  /// cannot hold. Every check of the core refuses it: the checks of ids, tokens and JSON, and the checks of free text
  /// such as attribute values, because it is not UTF-8.
  static constexpr std::string_view kUnusable = "\x01\xFF";

  Arguments(napi_env env, napi_callback_info info);
  ~Arguments() = default;
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  napi_env env() const { return env_; }
  NativeEnvironment& environment() const { return *environment_; }
  ObjectTables& objects() const { return environment_->objects(); }
  bool failed() const { return failed_; }
  napi_value operator[](std::size_t index) const { return arguments_[index]; }

  std::uint32_t word(std::size_t index);
  std::int32_t integer(std::size_t index);
  double number(std::size_t index);
  bool boolean(std::size_t index);
  /// A string, or null.
  TextArgument text(std::size_t index);
  /// A string for the core. Null becomes an empty one, whose data() is null. A string with an inner NUL or an unpaired
  /// surrogate becomes kUnusable, so that the call answers with the error of a malformed string.
  std::string_view strictText(std::size_t index);
  /// An array of strings, each as strictText() gives it; an empty list for null.
  std::vector<std::string_view> strictTexts(std::size_t index);
  /// A Uint8Array, or undefined: then data() is null.
  ByteView bytes(std::size_t index);

  napi_value integerResult(int value) const;
  napi_value wordResult(std::uint32_t value) const;
  napi_value numberResult(double value) const;
  napi_value textResult(std::string_view utf8) const;

  /// Throws `ERR_RTM_INVALID_ARG_TYPE`. lib/ checks arguments before it calls, so this is the second line of defence.
  void refuse(std::size_t index, const char* expected);

 private:
  napi_env env_;
  NativeEnvironment* environment_ = nullptr;
  std::size_t count_ = kMaxArguments;
  std::array<napi_value, kMaxArguments> arguments_{};
  bool failed_ = false;
};

}  // namespace rtm::binding
