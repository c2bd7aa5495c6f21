#include "client/attributes/attributes.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/identifiers.hpp"
#include "client/attributes/attribute_lists.hpp"
#include "client/client_common.hpp"

namespace rtm::client {

namespace {

/// More keys than any set can have would only be repeats; the frame has a bound, too.
constexpr std::size_t kMostKeys = 256;
static_assert(kMostKeys >= wire::kMostAttributes.entries);
static_assert(kMostKeys * (wire::kMostAttributes.keyBytes + 8) + 256 <= wire::kMaxFrameBody);

bool isValidKey(std::string_view key, std::size_t most) {
  return !key.empty() && key.size() <= most && isVisibleText(key);
}

/// The server checks the resulting set; this side refuses what no set could hold.
AttributeCode checkSizes(const PendingRequest& pending, const wire::AttributeLimits& limits) {
  std::size_t total = 0;
  for (const auto& [key, value] : pending.entries) {
    if (value.size() > limits.valueBytes) return AttributeCode::SizeOverflow;
    total += key.size() + value.size();
  }
  return pending.entries.size() > limits.entries || total > limits.totalBytes ? AttributeCode::SizeOverflow
                                                                              : AttributeCode::Ok;
}

AttributeCode copyEntries(Attributes::Entries entries, const wire::AttributeLimits& limits, PendingRequest& pending) {
  if (entries.empty()) return AttributeCode::InvalidArgument;
  for (const AttributeView& entry : entries) {
    if (!isValidKey(entry.key, limits.keyBytes) || entry.value.empty() || !isValidUtf8(entry.value)) {
      return AttributeCode::InvalidArgument;
    }
    const auto found = std::find_if(pending.entries.begin(), pending.entries.end(),
                                    [&](const auto& other) { return other.first == entry.key; });
    if (found != pending.entries.end()) {
      found->second = entry.value;
    } else {
      pending.entries.emplace_back(entry.key, entry.value);
    }
  }
  return checkSizes(pending, limits);
}

AttributeCode copyKeys(Attributes::Keys keys, const wire::AttributeLimits& limits, PendingRequest& pending) {
  std::vector<std::string>& names = pending.names;
  if (keys.empty()) return AttributeCode::InvalidArgument;
  for (const std::string_view key : keys) {
    if (!isValidKey(key, limits.keyBytes)) return AttributeCode::InvalidArgument;
    names.emplace_back(key);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names.size() > kMostKeys ? AttributeCode::SizeOverflow : AttributeCode::Ok;
}

/// What one write needs of its lists.
AttributeCode copyLists(AttributeWrite how, Attributes::Entries entries, Attributes::Keys keys,
                        const wire::AttributeLimits& limits, PendingRequest& pending) {
  switch (how) {
    case AttributeWrite::Set:
    case AttributeWrite::Merge:
      return copyEntries(entries, limits, pending);
    case AttributeWrite::Delete:
      return copyKeys(keys, limits, pending);
    case AttributeWrite::Clear:
      break;
  }
  return AttributeCode::Ok;
}

std::vector<wire::Attribute> wireEntries(const PendingRequest& pending) {
  std::vector<wire::Attribute> out;
  for (const auto& [key, value] : pending.entries) out.push_back({.key = key, .value = value});
  for (const std::string& key : pending.names) out.push_back({.key = key});
  return out;
}

struct WriteKinds {
  AttributeWrite how;
  wire::AttributeAction action;
  RequestKind ofUser;
  RequestKind ofChannel;
};
constexpr WriteKinds kWrites[] = {
    {AttributeWrite::Set, wire::AttributeAction::Set, RequestKind::SetUserAttributes,
     RequestKind::SetChannelAttributes},
    {AttributeWrite::Merge, wire::AttributeAction::Merge, RequestKind::MergeUserAttributes,
     RequestKind::MergeChannelAttributes},
    {AttributeWrite::Delete, wire::AttributeAction::Delete, RequestKind::DeleteUserAttributes,
     RequestKind::DeleteChannelAttributes},
    {AttributeWrite::Clear, wire::AttributeAction::Clear, RequestKind::ClearUserAttributes,
     RequestKind::ClearChannelAttributes},
};

const WriteKinds& kindsOf(AttributeWrite how) {
  return kWrites[static_cast<std::size_t>(how)];
}

AttributeCode asked(bool started) {
  return started ? AttributeCode::Ok : AttributeCode::TooOften;
}

}  // namespace

AttributeCode Attributes::writeUser(const Write& write, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<AttributeCode>(); code != AttributeCode::Ok) return code;
  PendingRequest pending;
  const wire::AttributeLimits& limits = common_.limits.userAttributes;
  const AttributeCode problem = copyLists(write.how, write.entries, write.keys, limits, pending);
  if (problem != AttributeCode::Ok) return problem;
  if (!common_.queue.acceptCall(wire::RateGroup::UserAttributesWrite)) return AttributeCode::TooOften;
  const WriteKinds& kinds = kindsOf(write.how);
  wire::UserAttributesWrite request{.action = kinds.action, .entries = wireEntries(pending)};
  return asked(common_.requests.start(*this, request, kinds.ofUser, std::move(pending), id));
}

AttributeCode Attributes::writeChannel(std::string_view channelId, const Write& write, bool notifyMembers,
                                       RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<AttributeCode>(); code != AttributeCode::Ok) return code;
  PendingRequest pending;
  const wire::AttributeLimits& limits = common_.limits.channelAttributes;
  const AttributeCode problem = copyLists(write.how, write.entries, write.keys, limits, pending);
  if (problem != AttributeCode::Ok) return problem;
  if (!isValidChannelId(channelId)) return AttributeCode::InvalidArgument;
  if (!common_.queue.acceptCall(wire::RateGroup::ChannelAttributesWrite)) return AttributeCode::TooOften;
  const WriteKinds& kinds = kindsOf(write.how);
  wire::ChannelAttributesWrite request{
      .channelId = channelId, .action = kinds.action, .entries = wireEntries(pending), .notify = notifyMembers};
  return asked(common_.requests.start(*this, request, kinds.ofChannel, std::move(pending), id));
}

AttributeCode Attributes::setUser(Entries entries, RequestId& id) {
  return writeUser({.how = AttributeWrite::Set, .entries = entries}, id);
}

AttributeCode Attributes::mergeUser(Entries entries, RequestId& id) {
  return writeUser({.how = AttributeWrite::Merge, .entries = entries}, id);
}

AttributeCode Attributes::deleteUser(Keys keys, RequestId& id) {
  return writeUser({.how = AttributeWrite::Delete, .keys = keys}, id);
}

AttributeCode Attributes::clearUser(RequestId& id) {
  return writeUser({.how = AttributeWrite::Clear}, id);
}

AttributeCode Attributes::setChannel(std::string_view channelId, Entries entries, bool notifyMembers, RequestId& id) {
  return writeChannel(channelId, {.how = AttributeWrite::Set, .entries = entries}, notifyMembers, id);
}

AttributeCode Attributes::mergeChannel(std::string_view channelId, Entries entries, bool notifyMembers, RequestId& id) {
  return writeChannel(channelId, {.how = AttributeWrite::Merge, .entries = entries}, notifyMembers, id);
}

AttributeCode Attributes::deleteChannel(std::string_view channelId, Keys keys, bool notifyMembers, RequestId& id) {
  return writeChannel(channelId, {.how = AttributeWrite::Delete, .keys = keys}, notifyMembers, id);
}

AttributeCode Attributes::clearChannel(std::string_view channelId, bool notifyMembers, RequestId& id) {
  return writeChannel(channelId, {.how = AttributeWrite::Clear}, notifyMembers, id);
}

AttributeCode Attributes::readUser(std::string_view userId, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<AttributeCode>(); code != AttributeCode::Ok) return code;
  return readUserOf(userId, {}, id);
}

AttributeCode Attributes::readUserKeys(std::string_view userId, Keys keys, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<AttributeCode>(); code != AttributeCode::Ok) return code;
  PendingRequest pending;
  const AttributeCode problem = copyKeys(keys, common_.limits.userAttributes, pending);
  return problem != AttributeCode::Ok ? problem : readUserOf(userId, std::move(pending), id);
}

AttributeCode Attributes::readUserOf(std::string_view userId, PendingRequest pending, RequestId& id) {
  if (!isValidUserId(userId)) return AttributeCode::InvalidArgument;
  if (!common_.queue.acceptCall(wire::RateGroup::UserAttributesRead)) return AttributeCode::TooOften;
  pending.text = userId;
  wire::UserAttributesRead request{.userId = userId, .keys = {pending.names.begin(), pending.names.end()}};
  return asked(common_.requests.start(*this, request, RequestKind::GetUserAttributes, std::move(pending), id));
}

AttributeCode Attributes::readChannel(std::string_view channelId, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<AttributeCode>(); code != AttributeCode::Ok) return code;
  return readChannelOf(channelId, {}, id);
}

AttributeCode Attributes::readChannelKeys(std::string_view channelId, Keys keys, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<AttributeCode>(); code != AttributeCode::Ok) return code;
  PendingRequest pending;
  const AttributeCode problem = copyKeys(keys, common_.limits.channelAttributes, pending);
  return problem != AttributeCode::Ok ? problem : readChannelOf(channelId, std::move(pending), id);
}

AttributeCode Attributes::readChannelOf(std::string_view channelId, PendingRequest pending, RequestId& id) {
  if (!isValidChannelId(channelId)) return AttributeCode::InvalidArgument;
  if (!common_.queue.acceptCall(wire::RateGroup::ChannelAttributesRead)) return AttributeCode::TooOften;
  wire::ChannelAttributesRead request{.channelId = channelId, .keys = {pending.names.begin(), pending.names.end()}};
  return asked(common_.requests.start(*this, request, RequestKind::GetChannelAttributes, std::move(pending), id));
}

void Attributes::take(const wire::UserAttributes& attributes) {
  std::optional<PendingRequest> pending = common_.requests.take(attributes.requestId);
  if (!pending) return;
  if (static_cast<AttributeCode>(attributes.code) != AttributeCode::Ok) {
    return Requests::end(*pending, static_cast<int>(attributes.code));
  }
  std::vector<std::pair<std::string, std::string>> owned;
  owned.reserve(attributes.entries.size());
  for (const wire::Attribute& entry : attributes.entries) owned.emplace_back(entry.key, entry.value);
  common_.delivery->run(
      [&events = common_.events, id = pending->id, user = std::move(pending->text), owned = std::move(owned)] {
        std::vector<AttributeView> views;
        views.reserve(owned.size());
        for (const auto& [key, value] : owned) views.push_back({key, value});
        events.onUserAttributes(id, user, views, AttributeCode::Ok);
      });
}

void Attributes::take(const wire::ChannelAttributes& attributes) {
  std::optional<PendingRequest> pending = common_.requests.take(attributes.requestId);
  if (!pending) return;
  if (static_cast<AttributeCode>(attributes.code) != AttributeCode::Ok) {
    return Requests::end(*pending, static_cast<int>(attributes.code));
  }
  common_.delivery->run(
      [&events = common_.events, id = pending->id, owned = OwnedChannelAttributes(attributes.entries)] {
        events.onChannelAttributes(id, owned.views(), AttributeCode::Ok);
      });
}

void Attributes::remember(const PendingRequest& request) {
  if (request.kind == RequestKind::SetUserAttributes || request.kind == RequestKind::ClearUserAttributes) {
    ofUser_.clear();
  }
  if (request.kind == RequestKind::SetUserAttributes || request.kind == RequestKind::MergeUserAttributes) {
    for (const auto& [key, value] : request.entries) ofUser_.insert_or_assign(key, value);
  }
  if (request.kind == RequestKind::DeleteUserAttributes) {
    for (const std::string& key : request.names) ofUser_.erase(key);
  }
}

void Attributes::restore() {
  if (ofUser_.empty()) return;
  PendingRequest pending;
  for (const auto& [key, value] : ofUser_) pending.entries.emplace_back(key, value);
  wire::UserAttributesWrite request{.action = wire::AttributeAction::Set, .entries = wireEntries(pending)};
  common_.requests.startFirst(*this, request, RequestKind::RestoreUserAttributes, std::move(pending));
}

void Attributes::onRequestEnded(PendingRequest& request, int number) {
  const auto code = static_cast<AttributeCode>(number);
  if (code == AttributeCode::Ok) remember(request);
  ClientEvents& events = common_.events;
  switch (request.kind) {
    case RequestKind::GetUserAttributes:
      return common_.delivery->run([&events, id = request.id, user = std::move(request.text), code] {
        events.onUserAttributes(id, user, {}, code);
      });
    case RequestKind::GetChannelAttributes:
      return common_.delivery->run([&events, id = request.id, code] { events.onChannelAttributes(id, {}, code); });
    case RequestKind::RestoreUserAttributes:
      if (code != AttributeCode::Ok) {
        common_.log.error("could not restore the user attributes, code " + std::to_string(number));
      }
      return;
    default:
      break;
  }
  for (const WriteKinds& write : kWrites) {
    if (request.kind != write.ofUser && request.kind != write.ofChannel) continue;
    return common_.delivery->run(
        [&events, id = request.id, how = write.how, ofUser = request.kind == write.ofUser, code] {
          if (ofUser) {
            events.onUserAttributesWritten(id, how, code);
          } else {
            events.onChannelAttributesWritten(id, how, code);
          }
        });
  }
}

}  // namespace rtm::client
