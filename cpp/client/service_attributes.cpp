// User and channel attributes (spec semantics §4, §5).

#include <algorithm>
#include <map>

#include "base/identifiers.hpp"
#include "client/channel.hpp"
#include "client/channel_attribute.hpp"
#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// More keys than any set can have would only be repeats; the frame has a bound, too.
constexpr std::size_t kMostKeys = 256;
static_assert(kMostKeys >= wire::kMostAttributes.entries);
static_assert(kMostKeys * (wire::kMostAttributes.keyBytes + 8) + 256 <= wire::kMaxFrameBody);

using Entries = std::vector<std::pair<std::string, std::string>>;

bool isValidKey(std::string_view key, std::size_t most) {
  return !key.empty() && key.size() <= most && isVisibleText(key);
}

/// Takes one pair; of equal keys in one call the last one counts.
int addEntry(Entries& entries, const char* key, const char* value, std::size_t mostKeyBytes) {
  if (key == nullptr || value == nullptr || !isValidKey(key, mostKeyBytes) || *value == '\0' || !isValidUtf8(value)) {
    return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
  }
  const auto found = std::find_if(entries.begin(), entries.end(), [key](const auto& e) { return e.first == key; });
  if (found != entries.end()) {
    found->second = value;
  } else {
    entries.emplace_back(key, value);
  }
  return ATTRIBUTE_OPERATION_ERR_OK;
}

/// The server checks the resulting set; this side refuses what no set could hold.
int checkSizes(const Entries& entries, const wire::AttributeLimits& limits) {
  std::size_t total = 0;
  for (const auto& [key, value] : entries) {
    if (value.size() > limits.valueBytes) return ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW;
    total += key.size() + value.size();
  }
  return entries.size() > limits.entries || total > limits.totalBytes ? ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW
                                                                      : ATTRIBUTE_OPERATION_ERR_OK;
}

int copyEntries(const RtmAttribute* attributes, int count, const wire::AttributeLimits& limits, Entries& entries) {
  if (attributes == nullptr || count <= 0) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
  for (int i = 0; i < count; ++i) {
    if (const int code = addEntry(entries, attributes[i].key, attributes[i].value, limits.keyBytes)) return code;
  }
  return checkSizes(entries, limits);
}

int copyEntries(const IRtmChannelAttribute* const* attributes, int count, const wire::AttributeLimits& limits,
                Entries& entries) {
  if (attributes == nullptr || count <= 0) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
  for (int i = 0; i < count; ++i) {
    if (attributes[i] == nullptr) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
    const IRtmChannelAttribute& attribute = *attributes[i];
    if (const int code = addEntry(entries, attribute.getKey(), attribute.getValue(), limits.keyBytes)) return code;
  }
  return checkSizes(entries, limits);
}

int copyKeys(const char* const* keys, int count, const wire::AttributeLimits& limits, std::vector<std::string>& out) {
  if (keys == nullptr || count <= 0) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
  for (int i = 0; i < count; ++i) {
    if (keys[i] == nullptr || !isValidKey(keys[i], limits.keyBytes)) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
    out.emplace_back(keys[i]);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out.size() > kMostKeys ? ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW : ATTRIBUTE_OPERATION_ERR_OK;
}

std::vector<wire::Attribute> wireEntries(const PendingRequest& pending) {
  std::vector<wire::Attribute> out;
  for (const auto& [key, value] : pending.entries) out.push_back({.key = key, .value = value});
  for (const std::string& key : pending.names) out.push_back({.key = key});
  return out;
}

std::vector<ChannelAttribute> ownAttributes(const std::vector<wire::Attribute>& entries) {
  std::vector<ChannelAttribute> own;
  own.reserve(entries.size());
  for (const wire::Attribute& entry : entries) {
    own.emplace_back(std::string(entry.key), std::string(entry.value), std::string(entry.updatedBy),
                     static_cast<long long>(entry.updatedMs.value));
  }
  return own;
}

std::vector<const IRtmChannelAttribute*> pointersTo(const std::vector<ChannelAttribute>& attributes) {
  std::vector<const IRtmChannelAttribute*> pointers;
  pointers.reserve(attributes.size());
  for (const ChannelAttribute& attribute : attributes) pointers.push_back(&attribute);
  return pointers;
}

}  // namespace

IRtmChannelAttribute* Service::createChannelAttribute() {
  return ChannelAttribute::forUser();
}

int Service::writeUserAttributes(wire::AttributeAction action, RequestKind kind, PendingRequest pending,
                                 long long& requestId) {
  if (!acceptCall(wire::RateGroup::UserAttributesWrite)) return ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
  wire::UserAttributesWrite request{.action = action, .entries = wireEntries(pending)};
  return startRequest(request, kind, std::move(pending), requestId) ? ATTRIBUTE_OPERATION_ERR_OK
                                                                    : ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
}

int Service::writeChannelAttributes(const char* channelId, wire::AttributeAction action, bool notifyMembers,
                                    RequestKind kind, PendingRequest pending, long long& requestId) {
  if (channelId == nullptr || !isValidChannelId(channelId)) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
  if (!acceptCall(wire::RateGroup::ChannelAttributesWrite)) return ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
  wire::ChannelAttributesWrite request{
      .channelId = channelId, .action = action, .entries = wireEntries(pending), .notify = notifyMembers};
  return startRequest(request, kind, std::move(pending), requestId) ? ATTRIBUTE_OPERATION_ERR_OK
                                                                    : ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
}

int Service::attributeCallAllowed() const {
  if (!initialized_) return ATTRIBUTE_OPERATION_ERR_NOT_INITIALIZED;
  return machine_.loggedIn() ? ATTRIBUTE_OPERATION_ERR_OK : ATTRIBUTE_OPERATION_ERR_USER_NOT_LOGGED_IN;
}

int Service::setLocalUserAttributes(const RtmAttribute* attributes, int numberOfAttributes, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyEntries(attributes, numberOfAttributes, limits_.userAttributes, pending.entries)) {
    return code;
  }
  return writeUserAttributes(wire::AttributeAction::Set, RequestKind::SetUserAttributes, std::move(pending), requestId);
}

int Service::addOrUpdateLocalUserAttributes(const RtmAttribute* attributes, int numberOfAttributes,
                                            long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyEntries(attributes, numberOfAttributes, limits_.userAttributes, pending.entries)) {
    return code;
  }
  return writeUserAttributes(wire::AttributeAction::Merge, RequestKind::MergeUserAttributes, std::move(pending),
                             requestId);
}

int Service::deleteLocalUserAttributesByKeys(const char* attributeKeys[], int numberOfKeys, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyKeys(attributeKeys, numberOfKeys, limits_.userAttributes, pending.names)) return code;
  return writeUserAttributes(wire::AttributeAction::Delete, RequestKind::DeleteUserAttributes, std::move(pending),
                             requestId);
}

int Service::clearLocalUserAttributes(long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  return writeUserAttributes(wire::AttributeAction::Clear, RequestKind::ClearUserAttributes, PendingRequest{},
                             requestId);
}

int Service::readUserAttributes(const char* userId, PendingRequest pending, long long& requestId) {
  if (userId == nullptr || !isValidUserId(userId)) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
  if (!acceptCall(wire::RateGroup::UserAttributesRead)) return ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
  pending.text = userId;
  wire::UserAttributesRead request{.userId = userId, .keys = {pending.names.begin(), pending.names.end()}};
  return startRequest(request, RequestKind::GetUserAttributes, std::move(pending), requestId)
             ? ATTRIBUTE_OPERATION_ERR_OK
             : ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
}

int Service::getUserAttributes(const char* userId, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  return readUserAttributes(userId, PendingRequest{}, requestId);
}

int Service::getUserAttributesByKeys(const char* userId, const char* attributeKeys[], int numberOfKeys,
                                     long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyKeys(attributeKeys, numberOfKeys, limits_.userAttributes, pending.names)) return code;
  return readUserAttributes(userId, std::move(pending), requestId);
}

int Service::setChannelAttributes(const char* channelId, const IRtmChannelAttribute* attributes[],
                                  int numberOfAttributes, const ChannelAttributeOptions& options,
                                  long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyEntries(attributes, numberOfAttributes, limits_.channelAttributes, pending.entries)) {
    return code;
  }
  return writeChannelAttributes(channelId, wire::AttributeAction::Set, options.enableNotificationToChannelMembers,
                                RequestKind::SetChannelAttributes, std::move(pending), requestId);
}

int Service::addOrUpdateChannelAttributes(const char* channelId, const IRtmChannelAttribute* attributes[],
                                          int numberOfAttributes, const ChannelAttributeOptions& options,
                                          long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyEntries(attributes, numberOfAttributes, limits_.channelAttributes, pending.entries)) {
    return code;
  }
  return writeChannelAttributes(channelId, wire::AttributeAction::Merge, options.enableNotificationToChannelMembers,
                                RequestKind::MergeChannelAttributes, std::move(pending), requestId);
}

int Service::deleteChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                           const ChannelAttributeOptions& options, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyKeys(attributeKeys, numberOfKeys, limits_.channelAttributes, pending.names)) return code;
  return writeChannelAttributes(channelId, wire::AttributeAction::Delete, options.enableNotificationToChannelMembers,
                                RequestKind::DeleteChannelAttributes, std::move(pending), requestId);
}

int Service::clearChannelAttributes(const char* channelId, const ChannelAttributeOptions& options,
                                    long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  return writeChannelAttributes(channelId, wire::AttributeAction::Clear, options.enableNotificationToChannelMembers,
                                RequestKind::ClearChannelAttributes, PendingRequest{}, requestId);
}

int Service::readChannelAttributes(const char* channelId, PendingRequest pending, long long& requestId) {
  if (channelId == nullptr || !isValidChannelId(channelId)) return ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT;
  if (!acceptCall(wire::RateGroup::ChannelAttributesRead)) return ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
  wire::ChannelAttributesRead request{.channelId = channelId, .keys = {pending.names.begin(), pending.names.end()}};
  return startRequest(request, RequestKind::GetChannelAttributes, std::move(pending), requestId)
             ? ATTRIBUTE_OPERATION_ERR_OK
             : ATTRIBUTE_OPERATION_ERR_TOO_OFTEN;
}

int Service::getChannelAttributes(const char* channelId, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  return readChannelAttributes(channelId, PendingRequest{}, requestId);
}

int Service::getChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                        long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (const int code = attributeCallAllowed()) return code;
  PendingRequest pending;
  if (const int code = copyKeys(attributeKeys, numberOfKeys, limits_.channelAttributes, pending.names)) return code;
  return readChannelAttributes(channelId, std::move(pending), requestId);
}

bool Service::handleUserAttributes(const wire::UserAttributes& attributes) {
  std::optional<PendingRequest> pending = takePending(attributes.requestId);
  if (!pending) return true;
  if (attributes.code != ATTRIBUTE_OPERATION_ERR_OK) {
    concludeRequest(*pending, static_cast<int>(attributes.code));
    return true;
  }
  Entries entries;
  for (const wire::Attribute& entry : attributes.entries) {
    entries.emplace_back(std::string(entry.key), std::string(entry.value));
  }
  notify([id = pending->id, user = std::move(pending->text),
          entries = std::move(entries)](IRtmServiceEventHandler& handler) {
    std::vector<RtmAttribute> list;
    list.reserve(entries.size());
    for (const auto& [key, value] : entries) {
      RtmAttribute attribute{};
      attribute.key = key.c_str();
      attribute.value = value.c_str();
      list.push_back(attribute);
    }
    handler.onGetUserAttributesResult(id, user.c_str(), list.data(), static_cast<int>(list.size()),
                                      ATTRIBUTE_OPERATION_ERR_OK);
  });
  return true;
}

bool Service::handleChannelAttributes(const wire::ChannelAttributes& attributes) {
  std::optional<PendingRequest> pending = takePending(attributes.requestId);
  if (!pending) return true;
  if (attributes.code != ATTRIBUTE_OPERATION_ERR_OK) {
    concludeRequest(*pending, static_cast<int>(attributes.code));
    return true;
  }
  notify([id = pending->id, own = ownAttributes(attributes.entries)](IRtmServiceEventHandler& handler) {
    std::vector<const IRtmChannelAttribute*> pointers = pointersTo(own);
    handler.onGetChannelAttributesResult(id, pointers.data(), static_cast<int>(pointers.size()),
                                         ATTRIBUTE_OPERATION_ERR_OK);
  });
  return true;
}

bool Service::handleChannelAttributesEvent(const wire::ChannelAttributesEvent& event) {
  const std::shared_ptr<Channel> channel = findChannel(event.channelId);
  if (channel == nullptr || channel->state == Channel::State::Out) return true;
  delivery_->run([channel, own = ownAttributes(event.entries)] {
    if (channel->handler == nullptr) return;
    std::vector<const IRtmChannelAttribute*> pointers = pointersTo(own);
    channel->handler->onAttributesUpdated(pointers.data(), static_cast<int>(pointers.size()));
  });
  return true;
}

/// Keeps our copy of the local user's attributes, which is uploaded again when a session was lost (connection §3).
void Service::rememberUserAttributes(const PendingRequest& pending) {
  if (pending.kind == RequestKind::SetUserAttributes || pending.kind == RequestKind::ClearUserAttributes) {
    userAttributes_.clear();
  }
  for (const auto& [key, value] : pending.entries) userAttributes_.insert_or_assign(key, value);
  if (pending.kind == RequestKind::DeleteUserAttributes) {
    for (const std::string& key : pending.names) userAttributes_.erase(key);
  }
}

/// With outboxMutex_ held, too.
void Service::restoreUserAttributes() {
  if (userAttributes_.empty()) return;
  PendingRequest pending;
  for (const auto& [key, value] : userAttributes_) pending.entries.emplace_back(key, value);
  wire::UserAttributesWrite request{.action = wire::AttributeAction::Set, .entries = wireEntries(pending)};
  long long requestId = 0;
  enterRequest(request, RequestKind::RestoreUserAttributes, std::move(pending), requestId);
}

void Service::concludeAttributes(const PendingRequest& pending, int code) {
  const auto error = static_cast<ATTRIBUTE_OPERATION_ERR>(code);
  if (code == ATTRIBUTE_OPERATION_ERR_OK) rememberUserAttributes(pending);
  using Result = void (IRtmServiceEventHandler::*)(long long, ATTRIBUTE_OPERATION_ERR);
  Result callback = nullptr;
  switch (pending.kind) {
    case RequestKind::SetUserAttributes:
      callback = &IRtmServiceEventHandler::onSetLocalUserAttributesResult;
      break;
    case RequestKind::MergeUserAttributes:
      callback = &IRtmServiceEventHandler::onAddOrUpdateLocalUserAttributesResult;
      break;
    case RequestKind::DeleteUserAttributes:
      callback = &IRtmServiceEventHandler::onDeleteLocalUserAttributesResult;
      break;
    case RequestKind::ClearUserAttributes:
      callback = &IRtmServiceEventHandler::onClearLocalUserAttributesResult;
      break;
    case RequestKind::SetChannelAttributes:
      callback = &IRtmServiceEventHandler::onSetChannelAttributesResult;
      break;
    case RequestKind::MergeChannelAttributes:
      callback = &IRtmServiceEventHandler::onAddOrUpdateChannelAttributesResult;
      break;
    case RequestKind::DeleteChannelAttributes:
      callback = &IRtmServiceEventHandler::onDeleteChannelAttributesResult;
      break;
    case RequestKind::ClearChannelAttributes:
      callback = &IRtmServiceEventHandler::onClearChannelAttributesResult;
      break;
    case RequestKind::GetUserAttributes:
      return notify([id = pending.id, user = pending.text, error](IRtmServiceEventHandler& handler) {
        handler.onGetUserAttributesResult(id, user.c_str(), nullptr, 0, error);
      });
    case RequestKind::GetChannelAttributes:
      return notify([id = pending.id, error](IRtmServiceEventHandler& handler) {
        handler.onGetChannelAttributesResult(id, nullptr, 0, error);
      });
    default:
      if (code != ATTRIBUTE_OPERATION_ERR_OK) {
        log(LogLevel::Error, "could not restore the user attributes, code " + std::to_string(code));
      }
      return;
  }
  notify([id = pending.id, callback, error](IRtmServiceEventHandler& handler) { (handler.*callback)(id, error); });
}

}  // namespace rtm::client
