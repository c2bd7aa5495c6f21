// The server without Node, in a process of its own, for the attacks of bench/abuse under the sanitizers: TLS, state in
// memory, three loops. Says where it listens in one line of JSON, and ends in good order when standard input closes or
// SIGTERM comes.
//
// Usage: rtm_server_process <App ID> <App certificate> <limits.memoryBytes>

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "server/server.hpp"

namespace {

using namespace rtm;

constexpr unsigned kLoops = 3;

/// SIGTERM as a descriptor. Threads that start later do not take the signal either; -1: the system refused.
int blockedTermination() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  if (pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) return -1;
  return signalfd(-1, &signals, SFD_CLOEXEC);
}

/// Returns when standard input is at its end or `termination` has a signal.
void awaitEnd(int termination) {
  std::array<pollfd, 2> both{{{STDIN_FILENO, POLLIN, 0}, {termination, POLLIN, 0}}};
  while (poll(both.data(), both.size(), -1) >= 0 || errno == EINTR) {
    if (both[1].revents != 0) return;
    if (both[0].revents == 0) continue;
    std::array<char, 256> ignored;
    if (read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0) return;
  }
}

bool readNumber(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

int main(int count, char** arguments) {
  std::uint64_t memoryBytes = 0;
  if (count != 4 || !readNumber(arguments[3], memoryBytes)) {
    std::fputs("Usage: rtm_server_process <App ID> <App certificate> <limits.memoryBytes>\n", stderr);
    return 2;
  }
  const int termination = blockedTermination();
  if (termination < 0) {
    std::perror("rtm_server_process: expected a descriptor for SIGTERM");
    return 2;
  }

  server::ServerOptions options;
  options.host = "127.0.0.1";
  options.port = 0;
  options.loops = kLoops;
  options.apps = {{.appId = arguments[1], .certificates = {arguments[2]}}};
  // `ownsProcess` stays false: what the sanitizer takes for itself is not the users'.
  options.limits.memoryBytes = memoryBytes;
  options.log = [](LogLevel level, std::string_view line) {
    if (level != LogLevel::Error && level != LogLevel::Critical) return;
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  };
  auto started = server::Server::start(std::move(options));
  if (!started) {
    std::fprintf(stderr, "rtm_server_process: %s\n", started.failure().message.c_str());
    return 1;
  }
  const auto server = std::move(started.value());
  std::printf("{\"port\":%u,\"endpoint\":\"rtms://127.0.0.1:%u#sha256=%s\"}\n", server->port(), server->port(),
              server->fingerprint().c_str());
  std::fflush(stdout);
  awaitEnd(termination);
  server->close();
  close(termination);
  return 0;
}
