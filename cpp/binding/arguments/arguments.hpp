#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "binding/environment/napi_setup.hpp"

namespace rtm::binding {

class Port;

/// A string argument: UTF-8 followed by a NUL that does not count. Lives as long as the Call.
struct TextArgument {
  const char* data = nullptr;  ///< null: the argument was null
  std::size_t size = 0;
  bool wellFormed = true;  ///< no unpaired surrogate had to be replaced

  std::string_view view() const { return {data, size}; }
};

/// Memory for the string arguments of one call at a time, kept between calls, so that a send allocates nothing.
class Scratch {
 public:
  Scratch() : buffer_(kSize) {}
  void reset() {
    used_ = 0;
    if (!overflow_.empty()) {
      overflow_.clear();
    }
  }
  /// Reads `value` as UTF-8. False: it is no string, or the environment is going.
  bool read(napi_env env, napi_value value, TextArgument& text);

 private:
  static constexpr std::size_t kSize = 68 * 1024;  ///< the longest message and an id or two
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<char[]>> overflow_;
};

/// What a call of a released object answers: the value that every enumeration of the surface has for it.
inline constexpr int kNotInitialized = 101;

/// One call from JavaScript: its arguments, checked as they are read. The first wrong one throws a TypeError in
/// JavaScript; what is read after it is empty, and the entry point looks at failed() once before it acts.
class Call {
 public:
  static constexpr std::size_t kMaxArguments = 8;
  /// What cString() gives for a string that a C string cannot hold. Refused by every check: of ids, tokens, JSON, and
  /// of free text such as attribute values, since it is not UTF-8. Known by its address.
  static constexpr char kUnusable[] = "\x01\xFF";

  Call(napi_env env, napi_callback_info info);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  napi_env env() const { return env_; }
  Port& port() const { return *port_; }
  bool failed() const { return failed_; }
  napi_value operator[](std::size_t index) const { return arguments_[index]; }

  std::uint32_t word(std::size_t index);
  std::int32_t integer(std::size_t index);
  double number(std::size_t index);
  bool boolean(std::size_t index);
  /// A string, or null.
  TextArgument text(std::size_t index);
  /// The same as an argument for a C function. A string that a C string cannot hold unaltered (an inner NUL, an
  /// unpaired surrogate) becomes one that no call accepts, so that it gives the error value of a malformed one instead
  /// of being cut off or changed.
  const char* cString(std::size_t index);
  /// An array of strings, each as by cString(); an inner NUL or unpaired surrogate makes one element unusable. Null: no
  /// list.
  std::vector<const char*> cStrings(std::size_t index);
  /// A Uint8Array, or undefined: then data() is null.
  ByteView bytes(std::size_t index);

  napi_value integerResult(int value) const;
  napi_value wordResult(std::uint32_t value) const;
  napi_value numberResult(double value) const;
  napi_value textResult(std::string_view utf8) const;

  /// Throws `ERR_RTM_INVALID_ARG_TYPE`. lib/ checks before it calls, so this is the second line.
  void refuse(std::size_t index, const char* expected);

 private:
  napi_env env_;
  Port* port_ = nullptr;
  std::size_t count_ = kMaxArguments;
  std::array<napi_value, kMaxArguments> arguments_{};
  bool failed_ = false;
};

}  // namespace rtm::binding
