#pragma once

// From the C strings and lists of the drop-in surface to values of the client core.

#include <algorithm>
#include <string_view>
#include <vector>

#include "IAgoraRtmService.h"
#include "client/api/message.hpp"

namespace rtm::sdk {

/// Null is empty, which is never valid where something is required.
inline std::string_view orEmpty(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// How many entries of a list are looked at: more than any frame holds.
inline constexpr int kMostEntries = 65536;

/// A list of strings. Null, or a count below 1, is an empty list; a null entry is an empty string.
inline std::vector<std::string_view> toViews(const char* const* texts, int count) {
  std::vector<std::string_view> views;
  if (texts == nullptr) return views;
  for (int i = 0; i < std::min(count, kMostEntries); ++i) views.push_back(orEmpty(texts[i]));
  return views;
}

inline client::SendOptions toOptions(const agora::rtm::SendMessageOptions& options) {
  return {.offline = options.enableOfflineMessaging, .history = options.enableHistoricalMessaging};
}

}  // namespace rtm::sdk
