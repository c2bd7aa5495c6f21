// Functions that read and write the attributes of users and channels.

#include <string_view>
#include <vector>

#include "binding/functions/function_table.hpp"
#include "binding/functions/request.hpp"
#include "client/attributes/attributes.hpp"

namespace rtm::binding {
namespace {

using client::Attributes;
using client::Client;
using client::RequestId;

/// Reads an array: key, value, key, value …
std::vector<client::AttributeView> entriesOf(Arguments& arguments, std::size_t index) {
  const std::vector<std::string_view> texts = arguments.strictTexts(index);
  std::vector<client::AttributeView> entries;
  entries.reserve(texts.size() / 2);
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    entries.push_back({texts[i], texts[i + 1]});
  }
  return entries;
}

/// (service, entries)
template <auto method>
napi_value writeUser(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::vector<client::AttributeView> entries = entriesOf(arguments, 1);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return (client.attributes().*method)(entries, id); });
}

/// (service, [key])
napi_value deleteUser(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::vector<std::string_view> keys = arguments.strictTexts(1);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return client.attributes().deleteUser(keys, id); });
}

/// (service)
napi_value clearUser(Arguments& arguments) {
  return request(arguments, arguments.word(0),
                 [](Client& client, RequestId& id) { return client.attributes().clearUser(id); });
}

/// (service, user id or channel id)
template <auto method>
napi_value readAll(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view owner = arguments.strictText(1);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return (client.attributes().*method)(owner, id); });
}

/// (service, user id or channel id, [key])
template <auto method>
napi_value readKeys(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view owner = arguments.strictText(1);
  const std::vector<std::string_view> keys = arguments.strictTexts(2);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return (client.attributes().*method)(owner, keys, id); });
}

/// (service, channel id, entries, whether to notify the members)
template <auto method>
napi_value writeChannel(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view channelId = arguments.strictText(1);
  const std::vector<client::AttributeView> entries = entriesOf(arguments, 2);
  const bool notify = arguments.boolean(3);
  return request(arguments, service, [&](Client& client, RequestId& id) {
    return (client.attributes().*method)(channelId, entries, notify, id);
  });
}

/// (service, channel id, [key], whether to notify the members)
napi_value deleteChannel(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view channelId = arguments.strictText(1);
  const std::vector<std::string_view> keys = arguments.strictTexts(2);
  const bool notify = arguments.boolean(3);
  return request(arguments, service, [&](Client& client, RequestId& id) {
    return client.attributes().deleteChannel(channelId, keys, notify, id);
  });
}

/// (service, channel id, whether to notify the members)
napi_value clearChannel(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view channelId = arguments.strictText(1);
  const bool notify = arguments.boolean(2);
  return request(arguments, service, [&](Client& client, RequestId& id) {
    return client.attributes().clearChannel(channelId, notify, id);
  });
}

}  // namespace

bool addAttributeFunctions(FunctionTable& table) {
  return table.add(
      {function<writeUser<&Attributes::setUser>>("setLocalUserAttributes"),
       function<writeUser<&Attributes::mergeUser>>("addOrUpdateLocalUserAttributes"),
       function<deleteUser>("deleteLocalUserAttributesByKeys"), function<clearUser>("clearLocalUserAttributes"),
       function<readAll<&Attributes::readUser>>("getUserAttributes"),
       function<readKeys<&Attributes::readUserKeys>>("getUserAttributesByKeys"),
       function<writeChannel<&Attributes::setChannel>>("setChannelAttributes"),
       function<writeChannel<&Attributes::mergeChannel>>("addOrUpdateChannelAttributes"),
       function<deleteChannel>("deleteChannelAttributesByKeys"), function<clearChannel>("clearChannelAttributes"),
       function<readAll<&Attributes::readChannel>>("getChannelAttributes"),
       function<readKeys<&Attributes::readChannelKeys>>("getChannelAttributesByKeys")});
}

}  // namespace rtm::binding
