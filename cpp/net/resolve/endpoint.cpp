#include "net/resolve/endpoint.hpp"

#include <algorithm>
#include <utility>

#include "base/common_constants.hpp"

namespace rtm::net {
namespace {

std::string areaNames(std::uint32_t areas) {
  if (areas == kEveryArea.bit) return std::string(kEveryArea.name);
  std::string names;
  for (const auto& [name, bit] : kAreas) {
    if ((areas & bit) == 0) continue;
    if (!names.empty()) names += '|';
    names += name;
  }
  return names;
}

}  // namespace

std::uint32_t areaCode(std::string_view name) {
  if (name == kEveryArea.name) return kEveryArea.bit;
  const auto known = std::find_if(kAreas.begin(), kAreas.end(), [&](const Area& area) { return area.name == name; });
  return known != kAreas.end() ? known->bit : 0;
}

std::string Endpoint::toString() const {
  std::string text = scheme + "://";
  const bool brackets = host.find(':') != std::string::npos;
  if (brackets) text += '[';
  text += host;
  text += brackets ? "]:" : ":";
  text += std::to_string(port);
  char separator = '#';
  const auto add = [&](const std::string& option) {
    text += separator + option;
    separator = '&';
  };
  if (!pin.empty()) add("sha256=" + pin);
  if (const std::string names = areaNames(areas); !names.empty()) add("area=" + names);
  if (udp) add("udp=" + (*udp == port ? "on" : *udp == 0 ? "off" : std::to_string(*udp)));
  return text;
}

}  // namespace rtm::net
