#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace rtm {

/// Decodes standard base64 (RFC 4648 section 4) strictly: padded to a multiple of four characters, no white space, no
/// URL-safe letters, and the unused bits before the padding are zero. So every byte string has exactly one accepted
/// text, and a changed character is either refused or changes the bytes. Nothing when the text breaks a rule.
std::optional<Bytes> decodeBase64(std::string_view text);

}  // namespace rtm
