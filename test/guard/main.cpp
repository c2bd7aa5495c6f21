// The cost of one message in each part of its way, in numbers that do not depend on the load of the machine:
// allocations and system calls, counted here, and instructions, which callgrind counts within guardMeasured().
// scripts/check-guard.mjs runs both.
//
// Usage: rtm_guard                       names of the scenarios, one a line; "<name>: system calls" for what has only
// those
//        rtm_guard <scenario> <messages> handles them after as many to warm up; says "allocations <number>", and
//                                        "system calls <number>"

#include <cstdlib>
#include <iostream>

#include "allocations.hpp"
#include "scenario.hpp"
#include "system_calls.hpp"

/// callgrind collects between its beginning and its end, on this thread only.
extern "C" __attribute__((noinline)) void guardMeasured(const std::function<void(std::size_t)>& handle,
                                                        std::size_t messages) {
  handle(messages);
}

int main(int argc, char** argv) {
  using namespace rtm::guard;
  const std::vector<Scenario> scenarios = {codecScenario(), sendScenario(),    receiveScenario(),
                                           relayScenario(), publishScenario(), wayScenario()};
  if (argc < 3) {
    for (const Scenario& scenario : scenarios) {
      std::cout << scenario.name << (scenario.systemCalls ? ": system calls\n" : "\n");
    }
    return 0;
  }
  for (const Scenario& scenario : scenarios) {
    if (scenario.name != argv[1]) continue;
    const auto messages = static_cast<std::size_t>(std::strtoul(argv[2], nullptr, 10));
    const std::function<void(std::size_t)> handle = scenario.make();
    handle(messages);
    const std::size_t before = allocations();
    const std::size_t callsBefore = systemCalls();
    guardMeasured(handle, messages);
    const std::size_t calls = systemCalls() - callsBefore;
    std::cout << "allocations " << allocations() - before << "\nsystem calls " << calls << std::endl;
    std::quick_exit(0);  // what the scenario holds is not worth its tidying up under valgrind
  }
  std::cerr << "no scenario " << argv[1] << "\n";
  return 2;
}
