#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rtm::guard {

/// A piece of the way of a message, run again and again. Its price is counted, not timed: see main.cpp.
struct Scenario {
  std::string name;
  /// Prepares everything and returns a function that handles `messages` messages of 256 bytes of text.
  std::function<std::function<void(std::size_t messages)>()> make;
  /// It goes over sockets and threads: its system calls are counted, and neither its instructions nor its allocations.
  bool systemCalls = false;
};

/// Messages handled between two results, two turns of a loop, or two batches.
inline constexpr std::size_t kBatch = 64;

inline const std::string& sampleText() {
  static const std::string text(256, 'x');
  return text;
}

Scenario codecScenario();
Scenario sendScenario();
Scenario receiveScenario();
Scenario relayScenario();
Scenario publishScenario();
Scenario wayScenario();

}  // namespace rtm::guard
