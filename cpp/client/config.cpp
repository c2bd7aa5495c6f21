#include "client/config.hpp"

#include <array>
#include <cstdlib>
#include <utility>

#include "client/client_log.hpp"
#include "net/connect/parse_endpoint.hpp"

namespace rtm::client {

namespace {

struct TimingKey {
  const char* name;
  std::uint64_t Timing::*member;
  double least = 1;
};

constexpr std::array kTimingKeys{
    TimingKey{"login_ms", &Timing::login},
    TimingKey{"logout_ms", &Timing::logout},
    TimingKey{"drain_ms", &Timing::drain, 0},
    TimingKey{"handshake_ms", &Timing::handshake},
    TimingKey{"peer_message_ms", &Timing::peerMessage},
    TimingKey{"channel_message_ms", &Timing::channelMessage},
    TimingKey{"request_ms", &Timing::request},
    TimingKey{"presence_ms", &Timing::presence},
    TimingKey{"outage_ms", &Timing::outage},
    TimingKey{"token_warning_ms", &Timing::tokenWarning},
    TimingKey{"invitation_send_ms", &Timing::invitationSend},
    TimingKey{"invitation_ms", &Timing::invitation},
    TimingKey{"acceptance_ms", &Timing::acceptance},
    TimingKey{"media_idle_ms", &Timing::mediaIdle},
    TimingKey{"media_progress_ms", &Timing::mediaProgress},
};

std::string expected(std::string_view key, std::string_view what) {
  return std::string(key) + ": expected " + std::string(what);
}

std::string applyEndpoints(Config& config, const JsonValue& value) {
  std::string list;
  if (value.type == JsonValue::Type::String) {
    list = value.string;
  } else if (value.type == JsonValue::Type::Array) {
    for (const JsonValue& entry : value.array) {
      if (entry.type != JsonValue::Type::String) return expected("rtm.endpoints", "strings only");
      list += entry.string;
      list += ' ';
    }
  } else {
    return expected("rtm.endpoints", "a string or an array of strings");
  }
  Result<std::vector<net::Endpoint>> endpoints = net::parseEndpoints(list);
  if (!endpoints) return "rtm.endpoints: " + endpoints.failure().message;
  config.endpoints = std::move(endpoints.value());
  return {};
}

std::string applyTiming(Timing& timing, const JsonValue& value) {
  if (value.type != JsonValue::Type::Object) return expected("rtm.timing", "an object");
  for (const TimingKey& key : kTimingKeys) {
    const JsonValue* entry = value.find(key.name);
    if (entry == nullptr) continue;
    if (entry->type != JsonValue::Type::Number || !(entry->number >= key.least) || entry->number > 86'400'000) {
      return expected(std::string("rtm.timing.") + key.name,
                      key.least == 0 ? "milliseconds, 0 to 86400000" : "milliseconds, 1 to 86400000");
    }
    timing.*(key.member) = static_cast<std::uint64_t>(entry->number);
  }
  return {};
}

std::string applyString(std::string& target, const JsonValue& value, std::string_view key) {
  if (value.type != JsonValue::Type::String) return expected(key, "a string");
  target = value.string;
  return {};
}

std::string applyBool(bool& target, const JsonValue& value, std::string_view key) {
  if (value.type != JsonValue::Type::Bool) return expected(key, "true or false");
  target = value.boolean;
  return {};
}

/// Programs give sets with bits that mean nothing, such as 65535: the levels that exist count.
std::string applyLogFilter(std::optional<unsigned>& filter, const JsonValue& value) {
  constexpr double kMost = 0xFFFFFFFF;
  if (value.type != JsonValue::Type::Number || value.number < 0 || value.number > kMost) {
    return expected("rtm.log_filter", "a sum of log levels, as in LOG_FILTER_TYPE");
  }
  filter = static_cast<unsigned>(value.number) & kLogLevels;
  return {};
}

}  // namespace

std::string applyParameters(Config& config, OtherParameters& others, const JsonValue& parameters) {
  Config changed = config;
  std::string problem;
  for (const auto& [key, value] : parameters.object) {
    if (key == "rtm.endpoints") {
      problem = applyEndpoints(changed, value);
      config.endpointsProblem = changed.endpointsProblem = problem.empty() ? "" : "setParameters: " + problem;
    } else if (key == "rtm.ca_file") {
      problem = applyString(changed.tls.caFile, value, key);
    } else if (key == "rtm.ca_pem") {
      problem = applyString(changed.tls.caPem, value, key);
    } else if (key == "rtm.system_cas") {
      problem = applyBool(changed.tls.systemCas, value, key);
    } else if (key == "rtm.allow_tls12") {
      problem = applyBool(changed.tls.allowTls12, value, key);
    } else if (key == "rtm.timing") {
      problem = applyTiming(changed.timing, value);
    } else if (key == "rtm.log_filter") {
      problem = applyLogFilter(others.logFilter, value);
    } else {
      others.unknown.push_back(key);
    }
    if (!problem.empty()) return problem;
  }
  config = std::move(changed);
  return {};
}

std::string applyEnvironment(Config& config) {
  if (const char* caFile = std::getenv("RTM_CA_FILE")) config.tls.caFile = caFile;
  const char* list = std::getenv("RTM_ENDPOINTS");
  if (list == nullptr || *list == '\0') return {};
  Result<std::vector<net::Endpoint>> endpoints = net::parseEndpoints(list);
  if (!endpoints) return config.endpointsProblem = "RTM_ENDPOINTS: " + endpoints.failure().message;
  config.endpoints = std::move(endpoints.value());
  return {};
}

}  // namespace rtm::client
