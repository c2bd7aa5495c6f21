// Functions of a port for requests with a request id. Each entry is one line of the table at the end: how its arguments
// cross is said by the helper that it uses.

#include <deque>

#include "binding/environment/native_environment.hpp"
#include "binding/functions/function_table.hpp"
#include "client/extensions.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// Calls `act(service, requestId)`; the request id goes to the out column.
template <typename Act>
napi_value request(Call& call, std::uint32_t handle, Act&& act) {
  if (call.failed()) {
    return nullptr;
  }
  ServiceObject* object = call.port().services().find(handle);
  long long requestId = 0;
  const int code = object != nullptr ? act(object->service, requestId) : kNotInitialized;
  call.port().setOut(code == 0 ? static_cast<double>(requestId) : 0);
  return call.integerResult(code);
}

/// A list of C strings as the SDK takes it; null if it is empty, which every call refuses.
const char** listOf(std::vector<const char*>& strings) {
  return strings.empty() ? nullptr : strings.data();
}

int countOf(const std::vector<const char*>& strings) {
  return static_cast<int>(strings.size());
}

/// (service)
template <int (IRtmService::*method)(long long&)>
napi_value plain(Call& call) {
  return request(call, call.word(0), [](IRtmService& service, long long& id) { return (service.*method)(id); });
}

/// (service, text)
template <int (IRtmService::*method)(const char*, long long&)>
napi_value withText(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* text = call.cString(1);
  return request(call, handle, [&](IRtmService& service, long long& id) { return (service.*method)(text, id); });
}

/// A path. One that a C string cannot hold is no path: what stands for it elsewhere could be the name of a file.
const char* pathOf(Call& call, std::size_t index) {
  const char* path = call.cString(index);
  return path == Call::kUnusable ? nullptr : path;
}

/// (service, path)
template <int (IRtmService::*method)(const char*, long long&)>
napi_value withPath(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* path = pathOf(call, 1);
  return request(call, handle, [&](IRtmService& service, long long& id) { return (service.*method)(path, id); });
}

/// (service, media id, path)
napi_value downloadToFile(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* mediaId = call.cString(1);
  const char* path = pathOf(call, 2);
  return request(call, handle,
                 [&](IRtmService& service, long long& id) { return service.downloadMediaToFile(mediaId, path, id); });
}

/// (service, [text])
template <int (IRtmService::*method)(const char*[], int, long long&)>
napi_value withList(Call& call) {
  const std::uint32_t handle = call.word(0);
  std::vector<const char*> list = call.cStrings(1);
  return request(call, handle, [&](IRtmService& service, long long& id) {
    return (service.*method)(listOf(list), countOf(list), id);
  });
}

/// (service, text, [text])
template <int (IRtmService::*method)(const char*, const char*[], int, long long&)>
napi_value withTextAndList(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* text = call.cString(1);
  std::vector<const char*> list = call.cStrings(2);
  return request(call, handle, [&](IRtmService& service, long long& id) {
    return (service.*method)(text, listOf(list), countOf(list), id);
  });
}

/// (service, [key, value, key, value …])
template <int (IRtmService::*method)(const RtmAttribute*, int, long long&)>
napi_value withUserAttributes(Call& call) {
  const std::uint32_t handle = call.word(0);
  const std::vector<const char*> texts = call.cStrings(1);
  std::vector<RtmAttribute> attributes;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    attributes.push_back({texts[i], texts[i + 1]});
  }
  return request(call, handle, [&](IRtmService& service, long long& id) {
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
napi_value withChannelAttributes(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* channel = call.cString(1);
  const std::vector<const char*> texts = call.cStrings(2);
  const bool notify = call.boolean(3);
  std::deque<BorrowedAttribute> attributes;
  std::vector<const IRtmChannelAttribute*> list;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    list.push_back(&attributes.emplace_back(texts[i], texts[i + 1]));
  }
  return request(call, handle, [&](IRtmService& service, long long& id) {
    return (service.*method)(channel, list.empty() ? nullptr : list.data(), static_cast<int>(list.size()),
                             attributeOptions(notify), id);
  });
}

/// (service, channel, [key], notify)
napi_value deleteChannelAttributes(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* channel = call.cString(1);
  std::vector<const char*> keys = call.cStrings(2);
  const bool notify = call.boolean(3);
  return request(call, handle, [&](IRtmService& service, long long& id) {
    return service.deleteChannelAttributesByKeys(channel, listOf(keys), countOf(keys), attributeOptions(notify), id);
  });
}

/// (service, channel, notify)
napi_value clearChannelAttributes(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* channel = call.cString(1);
  const bool notify = call.boolean(2);
  return request(call, handle, [&](IRtmService& service, long long& id) {
    return service.clearChannelAttributes(channel, attributeOptions(notify), id);
  });
}

/// (service, option)
napi_value queryPeersBySubscription(Call& call) {
  const std::uint32_t handle = call.word(0);
  const auto option = static_cast<PEER_SUBSCRIPTION_OPTION>(call.integer(1));
  return request(call, handle, [&](IRtmService& service, long long& id) {
    return service.queryPeersBySubscriptionOption(option, id);
  });
}

/// Bits of the flags word; `lib/sdk/history.ts` has the same.
constexpr std::uint32_t kDescending = 1;
constexpr std::uint32_t kCountOnly = 2;

/// (service, source, destination, start, end, offset, limit, flags)
napi_value queryHistory(Call& call) {
  const std::uint32_t handle = call.word(0);
  client::HistoryQuery query;
  query.source = call.cString(1);
  query.destination = call.cString(2);
  query.startMs = static_cast<long long>(call.number(3));
  query.endMs = static_cast<long long>(call.number(4));
  query.offset = call.word(5);
  query.limit = call.word(6);
  const std::uint32_t flags = call.word(7);
  query.descending = (flags & kDescending) != 0;
  query.countOnly = (flags & kCountOnly) != 0;
  return request(call, handle, [&](IRtmService& service, long long& id) {
    return client::historyOf(service).queryHistory(query, id);
  });
}

/// (service, request): the id of a running task goes in, none comes out.
template <int (IRtmService::*method)(long long)>
napi_value cancelTask(Call& call) {
  const std::uint32_t handle = call.word(0);
  const auto task = static_cast<long long>(call.number(1));
  return request(call, handle, [&](IRtmService& service, long long&) { return (service.*method)(task); });
}

/// (service, media id, whether it is an image): the message id of a file or image message made here, 0 if it is
/// refused. The object itself lives in JavaScript.
napi_value createMediaMessage(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* mediaId = call.cString(1);
  const bool image = call.boolean(2);
  if (call.failed()) {
    return nullptr;
  }
  ServiceObject* object = call.port().services().find(handle);
  long long messageId = 0;
  const auto take = [&](IMessage* message) {
    if (message != nullptr) {
      messageId = message->getMessageId();
      message->release();
    }
  };
  if (object != nullptr && image) {
    take(object->service.createImageMessageByMediaId(mediaId));
  } else if (object != nullptr) {
    take(object->service.createFileMessageByMediaId(mediaId));
  }
  return call.numberResult(static_cast<double>(messageId));
}

}  // namespace

bool addRequestCalls(napi_env env, napi_value object, Port* port) {
  using S = IRtmService;
  return addMethods(env, object, port,
                    {method<withList<&S::queryPeersOnlineStatus>>("queryPeersOnlineStatus"),
                     method<withList<&S::subscribePeersOnlineStatus>>("subscribePeersOnlineStatus"),
                     method<withList<&S::unsubscribePeersOnlineStatus>>("unsubscribePeersOnlineStatus"),
                     method<queryPeersBySubscription>("queryPeersBySubscriptionOption"),
                     method<withUserAttributes<&S::setLocalUserAttributes>>("setLocalUserAttributes"),
                     method<withUserAttributes<&S::addOrUpdateLocalUserAttributes>>("addOrUpdateLocalUserAttributes"),
                     method<withList<&S::deleteLocalUserAttributesByKeys>>("deleteLocalUserAttributesByKeys"),
                     method<plain<&S::clearLocalUserAttributes>>("clearLocalUserAttributes"),
                     method<withText<&S::getUserAttributes>>("getUserAttributes"),
                     method<withTextAndList<&S::getUserAttributesByKeys>>("getUserAttributesByKeys"),
                     method<withChannelAttributes<&S::setChannelAttributes>>("setChannelAttributes"),
                     method<withChannelAttributes<&S::addOrUpdateChannelAttributes>>("addOrUpdateChannelAttributes"),
                     method<deleteChannelAttributes>("deleteChannelAttributesByKeys"),
                     method<clearChannelAttributes>("clearChannelAttributes"),
                     method<withText<&S::getChannelAttributes>>("getChannelAttributes"),
                     method<withTextAndList<&S::getChannelAttributesByKeys>>("getChannelAttributesByKeys"),
                     method<withList<&S::getChannelMemberCount>>("getChannelMemberCount"),
                     method<queryHistory>("queryHistory"),
                     method<createMediaMessage>("createMediaMessage"),
                     method<withPath<&S::createFileMessageByUploading>>("createFileMessageByUploading"),
                     method<withPath<&S::createImageMessageByUploading>>("createImageMessageByUploading"),
                     method<withText<&S::downloadMediaToMemory>>("downloadMediaToMemory"),
                     method<downloadToFile>("downloadMediaToFile"),
                     method<cancelTask<&S::cancelMediaDownload>>("cancelMediaDownload"),
                     method<cancelTask<&S::cancelMediaUpload>>("cancelMediaUpload")});
}

}  // namespace rtm::binding
