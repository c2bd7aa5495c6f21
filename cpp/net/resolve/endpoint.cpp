#include "net/resolve/endpoint.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace rtm::net {
namespace {

// RTM_AREA_CODE of the drop-in header, bit by bit.
constexpr std::array<std::pair<std::string_view, std::uint32_t>, 7> kAreas = {
    {{"CN", 1}, {"NA", 2}, {"EU", 4}, {"AS", 8}, {"JP", 16}, {"IN", 32}, {"GLOB", 0xFFFFFFFF}}};

std::string areaNames(std::uint32_t areas) {
  if (areas == kAreas.back().second) return std::string(kAreas.back().first);
  std::string names;
  for (const auto& [name, bit] : kAreas) {
    if (bit == kAreas.back().second || (areas & bit) == 0) continue;
    if (!names.empty()) names += '|';
    names += name;
  }
  return names;
}

}  // namespace

std::uint32_t areaCode(std::string_view name) {
  const auto known = std::find_if(kAreas.begin(), kAreas.end(), [&](const auto& area) { return area.first == name; });
  return known != kAreas.end() ? known->second : 0;
}

std::string Endpoint::toString() const {
  std::string text = scheme + "://";
  const bool brackets = host.find(':') != std::string::npos;
  if (brackets) text += '[';
  text += host;
  text += brackets ? "]:" : ":";
  text += std::to_string(port);
  if (!pin.empty()) text += "#sha256=" + pin;
  if (const std::string names = areaNames(areas); !names.empty()) {
    text += (pin.empty() ? "#area=" : "&area=") + names;
  }
  return text;
}

}  // namespace rtm::net
