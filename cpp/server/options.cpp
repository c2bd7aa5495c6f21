#include "server/options.hpp"

#include <algorithm>
#include <utility>

#include "base/identifiers.hpp"
#include "net/admission/prefix_list.hpp"
#include "net/connect/parse_endpoint.hpp"
#include "server/below_sdk.hpp"
#include "server/validate_settings.hpp"

namespace rtm::server {
namespace {

constexpr std::size_t kMaxDrainEndpoints = 16;

Failure badOption(std::string message) {
  return {0, std::move(message)};
}

Result<bool> validate(const std::vector<AppOptions>& apps) {
  if (apps.empty()) return badOption("apps: none given; a server needs at least one App ID");
  for (const AppOptions& app : apps) {
    if (!isValidAppId(app.appId)) return badOption("appId: expected 32 hexadecimal digits");
    for (const std::string& certificate : app.certificates) {
      if (!isValidAppId(certificate)) return badOption("certificates: expected 32 hexadecimal digits each");
    }
    const auto same = [&app](const AppOptions& other) { return other.appId == app.appId; };
    if (std::count_if(apps.begin(), apps.end(), same) != 1) return badOption("appId: given twice");
    if (const auto rules = Rules::compile(app.rules); !rules) return rules.failure();
  }
  return true;
}

}  // namespace

Result<bool> validate(const ServerOptions& options) {
  if (const auto apps = validate(options.apps); !apps) return apps;
  if (const auto settings = validateSettings(options, options.engineParameters); !settings) return settings;
  if (const auto exempt = net::PrefixList::parse(options.exemptNetworks); !exempt) {
    return badOption("admission.exempt: " + exempt.failure().message);
  }
  if (options.certificatePem.empty() != options.keyPem.empty()) {
    return badOption("tls: expected a certificate with its key, or neither for a self-signed one, got one of the two");
  }
  if (options.udp && !options.tls) return badOption("udp: expected tls, since datagrams are never plaintext");
  return true;
}

Result<bool> validate(const DrainOptions& options) {
  if (options.endpoints.size() > kMaxDrainEndpoints) {
    return badOption("endpoints: expected at most " + std::to_string(kMaxDrainEndpoints) + ", got " +
                     std::to_string(options.endpoints.size()));
  }
  for (const std::string& endpoint : options.endpoints) {
    if (const auto parsed = net::parseEndpoint(endpoint); !parsed) return parsed.failure();
  }
  return true;
}

std::vector<std::string> shortfalls(const ServerOptions& options) {
  std::vector<std::string> lines = belowSdk(options.limits);
  const RateRule& login = options.limits.rates[static_cast<std::size_t>(wire::RateGroup::Login)];
  const auto below = [&lines, &login](const char* setting, std::uint32_t value) {
    lines.push_back("admission." + std::string(setting) + ": " + std::to_string(value) +
                    " is below the call frequency limits.rates.login, which lets one user log in " +
                    std::to_string(login.count) + " times in " + std::to_string(login.windowMs) + " ms");
  };
  const AdmissionSettings& admission = options.admission;
  if (login.count == 0 || admission.logins == 0) return lines;
  if (std::uint64_t{admission.logins} * login.windowMs < std::uint64_t{login.count} * 1000) {
    below("logins", admission.logins);
  }
  if (admission.loginBurst < login.count) below("loginBurst", admission.loginBurst);
  return lines;
}

void complete(ServerOptions& options) {
  Limits& limits = options.limits;
  limits.userAttributes = wire::withinFrame(limits.userAttributes);
  limits.channelAttributes = wire::withinFrame(limits.channelAttributes);
  limits.invitations = wire::withinFrame(limits.invitations);
  EngineParameters& engine = options.engineParameters;
  engine.loops = options.loops;
  engine.noticeLimit = limits.listedMembers;
  engine.userAttributes = limits.userAttributes;
  engine.channelAttributes = limits.channelAttributes;
}

}  // namespace rtm::server
