#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "client/api/attribute_codes.hpp"
#include "client/api/attribute_values.hpp"
#include "client/requests/pending_request.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

struct ClientCommon;

/// Attributes of users and channels (docs/spec/semantics.md §4, §5). Every call that returns Ok has its result event.
///
/// Lists must not be empty; of equal keys in one list the last counts. Lock: the client lock, taken by the calls of the
/// user and held by the client when it calls the rest.
class Attributes final : private RequestOwner {
 public:
  using Entries = std::span<const AttributeView>;
  using Keys = std::span<const std::string_view>;

  explicit Attributes(ClientCommon& common) : common_(common) {}

  // Of the local user. They live as long as the login.
  AttributeCode setUser(Entries entries, RequestId& id);
  AttributeCode mergeUser(Entries entries, RequestId& id);
  AttributeCode deleteUser(Keys keys, RequestId& id);
  AttributeCode clearUser(RequestId& id);
  // Of any user who is online.
  AttributeCode readUser(std::string_view userId, RequestId& id);
  AttributeCode readUserKeys(std::string_view userId, Keys keys, RequestId& id);

  // Of a channel, joined or not. `notifyMembers`: its members hear of it by ChannelEvents::onAttributes().
  AttributeCode setChannel(std::string_view channelId, Entries entries, bool notifyMembers, RequestId& id);
  AttributeCode mergeChannel(std::string_view channelId, Entries entries, bool notifyMembers, RequestId& id);
  AttributeCode deleteChannel(std::string_view channelId, Keys keys, bool notifyMembers, RequestId& id);
  AttributeCode clearChannel(std::string_view channelId, bool notifyMembers, RequestId& id);
  AttributeCode readChannel(std::string_view channelId, RequestId& id);
  AttributeCode readChannelKeys(std::string_view channelId, Keys keys, RequestId& id);

  // From the client.

  void take(const wire::UserAttributes& attributes);
  void take(const wire::ChannelAttributes& attributes);
  /// Inside SendQueue::startNewSession(): writes what the lost session had.
  void restore();
  void onSessionOver() { ofUser_.clear(); }

 private:
  struct Write {
    AttributeWrite how;
    Entries entries = {};
    Keys keys = {};
  };
  AttributeCode writeUser(const Write& write, RequestId& id);
  AttributeCode writeChannel(std::string_view channelId, const Write& write, bool notifyMembers, RequestId& id);
  AttributeCode readUserOf(std::string_view userId, PendingRequest pending, RequestId& id);
  AttributeCode readChannelOf(std::string_view channelId, PendingRequest pending, RequestId& id);
  void onRequestEnded(PendingRequest& request, int code) override;
  void remember(const PendingRequest& request);

  ClientCommon& common_;
  /// What the server has of the local user, to be written again when a session is lost (docs/spec/connection.md §3).
  std::map<std::string, std::string> ofUser_;
};

}  // namespace rtm::client
