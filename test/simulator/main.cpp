// The simulator: plays schedules of faults in virtual time, one after another, and judges the history of each.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "simulator/schedule.hpp"

namespace {

constexpr const char* kUsage =
    "Usage: rtm_simulator [options]\n"
    "Plays schedules of faults against clients and a server in one thread and in virtual time. One seed decides all of "
    "a\n"
    "schedule. A broken promise prints its seed and what happened, and the exit code is 1.\n"
    "\n"
    "  --first <n>    the first seed (default 1)\n"
    "  --count <n>    how many schedules (default 1000)\n"
    "  --seed <n>     only this one, with its story\n"
    "  --most <n>     stop after this many schedules with broken promises (default 1)\n"
    "  --twice        play each schedule twice, and compare\n"
    "  --quiet        no story, only seeds and what was broken\n"
    "  --help\n";

struct Options {
  std::uint64_t first = 1;
  std::uint64_t count = 1000;
  std::uint64_t most = 1;
  bool one = false;
  bool twice = false;
  bool quiet = false;
};

volatile std::uint64_t presentSeed = 0;

/// A crash names its seed, too.
void onCrash(int signal) {
  char text[64];
  const int size = std::snprintf(text, sizeof(text), "\nseed %llu: signal %d\n",
                                 static_cast<unsigned long long>(presentSeed), signal);
  if (size > 0) static_cast<void>(!::write(STDERR_FILENO, text, static_cast<std::size_t>(size)));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

/// False: a bad option, which is named.
bool parse(int count, char** values, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--twice") {
      options.twice = true;
      continue;
    }
    if (name == "--quiet") {
      options.quiet = true;
      continue;
    }
    std::uint64_t* const to = name == "--first"   ? &options.first
                              : name == "--count" ? &options.count
                              : name == "--most"  ? &options.most
                              : name == "--seed"  ? &options.first
                                                  : nullptr;
    if (to == nullptr) {
      std::fprintf(stderr, "unknown option %s\n\n%s", values[i], kUsage);
      return false;
    }
    const std::string_view number = i + 1 < count ? values[++i] : "";
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), *to);
    if (error != std::errc{} || end != number.data() + number.size()) {
      std::fprintf(stderr, "%.*s: expected a number, got \"%.*s\"\n\n%s", static_cast<int>(name.size()), name.data(),
                   static_cast<int>(number.size()), number.data(), kUsage);
      return false;
    }
    if (name == "--seed") {
      options.one = true;
      options.count = 1;
    }
  }
  return true;
}

}  // namespace

int main(int count, char** values) {
  if (std::any_of(values + 1, values + count, [](const char* each) { return std::strcmp(each, "--help") == 0; })) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  Options options;
  if (!parse(count, values, options)) return 2;
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, onCrash);

  const auto begin = std::chrono::steady_clock::now();
  std::map<std::string, std::uint64_t> seen;
  std::uint64_t virtualMs = 0;
  std::uint64_t played = 0;
  std::uint64_t broken = 0;
  for (; played < options.count && broken < options.most; ++played) {
    presentSeed = options.first + played;
    rtm::simulator::Run run = rtm::simulator::play(presentSeed, options.one);
    if (options.twice && rtm::simulator::play(presentSeed, false).fingerprint != run.fingerprint) {
      run.violations.push_back({0, "the same seed gave another history"});
    }
    for (const auto& [what, times] : run.seen) seen[what] += times;
    virtualMs += run.virtualMs;
    if (!options.quiet && !run.story.empty()) std::fputs(run.story.c_str(), stdout);
    if (run.violations.empty()) continue;
    ++broken;
    std::printf("seed %llu:\n", static_cast<unsigned long long>(presentSeed));
    for (const auto& violation : run.violations) std::printf("  %s\n", violation.text.c_str());
    std::fflush(stdout);
  }

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  for (const auto& [what, times] : seen)
    std::printf("%12llu  %s\n", static_cast<unsigned long long>(times), what.c_str());
  std::printf("%llu schedules, %.1f hours of virtual time in %.1f s: %llu with broken promises\n",
              static_cast<unsigned long long>(played), static_cast<double>(virtualMs) / 3'600'000, took.count(),
              static_cast<unsigned long long>(broken));
  return broken == 0 ? 0 : 1;
}
