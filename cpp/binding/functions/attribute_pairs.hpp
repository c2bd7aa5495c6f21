#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "binding/arguments/arguments.hpp"
#include "client/api/attribute_values.hpp"

namespace rtm::binding {

/// Reads an array: key, value, key, value …
inline std::vector<client::AttributeView> attributePairs(Arguments& arguments, std::size_t index) {
  const std::vector<std::string_view> texts = arguments.strictTexts(index);
  std::vector<client::AttributeView> entries;
  entries.reserve(texts.size() / 2);
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    entries.push_back({texts[i], texts[i + 1]});
  }
  return entries;
}

}  // namespace rtm::binding
