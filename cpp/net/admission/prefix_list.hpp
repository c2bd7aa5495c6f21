#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/admission/address_prefix.hpp"

namespace rtm::net {

/// Networks that are written as in "192.0.2.0/24", "192.0.2.7", "2001:db8::/32". An IPv6 address without a length
/// stands for its /64. Immutable, so any thread may ask.
class PrefixList {
 public:
  PrefixList() = default;
  /// Failure: which entry is wrong, and what was expected.
  static Result<PrefixList> parse(const std::vector<std::string>& networks);

  bool contains(const AddressPrefix& prefix) const;

 private:
  struct Network {
    AddressPrefix::Kind kind = AddressPrefix::Kind::None;
    std::uint64_t bits = 0;
    std::uint64_t mask = 0;
  };
  static Result<Network> parseOne(std::string_view text);

  std::vector<Network> networks_;
};

}  // namespace rtm::net
