#include "server/model/attributes.hpp"

#include "base/identifiers.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

using wire::AttributeAction;

/// C programs get values as C strings: what follows a NUL would be lost to them.
bool isValidValue(std::string_view value) {
  return !value.empty() && value.find('\0') == std::string_view::npos && isValidUtf8(value);
}

}  // namespace

bool isValidAttributeKey(std::string_view key, std::size_t most) {
  return !key.empty() && key.size() <= most && isVisibleText(key);
}

std::uint32_t checkAttributeWrite(AttributeAction action, const std::vector<wire::Attribute>& entries,
                                  std::size_t mostKeyBytes) {
  const bool values = action == AttributeAction::Set || action == AttributeAction::Merge;
  if (!values && action != AttributeAction::Delete && action != AttributeAction::Clear) {
    return code::attributes::kInvalidArgument;
  }
  if (entries.empty() && action != AttributeAction::Clear) return code::attributes::kInvalidArgument;
  for (const wire::Attribute& entry : entries) {
    if (!isValidAttributeKey(entry.key, mostKeyBytes)) return code::attributes::kInvalidArgument;
    if (values && !isValidValue(entry.value)) return code::attributes::kInvalidArgument;
  }
  return code::kOk;
}

}  // namespace rtm::server
