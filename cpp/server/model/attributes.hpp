#pragma once

// The checks of attributes that need no stored state.

#include <cstdint>
#include <string_view>
#include <vector>

#include "server/model/attribute_records.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// 1 to `most` bytes of visible UTF-8 (a space counts as visible).
bool isValidAttributeKey(std::string_view key, std::size_t most);

/// The fault of a write, whatever the set holds: a code of ATTRIBUTE_OPERATION_ERR; 0 = nothing.
std::uint32_t checkAttributeWrite(wire::AttributeAction action, const std::vector<wire::Attribute>& entries,
                                  std::size_t mostKeyBytes);

}  // namespace rtm::server
