#include "net/connect/parse_endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "net/resolve/socket_address.hpp"
#include "net/schemes.hpp"

namespace rtm::net {
namespace {

constexpr std::size_t kPinDigits = 64;
constexpr std::size_t kMaxNameBytes = 253;
constexpr std::size_t kMaxLabelBytes = 63;

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

bool isHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); });
}

/// A part of an endpoint for an error message: in quotes, and cut if it is long.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMostShown = 200;
  std::string shown(1, '"');
  shown += text.substr(0, kMostShown);
  return shown += text.size() > kMostShown ? "…\"" : "\"";
}

std::optional<std::uint16_t> parsePort(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < 1 || value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

/// Parses one endpoint: each step takes its part from the front of `rest_`.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  Result<Endpoint> parse() {
    if (takeScheme() && takeHost() && takePort() && takeFragment()) return std::move(endpoint_);
    return Failure{0, "endpoint " + quoted(text_) + ": " + problem_};
  }

 private:
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool takeScheme() {
    const std::size_t end = rest_.find("://");
    hasScheme_ = end != std::string_view::npos;
    if (!hasScheme_) return true;  // host:port, and the scheme of an Endpoint is rtms
    const std::string scheme = lowered(rest_.substr(0, end));
    if (schemes::find(scheme) == nullptr) {
      return fail("unknown scheme " + quoted(scheme) + ", expected rtms (TLS) or rtm (plaintext)");
    }
    endpoint_.scheme = scheme;
    rest_.remove_prefix(end + 3);
    return true;
  }

  bool takeHost() {
    if (rest_.starts_with('[')) return takeIpv6();
    const std::string_view authority = rest_.substr(0, rest_.find_first_of("#/?"));
    if (authority.find('@') != authority.npos) return fail("user names and passwords have no meaning in an endpoint");
    if (std::count(authority.begin(), authority.end(), ':') > 1) {
      return fail("an IPv6 address stands in brackets, as in rtms://[::1]:9136");
    }
    const std::string_view host = authority.substr(0, authority.find(':'));
    if (host.empty()) return fail("the host is missing");
    rest_.remove_prefix(host.size());
    endpoint_.host = lowered(host);
    if (endpoint_.host.ends_with('.')) endpoint_.host.pop_back();  // "absolute" names: TLS has no such dot
    return checkName();
  }

  bool takeIpv6() {
    const std::size_t end = rest_.find(']');
    if (end == std::string_view::npos) return fail("the closing bracket of the IPv6 address is missing");
    endpoint_.host = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    // The zone is not checked: the interface may appear later.
    const auto address = SocketAddress::parse(endpoint_.host.substr(0, endpoint_.host.find('%')), 0);
    if (!address || address->family() != Family::V6) {
      return fail(quoted(endpoint_.host) + " in brackets is not an IPv6 address");
    }
    return true;
  }

  bool checkName() {
    const std::string& host = endpoint_.host;
    const bool onlyNumbers = std::all_of(host.begin(), host.end(), [](char c) { return isDigit(c) || c == '.'; });
    if (onlyNumbers) {
      // Old resolvers read "127.1" or "2130706433" as addresses. Here such a text is a mistake.
      return SocketAddress::parse(host, 0) ? true : fail(quoted(host) + " is not an IPv4 address");
    }
    if (host.size() > kMaxNameBytes) {
      return fail("the host name has " + std::to_string(host.size()) + " bytes, at most " +
                  std::to_string(kMaxNameBytes));
    }
    std::string_view names = host;
    while (true) {
      const std::string_view label = names.substr(0, names.find('.'));
      if (label.empty() || label.size() > kMaxLabelBytes) {
        return fail("host " + quoted(host) + ": each part between dots has 1 to 63 bytes");
      }
      const auto allowed = [](char c) { return isDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; };
      if (!std::all_of(label.begin(), label.end(), allowed)) {
        return fail("host " + quoted(host) +
                    ": only letters, digits, '-', '_' and '.' (write other scripts in punycode)");
      }
      if (label.size() == names.size()) return true;
      names.remove_prefix(label.size() + 1);
    }
  }

  bool takePort() {
    if (!rest_.starts_with(':')) {
      return hasScheme_ || fail("the scheme is missing, expected rtms://host (rtm:// without TLS), or host:port");
    }
    rest_.remove_prefix(1);
    const std::string_view digits = rest_.substr(0, rest_.find_first_of("#/?"));
    const auto port = parsePort(digits);
    if (!port) return fail("port " + quoted(digits) + ": expected a number from 1 to 65535");
    endpoint_.port = *port;
    rest_.remove_prefix(digits.size());
    return true;
  }

  bool takeFragment() {
    if (rest_.empty()) return true;
    if (!rest_.starts_with('#')) {
      return fail("unexpected " + quoted(rest_) + " after host and port (there is no path or query)");
    }
    rest_.remove_prefix(1);
    while (true) {
      const std::string_view part = rest_.substr(0, rest_.find('&'));
      if (!takeOption(part)) return false;
      if (part.size() == rest_.size()) return true;
      rest_.remove_prefix(part.size() + 1);
    }
  }

  bool takeOption(std::string_view option) {
    const std::size_t equals = option.find('=');
    const std::string_view key = option.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : option.substr(equals + 1);
    if (key == "sha256") return takePin(value);
    if (key == "area") return takeAreas(value);
    if (key == "udp") return takeUdp(value);
    return fail("unknown option " + quoted(key) + " after #, expected sha256=, area= or udp=");
  }

  bool takeUdp(std::string_view value) {
    if (endpoint_.scheme != "rtms") return fail("udp= needs rtms://, which is TCP with UDP beside it");
    endpoint_.udp = 0;
    if (value == "off") return true;
    if (value == "on") {
      endpoint_.udp = endpoint_.port;
      return true;
    }
    const auto port = parsePort(value);
    if (!port) return fail("udp= " + quoted(value) + ": expected on, off, or a port from 1 to 65535");
    endpoint_.udp = *port;
    return true;
  }

  bool takePin(std::string_view value) {
    if (!schemes::secure(endpoint_.scheme)) return fail("sha256= needs rtms://, plaintext has no certificate to pin");
    if (!endpoint_.pin.empty()) return fail("sha256= occurs twice");
    if (value.size() != kPinDigits || !isHex(value)) {
      return fail("sha256=: " + std::to_string(value.size()) + " characters, expected 64 hexadecimal digits");
    }
    endpoint_.pin = lowered(value);
    return true;
  }

  bool takeAreas(std::string_view value) {
    while (true) {
      const std::string_view name = value.substr(0, value.find('|'));
      const std::uint32_t code = areaCode(name);
      if (code == 0) {
        return fail("area " + quoted(name) + ": expected CN, NA, EU, AS, JP, IN or GLOB, several joined by |");
      }
      endpoint_.areas |= code;
      if (name.size() == value.size()) return true;
      value.remove_prefix(name.size() + 1);
    }
  }

  std::string_view text_;
  std::string_view rest_;
  Endpoint endpoint_;
  bool hasScheme_ = false;
  std::string problem_;
};

}  // namespace

Result<Endpoint> parseEndpoint(std::string_view text) {
  return Parser(text).parse();
}

Result<std::vector<Endpoint>> parseEndpoints(std::string_view text) {
  constexpr std::string_view kSeparators = ", \t\r\n";
  std::vector<Endpoint> endpoints;
  while (true) {
    const std::size_t begin = text.find_first_not_of(kSeparators);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::string_view one = text.substr(0, text.find_first_of(kSeparators));
    auto endpoint = parseEndpoint(one);
    if (!endpoint) return endpoint.failure();
    endpoints.push_back(std::move(endpoint.value()));
    text.remove_prefix(one.size());
  }
  if (endpoints.empty()) return Failure{0, "the list of endpoints is empty, expected rtms://host[:port][#sha256=…]"};
  return endpoints;
}

}  // namespace rtm::net
