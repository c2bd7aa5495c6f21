#pragma once

#include <string_view>

namespace rtm::client {

struct AttributeView {
  std::string_view key;    ///< 1 to 32 visible bytes, if the server's policy says nothing else
  std::string_view value;  ///< UTF-8, not empty
};

struct ChannelAttributeView {
  std::string_view key;
  std::string_view value;
  std::string_view updatedBy;  ///< the user who wrote it last
  long long updatedMs = 0;     ///< since 1970 UTC, by the server's clock
};

/// What a write does with the set that is there.
enum class AttributeWrite {
  Set,     ///< replaces it
  Merge,   ///< adds to it
  Delete,  ///< removes keys
  Clear,   ///< removes all
};

}  // namespace rtm::client
