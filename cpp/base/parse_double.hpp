#pragma once

#include <optional>
#include <string_view>

namespace rtm {

/// The double nearest to a decimal text: an optional '-', digits with an optional '.', an optional exponent. Empty for
/// any other text (white space, '+', inf, nan, hex, a rest) and for a number outside the range of a double: too large,
/// or not 0 and yet nearer to 0 than to the smallest double. The locale of the process and of the thread does not
/// matter.
std::optional<double> parseDouble(std::string_view text);

}  // namespace rtm
