#pragma once

#include <cstddef>
#include <string_view>

#include "base/common_constants.hpp"

namespace rtm {

/// Length of an App ID and of an App certificate: both are used as text, never decoded from hexadecimal.
inline constexpr std::size_t kAppIdBytes = 32;

/// True for 1 to 64 bytes of the allowed set (letters, digits, space and the listed ASCII punctuation) that are not the
/// literal `null`. Ids are case-sensitive, so `NULL` is a name like any other.
bool isValidUserId(std::string_view id);

/// The same rule as for user ids. 64 bytes are allowed, on which the vendor's C++ and REST documents differ.
bool isValidChannelId(std::string_view id);

/// True for exactly 32 hexadecimal characters of either case. App certificates have the same form.
bool isValidAppId(std::string_view id);

/// Strict UTF-8 of RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF, no truncated sequence.
/// The empty text is valid; so is U+0000, which callers that hand out C strings must refuse themselves.
bool isValidUtf8(std::string_view text);

/// UTF-8 without control characters of any kind, as keys of attributes have to be (docs/spec/limits.md §4).
bool isVisibleText(std::string_view text);

}  // namespace rtm
