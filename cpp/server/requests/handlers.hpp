#pragma once

// What the server does with each request of a logged-in client, by subject. A handler gets a whole, decoded message, in
// a phase that allows its kind. Loop thread only.
//
// A new request is a handler here, a route in dispatch.cpp, and a function in the file of its subject.

#include "server/gateway/gateway.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

// session.cpp
void onPing(Gateway& gateway, ClientConnection& connection, const wire::Ping& ping);
void onLogout(Gateway& gateway, ClientConnection& connection, const wire::Logout& logout);
void onRenewToken(Gateway& gateway, ClientConnection& connection, const wire::RenewToken& renew);

// messages.cpp
void onPeerSend(Gateway& gateway, ClientConnection& connection, const wire::PeerSend& send);
void onChannelSend(Gateway& gateway, ClientConnection& connection, const wire::ChannelSend& send);
void onInboxAck(Gateway& gateway, ClientConnection& connection, const wire::InboxAck& ack);

// channels.cpp
void onJoin(Gateway& gateway, ClientConnection& connection, const wire::Join& join);
void onLeave(Gateway& gateway, ClientConnection& connection, const wire::Leave& leave);
void onGetMembers(Gateway& gateway, ClientConnection& connection, const wire::GetMembers& get);
void onGetMemberCounts(Gateway& gateway, ClientConnection& connection, const wire::GetMemberCounts& get);

// presence.cpp
void onPresenceQuery(Gateway& gateway, ClientConnection& connection, const wire::PresenceQuery& query);
void onPresenceSubscribe(Gateway& gateway, ClientConnection& connection, const wire::PresenceSubscribe& subscribe);
void onPresenceUnsubscribe(Gateway& gateway, ClientConnection& connection,
                           const wire::PresenceUnsubscribe& unsubscribe);

// attributes.cpp
void onUserAttributesWrite(Gateway& gateway, ClientConnection& connection, const wire::UserAttributesWrite& write);
void onUserAttributesRead(Gateway& gateway, ClientConnection& connection, const wire::UserAttributesRead& read);
void onChannelAttributesWrite(Gateway& gateway, ClientConnection& connection,
                              const wire::ChannelAttributesWrite& write);
void onChannelAttributesRead(Gateway& gateway, ClientConnection& connection, const wire::ChannelAttributesRead& read);

// media.cpp
void onMediaUpload(Gateway& gateway, ClientConnection& connection, const wire::MediaUpload& upload);
void onMediaDownload(Gateway& gateway, ClientConnection& connection, const wire::MediaDownload& download);
void onMediaCancel(Gateway& gateway, ClientConnection& connection, const wire::MediaCancel& cancel);
/// The link carries a body from here on: `connection` gives it away and ends.
void onMediaOpen(Gateway& gateway, ClientConnection& connection, const wire::MediaOpen& open);

// history.cpp
void onHistoryQuery(Gateway& gateway, ClientConnection& connection, const wire::HistoryQuery& query);

}  // namespace rtm::server
