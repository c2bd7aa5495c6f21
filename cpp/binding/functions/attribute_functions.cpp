// Functions that read and write the attributes of users and channels.

#include <deque>
#include <vector>

#include "binding/functions/request.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// (service)
template <int (IRtmService::*method)(long long&)>
napi_value plain(Arguments& arguments) {
  return request(arguments, arguments.word(0),
                 [](IRtmService& service, long long& id) { return (service.*method)(id); });
}

/// (service, [key, value, key, value …])
template <int (IRtmService::*method)(const RtmAttribute*, int, long long&)>
napi_value withUserAttributes(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const std::vector<const char*> texts = arguments.cStrings(1);
  std::vector<RtmAttribute> attributes;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    attributes.push_back({texts[i], texts[i + 1]});
  }
  return request(arguments, handle, [&](IRtmService& service, long long& id) {
    return (service.*method)(attributes.empty() ? nullptr : attributes.data(), static_cast<int>(attributes.size()), id);
  });
}

/// A channel attribute over strings of the call's arguments.
class BorrowedAttribute final : public IRtmChannelAttribute {
 public:
  BorrowedAttribute(const char* key, const char* value) : key_(key), value_(value) {}
  ~BorrowedAttribute() override = default;
  void setKey(const char* /*key*/) override {}
  const char* getKey() const override { return key_; }
  void setValue(const char* /*value*/) override {}
  const char* getValue() const override { return value_; }
  const char* getLastUpdateUserId() const override { return ""; }
  long long getLastUpdateTs() const override { return 0; }
  void release() override {}

 private:
  const char* key_;
  const char* value_;
};

ChannelAttributeOptions attributeOptions(bool notify) {
  ChannelAttributeOptions options;
  options.enableNotificationToChannelMembers = notify;
  return options;
}

/// (service, channel, [key, value, key, value …], notify)
template <int (IRtmService::*method)(const char*, const IRtmChannelAttribute*[], int, const ChannelAttributeOptions&,
                                     long long&)>
napi_value withChannelAttributes(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* channel = arguments.cString(1);
  const std::vector<const char*> texts = arguments.cStrings(2);
  const bool notify = arguments.boolean(3);
  std::deque<BorrowedAttribute> attributes;
  std::vector<const IRtmChannelAttribute*> list;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    list.push_back(&attributes.emplace_back(texts[i], texts[i + 1]));
  }
  return request(arguments, handle, [&](IRtmService& service, long long& id) {
    return (service.*method)(channel, list.empty() ? nullptr : list.data(), static_cast<int>(list.size()),
                             attributeOptions(notify), id);
  });
}

/// (service, channel, [key], notify)
napi_value deleteChannelAttributes(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* channel = arguments.cString(1);
  std::vector<const char*> keys = arguments.cStrings(2);
  const bool notify = arguments.boolean(3);
  return request(arguments, handle, [&](IRtmService& service, long long& id) {
    return service.deleteChannelAttributesByKeys(channel, listOf(keys), countOf(keys), attributeOptions(notify), id);
  });
}

/// (service, channel, notify)
napi_value clearChannelAttributes(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* channel = arguments.cString(1);
  const bool notify = arguments.boolean(2);
  return request(arguments, handle, [&](IRtmService& service, long long& id) {
    return service.clearChannelAttributes(channel, attributeOptions(notify), id);
  });
}

}  // namespace

bool addAttributeFunctions(FunctionTable& table) {
  using S = IRtmService;
  return table.add({function<withUserAttributes<&S::setLocalUserAttributes>>("setLocalUserAttributes"),
                    function<withUserAttributes<&S::addOrUpdateLocalUserAttributes>>("addOrUpdateLocalUserAttributes"),
                    function<withList<&S::deleteLocalUserAttributesByKeys>>("deleteLocalUserAttributesByKeys"),
                    function<plain<&S::clearLocalUserAttributes>>("clearLocalUserAttributes"),
                    function<withText<&S::getUserAttributes>>("getUserAttributes"),
                    function<withTextAndList<&S::getUserAttributesByKeys>>("getUserAttributesByKeys"),
                    function<withChannelAttributes<&S::setChannelAttributes>>("setChannelAttributes"),
                    function<withChannelAttributes<&S::addOrUpdateChannelAttributes>>("addOrUpdateChannelAttributes"),
                    function<deleteChannelAttributes>("deleteChannelAttributesByKeys"),
                    function<clearChannelAttributes>("clearChannelAttributes"),
                    function<withText<&S::getChannelAttributes>>("getChannelAttributes"),
                    function<withTextAndList<&S::getChannelAttributesByKeys>>("getChannelAttributesByKeys")});
}

}  // namespace rtm::binding
