#include "net/connect/connect_attempt.hpp"

namespace rtm::net {
namespace {

const char* nameOf(ConnectStep step) {
  switch (step) {
    case ConnectStep::Lookup:
      return "lookup";
    case ConnectStep::Tcp:
      return "TCP";
    case ConnectStep::Tls:
      return "TLS";
    case ConnectStep::Hello:
      return "HELLO";
    case ConnectStep::Login:
      return "login";
  }
  return "?";
}

}  // namespace

std::string ConnectAttempt::where() const {
  if (address.empty()) return name;
  return name == address ? address : name + " at " + address;
}

std::string ConnectAttempt::line(std::uint64_t nowMs, const std::string& result) const {
  const std::uint64_t took = nowMs > startedMs ? nowMs - startedMs : 0;
  const std::string by = !udp ? nameOf(step) : step == ConnectStep::Tcp ? "UDP" : std::string(nameOf(step)) + " by UDP";
  return where() + (family == Family::V6 ? " (IPv6), " : " (IPv4), ") + by + ", " + std::to_string(took) +
         " ms: " + result;
}

}  // namespace rtm::net
