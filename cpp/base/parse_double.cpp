#include "base/parse_double.hpp"

// newlocale and strtod_l stand in no header of the C++ standard. NOLINTBEGIN(modernize-deprecated-headers)
#include <locale.h>
#include <stdlib.h>
// NOLINTEND(modernize-deprecated-headers)
#ifdef __APPLE__
#include <xlocale.h>
#endif

#include <cmath>
#include <string>

namespace rtm {

// std::from_chars for floating point is missing in libc++ before version 20, with which prebuilds are made, and strtod
// expects a comma where the locale has one. strtod_l takes its locale as an argument and rounds correctly.
std::optional<double> parseDouble(std::string_view text) {
  // strtod also takes leading white space, '+', hex, inf and nan.
  if (text.empty() || text.front() == '+' || text.find_first_not_of("0123456789.eE+-") != std::string_view::npos) {
    return std::nullopt;
  }
  static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
  if (plain == nullptr) return std::nullopt;
  const std::string terminated(text);
  char* end = nullptr;
  const double number = strtod_l(terminated.c_str(), &end, plain);
  if (end != terminated.c_str() + terminated.size() || std::isinf(number)) return std::nullopt;
  if (number == 0) {
    const std::string_view digits = text.substr(0, text.find_first_of("eE"));
    if (digits.find_first_of("123456789") != std::string_view::npos) return std::nullopt;
  }
  return number;
}

}  // namespace rtm
