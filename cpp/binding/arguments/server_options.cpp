#include "binding/arguments/server_options.hpp"

#include "binding/arguments/server_settings.hpp"

namespace rtm::binding {
namespace {

server::Limits limitsOf(const OptionsObject& options) {
  server::Limits limits = options.text("base") == "off" ? server::Limits::off() : server::Limits::sdk();
  overrideLimits(options.object("values"), limits);
  for (const OptionsObject& rate : options.objects("rates")) {
    const std::uint32_t group = rate.word("group");
    if (group < limits.rates.size()) {
      limits.rates[group] = {rate.word("count"), rate.word("windowMs")};
    }
  }
  return limits;
}

}  // namespace

server::ServerOptions serverOptions(const OptionsObject& given) {
  server::ServerOptions options;
  options.host = given.text("host");
  options.port = static_cast<std::uint16_t>(given.word("port"));
  options.loops = given.word("loops");
  for (const OptionsObject& app : given.objects("apps")) {
    options.apps.push_back({app.text("appId"), app.texts("certificates")});
  }
  options.tls = given.flag("tls");
  options.certificatePem = given.text("certificatePem");
  options.keyPem = given.text("keyPem");
  options.area = given.word("area");
  options.limits = limitsOf(given.object("limits"));
  overrideTimes(given.object("times"), options);
  options.mediaFolder = given.text("mediaFolder");
  overrideMedia(given.object("media"), options);
  options.maxConnections = given.word("maxConnections");
  overrideRetention(given.object("retention"), options);
  options.historyOpen = given.flag("historyOpen");
  return options;
}

}  // namespace rtm::binding
