#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rtm::binding {

/// What must be known of a text to find it again in a JavaScript string.
struct TextScan {
  std::size_t units = 0;  ///< length in UTF-16 code units
  bool ascii = true;
  bool valid = true;  ///< well-formed UTF-8; if not, `units` means nothing
};

TextScan scanText(std::string_view utf8);

/// The text with U+FFFD for each byte that is no part of well-formed UTF-8. The wire refuses such text, so this is for
/// a string that came another way: one odd message must not shift the positions of all others in its batch.
std::string repairText(std::string_view text);

}  // namespace rtm::binding
