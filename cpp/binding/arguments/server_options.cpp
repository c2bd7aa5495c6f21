#include "binding/arguments/server_options.hpp"

#include "binding/arguments/server_settings.hpp"

namespace rtm::binding {
namespace {

void setLimits(const OptionsObject& given, server::ServerOptions& options) {
  options.limits = given.text("base") == "off" ? server::Limits::off() : server::Limits::sdk();
  overrideLimits(given.object("values"), options);
  auto& rates = options.limits.rates;
  for (const OptionsObject& rate : given.objects("rates")) {
    const std::uint32_t group = rate.word("group");
    if (group < rates.size()) {
      rates[group] = {rate.word("count"), rate.word("windowMs")};
    }
  }
}

}  // namespace

std::vector<server::Rule> rulesOf(const OptionsObject& given) {
  std::vector<server::Rule> rules;
  for (const OptionsObject& rule : given.objects("rules")) {
    rules.push_back({.allow = rule.flag("allow"),
                     .actions = rule.texts("actions"),
                     .channels = rule.texts("channels"),
                     .users = rule.texts("users"),
                     .to = rule.texts("to"),
                     .roles = rule.texts("roles")});
  }
  return rules;
}

server::ServerOptions serverOptions(const OptionsObject& given) {
  server::ServerOptions options;
  options.host = given.text("host");
  for (const OptionsObject& app : given.objects("apps")) {
    options.apps.push_back({app.text("appId"), app.texts("certificates"), rulesOf(app)});
  }
  options.tls = given.flag("tls");
  options.certificatePem = given.text("certificatePem");
  options.keyPem = given.text("keyPem");
  options.area = given.word("area");
  setLimits(given.object("limits"), options);
  overrideNumbers(given.object("numbers"), options);
  overrideFlags(given.object("flags"), options);
  overrideChoices(given.object("choices"), options);
  overrideGroups(given.object("groups"), options);
  options.exemptNetworks = given.texts("exempt");
  options.mediaFolder = given.text("mediaFolder");
  options.ownsProcess = given.flag("ownsProcess");
  return options;
}

}  // namespace rtm::binding
