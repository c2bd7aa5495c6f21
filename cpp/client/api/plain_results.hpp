#pragma once

namespace rtm::client {

// Results of the calls of the surface that have no enumeration: 0, or a number for a failure (docs/spec/api.md §2).

inline constexpr int kInvalidParameters = -2;  ///< of setParameters, which alone answers with a negative value
inline constexpr int kLogFailure = 1;

}  // namespace rtm::client
