#include <algorithm>

#include "base/identifiers.hpp"
#include "server/model/codes.hpp"
#include "server/requests/denials.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

bool allValidKeys(const std::vector<std::string_view>& keys, const wire::AttributeLimits& limits) {
  return std::all_of(keys.begin(), keys.end(),
                     [&](std::string_view key) { return isValidAttributeKey(key, limits.keyBytes); });
}

AttributeWriteRequest makeRequest(Gateway& gateway, const SessionState& state, std::string_view owner,
                                  std::uint32_t requestId, wire::AttributeAction action,
                                  const std::vector<wire::Attribute>& entries) {
  AttributeWriteRequest request;
  request.app = state.app;
  request.owner = owner;
  request.writerId = state.userId;
  request.sessionId = state.sessionId;
  request.fence = state.fence;
  request.requestId = requestId;
  request.serverTimeMs = gateway.wallClockMs();
  request.write.action = action;
  if (action == wire::AttributeAction::Clear) return request;
  request.write.entries.reserve(entries.size());
  for (const wire::Attribute& entry : entries) request.write.entries.emplace_back(entry.key, entry.value);
  return request;
}

auto answerWith(Gateway& gateway, std::uint64_t connectionId, std::uint32_t requestId) {
  return [&gateway, connectionId, requestId](std::uint32_t code) {
    ClientConnection* asking = gateway.connections().find(connectionId);
    if (asking != nullptr) asking->send(wire::Result{.requestId = requestId, .code = code, .tokenLifeMs = 0});
  };
}

/// As this loop knows it: joined, or resumed into the channel.
bool isMember(const SessionState& state, std::string_view channelId) {
  const auto found = state.channels.find(channelId);
  return found != state.channels.end() && found->second.listPosition != Membership::kUnlisted;
}

template <typename Answer>
auto answerEntries(Gateway& gateway, std::uint64_t connectionId, std::uint32_t requestId) {
  return [&gateway, connectionId, requestId](const AttributesOutcome& outcome) {
    ClientConnection* asking = gateway.connections().find(connectionId);
    if (asking == nullptr) return;
    Answer answer{.requestId = requestId, .code = code::kOk, .entries = {}};
    if (!outcome.found) answer.code = code::attributes::kUserNotFound;
    if (outcome.failed) answer.code = code::attributes::kFailure;
    for (const StoredAttribute& entry : outcome.entries) {
      wire::Attribute& out = answer.entries.emplace_back();
      out.key = entry.key;
      out.value = entry.value;
      if constexpr (std::is_same_v<Answer, wire::UserAttributes>) continue;  // their only writer is the user
      out.updatedBy = entry.updatedBy;
      out.updatedMs = entry.updatedMs;
    }
    asking->send(answer);
  };
}

}  // namespace

void onUserAttributesWrite(Gateway& gateway, ClientConnection& connection, const wire::UserAttributesWrite& write) {
  SessionState& state = *connection.session()->state;
  const auto answer = answerWith(gateway, connection.id(), write.requestId);
  if (!state.quotas.take(wire::RateGroup::UserAttributesWrite, gateway.now())) {
    return answer(code::attributes::kTooOften);
  }
  const std::size_t mostKey = gateway.context().options.limits.userAttributes.keyBytes;
  if (const std::uint32_t wrong = checkAttributeWrite(write.action, write.entries, mostKey)) return answer(wrong);
  if (denied(gateway, connection, Action::SetAttributes)) return answer(code::attributes::kFailure);
  gateway.engine().writeUserAttributes(
      makeRequest(gateway, state, state.userId, write.requestId, write.action, write.entries), answer);
}

void onUserAttributesRead(Gateway& gateway, ClientConnection& connection, const wire::UserAttributesRead& read) {
  SessionState& state = *connection.session()->state;
  const auto refuse = [&](std::uint32_t code) {
    connection.send(wire::UserAttributes{.requestId = read.requestId, .code = code, .entries = {}});
  };
  if (!state.quotas.take(wire::RateGroup::UserAttributesRead, gateway.now())) {
    return refuse(code::attributes::kTooOften);
  }
  if (!isValidUserId(read.userId) || !allValidKeys(read.keys, gateway.context().options.limits.userAttributes)) {
    return refuse(code::attributes::kInvalidArgument);
  }
  gateway.engine().userAttributes({state.app, read.userId}, {read.keys.begin(), read.keys.end()},
                                  answerEntries<wire::UserAttributes>(gateway, connection.id(), read.requestId));
}

void onChannelAttributesWrite(Gateway& gateway, ClientConnection& connection,
                              const wire::ChannelAttributesWrite& write) {
  SessionState& state = *connection.session()->state;
  const auto answer = answerWith(gateway, connection.id(), write.requestId);
  if (!state.quotas.take(wire::RateGroup::ChannelAttributesWrite, gateway.now())) {
    return answer(code::attributes::kTooOften);
  }
  if (!isValidChannelId(write.channelId)) return answer(code::attributes::kInvalidArgument);
  const ServerOptions& options = gateway.context().options;
  const bool membersOnly = options.channelAttributesWriters == ChannelAttributesWriters::Members;
  if (membersOnly && !isMember(state, write.channelId)) return answer(code::attributes::kFailure);
  const std::size_t mostKey = options.limits.channelAttributes.keyBytes;
  if (const std::uint32_t wrong = checkAttributeWrite(write.action, write.entries, mostKey)) return answer(wrong);
  if (denied(gateway, connection, Action::SetAttributes, write.channelId)) return answer(code::attributes::kFailure);
  AttributeWriteRequest request =
      makeRequest(gateway, state, write.channelId, write.requestId, write.action, write.entries);
  request.notify = write.notify;
  request.inDebt = state.quotas.owesForNotices(gateway.now());
  gateway.engine().writeChannelAttributes(
      std::move(request), [&gateway, answer, sessionId = state.sessionId](const ChannelWriteOutcome& outcome) {
        if (Session* writer = gateway.sessions().find(sessionId); writer != nullptr) {
          SessionQuotas& quotas = writer->state->quotas;
          if (outcome.code == code::attributes::kTooOften) quotas.countRefused();
          if (outcome.noticeBytes != 0) quotas.payNotice(outcome.noticeBytes, gateway.now());
        }
        answer(outcome.failed ? code::attributes::kFailure : outcome.code);
      });
}

void onChannelAttributesRead(Gateway& gateway, ClientConnection& connection, const wire::ChannelAttributesRead& read) {
  SessionState& state = *connection.session()->state;
  const auto refuse = [&](std::uint32_t code) {
    connection.send(wire::ChannelAttributes{.requestId = read.requestId, .code = code, .entries = {}});
  };
  if (!state.quotas.take(wire::RateGroup::ChannelAttributesRead, gateway.now())) {
    return refuse(code::attributes::kTooOften);
  }
  if (!isValidChannelId(read.channelId) ||
      !allValidKeys(read.keys, gateway.context().options.limits.channelAttributes)) {
    return refuse(code::attributes::kInvalidArgument);
  }
  gateway.engine().channelAttributes(state.channel(read.channelId), {read.keys.begin(), read.keys.end()},
                                     answerEntries<wire::ChannelAttributes>(gateway, connection.id(), read.requestId));
}

}  // namespace rtm::server
