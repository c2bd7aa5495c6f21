#pragma once

#include <functional>
#include <string_view>

#include "base/log_levels.hpp"

namespace rtm {

/// Takes one line without its newline. Called from any thread; must not block for long. Lines never hold payloads or
/// tokens.
using LogSink = std::function<void(LogLevel, std::string_view line)>;

}  // namespace rtm
