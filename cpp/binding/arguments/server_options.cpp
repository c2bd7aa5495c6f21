#include "binding/arguments/server_options.hpp"

namespace rtm::binding {
namespace {

server::Limits limitsOf(const OptionsObject& options) {
  server::Limits limits = options.text("base") == "off" ? server::Limits::off() : server::Limits::sdk();
  const OptionsObject values = options.object("values");
  values.override("messageBytes", limits.messageBytes);
  values.override("joinedChannels", limits.joinedChannels);
  values.override("listedMembers", limits.listedMembers);
  values.override("subscribedPeers", limits.subscribedPeers);
  values.override("queryPeers", limits.queryPeers);
  values.override("countChannels", limits.countChannels);
  values.override("mediaBytes", limits.mediaBytes);
  values.override("mediaTasks", limits.mediaTasks);
  values.override("inFlightSends", limits.inFlightSends);
  values.override("userAttributes", limits.userAttributes.entries);
  values.override("userAttributeKeyBytes", limits.userAttributes.keyBytes);
  values.override("userAttributeValueBytes", limits.userAttributes.valueBytes);
  values.override("userAttributeBytes", limits.userAttributes.totalBytes);
  values.override("channelAttributes", limits.channelAttributes.entries);
  values.override("channelAttributeKeyBytes", limits.channelAttributes.keyBytes);
  values.override("channelAttributeValueBytes", limits.channelAttributes.valueBytes);
  values.override("channelAttributeBytes", limits.channelAttributes.totalBytes);
  values.override("callContentBytes", limits.calls.contentBytes);
  values.override("callResponseBytes", limits.calls.responseBytes);
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
  const OptionsObject times = given.object("times");
  times.override("heartbeat", options.heartbeatMs);
  times.override("unreachable", options.unreachableMs);
  times.override("grace", options.graceMs);
  times.override("login", options.loginTimeoutMs);
  times.override("transfer", options.mediaIdleMs);
  times.override("attributes", options.engineParameters.attributeAfterlifeMs);
  const OptionsObject media = given.object("media");
  options.mediaFolder = media.text("folder");
  options.mediaStoreBytes = media.number("storeBytes");
  options.mediaLifeMs = media.number("life");
  options.maxConnections = given.word("maxConnections");
  const OptionsObject retention = given.object("retention");
  retention.override("offlineMessages", options.retention.offlineMessages);
  retention.override("offlineMs", options.retention.offlineMs);
  retention.override("offlineBytes", options.retention.offlineBytes);
  retention.override("historyMs", options.retention.historyMs);
  retention.override("historyBytes", options.retention.historyBytes);
  options.historyOpen = given.flag("historyOpen");
  return options;
}

}  // namespace rtm::binding
