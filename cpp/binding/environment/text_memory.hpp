#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "binding/napi_setup.hpp"

namespace rtm::binding {

/// A string argument as UTF-8. The memory lives until the next native call.
struct TextArgument {
  const char* data = nullptr;  ///< null: the argument was null
  std::size_t size = 0;
  bool wellFormed = true;  ///< no unpaired surrogate had to be replaced

  std::string_view view() const { return {data, size}; }
  /// Well-formed, and without an inner NUL.
  bool isStrict() const { return wellFormed && view().find('\0') == std::string_view::npos; }
};

/// Memory for the string arguments of one native call at a time. The memory is kept between calls, so that a send
/// allocates nothing.
class TextMemory {
 public:
  TextMemory() : buffer_(kSize) {}
  /// Forgets the strings of the call before.
  void reset() {
    used_ = 0;
    if (!overflow_.empty()) {
      overflow_.clear();
    }
  }
  /// Reads `value` as UTF-8. False: `value` is no string, or the environment is going.
  bool read(napi_env env, napi_value value, TextArgument& text);

 private:
  static constexpr std::size_t kSize = 68 * 1024;  ///< the longest message and an id or two
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<char[]>> overflow_;
};

}  // namespace rtm::binding
