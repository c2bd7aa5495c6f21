#pragma once

// What a write of attributes and an answer about attributes hold, and the checks that need no stored state.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/model/names.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// 1 to `most` bytes of visible UTF-8 (a space counts as visible).
bool isValidAttributeKey(std::string_view key, std::size_t most);

/// The fault of a write, whatever the set holds: a code of ATTRIBUTE_OPERATION_ERR; 0 = nothing.
std::uint32_t checkAttributeWrite(wire::AttributeAction action, const std::vector<wire::Attribute>& entries,
                                  std::size_t mostKeyBytes);

/// One call that changes attributes, already checked.
struct AttributeWrite {
  wire::AttributeAction action = wire::AttributeAction::Set;
  std::vector<std::pair<std::string, std::string>> entries;  ///< key, value; of equal keys the last counts
};

struct AttributeWriteRequest {
  AppNumber app{};
  std::string owner;  ///< user id or channel id
  std::string writerId;
  std::uint64_t sessionId = 0;  ///< of the writer
  std::uint64_t fence = 0;      ///< of the writer
  std::uint32_t requestId = 0;
  std::uint64_t serverTimeMs = 0;
  bool notify = false;  ///< channels: members get the whole set
  bool inDebt = false;  ///< channels: the writer has not paid its earlier notices yet
  AttributeWrite write;
};

struct StoredAttribute {
  std::string key;
  std::string value;
  std::string updatedBy;
  std::uint64_t updatedMs = 0;
};

}  // namespace rtm::server
