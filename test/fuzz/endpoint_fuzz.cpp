// Endpoints as a server names them in BYE, and as a user configures them. An endpoint that parses must survive a round
// trip through its text; any other text must be refused with a short reason.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/connect/parse_endpoint.hpp"
#include "net/schemes.hpp"

namespace {

using rtm::net::Endpoint;

/// The quoted parts of a text are cut, so that a long text does not fill the log.
constexpr std::size_t kLongestReason = 1000;

void require(bool condition) {
  if (!condition) std::abort();
}

bool same(const Endpoint& a, const Endpoint& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port && a.pin == b.pin && a.areas == b.areas;
}

bool isPin(std::string_view pin) {
  const auto lowerHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return pin.size() == 64 && std::all_of(pin.begin(), pin.end(), lowerHex);
}

void check(const Endpoint& endpoint) {
  require(!endpoint.host.empty() && endpoint.port != 0);
  require(rtm::net::schemes::find(endpoint.scheme) != nullptr);
  require(endpoint.pin.empty() || (isPin(endpoint.pin) && rtm::net::schemes::secure(endpoint.scheme)));
  const auto again = rtm::net::parseEndpoint(endpoint.toString());
  require(again.ok() && same(endpoint, again.value()));
}

void checkReason(const std::string& reason) {
  require(!reason.empty() && reason.size() <= kLongestReason);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto endpoint = rtm::net::parseEndpoint(text)) {
    check(endpoint.value());
  } else {
    checkReason(endpoint.failure().message);
  }
  if (const auto list = rtm::net::parseEndpoints(text)) {
    require(!list.value().empty());
    for (const Endpoint& endpoint : list.value()) check(endpoint);
  } else {
    checkReason(list.failure().message);
  }
  return 0;
}
