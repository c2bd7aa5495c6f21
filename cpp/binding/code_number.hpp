#pragma once

namespace rtm::binding {

/// The number of a code of the client, as JavaScript gets it.
template <typename Code>
constexpr int numberOf(Code code) {
  return static_cast<int>(code);
}

}  // namespace rtm::binding
