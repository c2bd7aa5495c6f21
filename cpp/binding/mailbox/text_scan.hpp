#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rtm::binding {

/// The properties of a text that say where it lies in a JavaScript string.
struct TextScan {
  std::size_t units = 0;  ///< length in UTF-16 code units
  bool ascii = true;
  bool valid = true;  ///< the text is well-formed UTF-8; if not, `units` means nothing
};

TextScan scanText(std::string_view utf8);

/// The text with U+FFFD for each byte that is no part of well-formed UTF-8. The wire refuses such text, so it comes
/// from elsewhere. Without the repair one odd text would shift the positions of all later texts in its batch.
std::string repairText(std::string_view text);

}  // namespace rtm::binding
