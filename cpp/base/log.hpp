#pragma once

#include <functional>
#include <string_view>

namespace rtm {

/// Bits as in LOG_FILTER_TYPE (docs/spec/enums.md): a filter is a set of levels.
enum class LogLevel : unsigned { Info = 0x1, Warning = 0x2, Error = 0x4, Critical = 0x8, Debug = 0x800 };

/// Takes one line without its newline. Called from any thread; must not block for long. Lines never hold payloads or
/// tokens.
using LogSink = std::function<void(LogLevel, std::string_view line)>;

}  // namespace rtm
