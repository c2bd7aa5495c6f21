// The judge as a program, for tests with real processes: reads one event a line, in JSON, from standard input. Prints
// each broken promise with the story of its message; the exit code is 1 if there is one, and 2 for a line that is no
// event.
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "history/history.hpp"

int main() {
  using namespace rtm::history;
  std::vector<Event> events;
  std::string line;
  std::string problem;
  while (std::getline(std::cin, line)) {
    if (line.empty()) continue;
    std::optional<Event> event = parse(line, problem);
    if (!event) {
      std::fprintf(stderr, "line %zu: %s\n", events.size() + 1, problem.c_str());
      return 2;
    }
    events.push_back(std::move(*event));
  }
  const std::vector<Violation> violations = judge(events, Order::Processes);
  for (const Violation& violation : violations) {
    std::printf("%s\n", violation.text.c_str());
    const long long message = events[violation.event].message;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool near = i + 3 >= violation.event && i <= violation.event + 3;
      if (near || (message != 0 && events[i].message == message)) std::printf("  %s\n", describe(events[i]).c_str());
    }
  }
  std::printf("%zu events, %zu broken promises\n", events.size(), violations.size());
  return violations.empty() ? 0 : 1;
}
