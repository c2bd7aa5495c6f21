#pragma once

// What the server does with each frame of a client, by subject. A handler is called with a whole, decoded message, in a
// phase that allows its kind.

#include "server/connection/client_connection.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

// handshake.cpp
void onHello(Peer& peer, const wire::Hello& hello);
void onLogin(Peer& peer, const wire::Login& login);
// resume.cpp
void onChannelPositions(Peer& peer, const wire::ChannelPositions& positions);
void onResume(Peer& peer, const wire::Resume& resume);

// requests_session.cpp
void onPing(Peer& peer, const wire::Ping& ping);
void onLogout(Peer& peer, const wire::Logout& logout);
void onRenewToken(Peer& peer, const wire::RenewToken& renew);

// requests_messages.cpp
void onPeerSend(Peer& peer, const wire::PeerSend& send);
void onChannelSend(Peer& peer, const wire::ChannelSend& send);
void onInboxAck(Peer& peer, const wire::InboxAck& ack);

// requests_channels.cpp
void onJoin(Peer& peer, const wire::Join& join);
void onLeave(Peer& peer, const wire::Leave& leave);
void onGetMembers(Peer& peer, const wire::GetMembers& get);
void onGetMemberCounts(Peer& peer, const wire::GetMemberCounts& get);

// requests_presence.cpp
void onPresenceQuery(Peer& peer, const wire::PresenceQuery& query);
void onPresenceSubscribe(Peer& peer, const wire::PresenceSubscribe& subscribe);
void onPresenceUnsubscribe(Peer& peer, const wire::PresenceUnsubscribe& unsubscribe);

/// After a resume: the client is told where everybody it watches stands now, for it may have missed any of it.
void restoreSubscriptions(Gateway& gateway, Session& session);

// requests_attributes.cpp
void onUserAttributesWrite(Peer& peer, const wire::UserAttributesWrite& write);
void onUserAttributesRead(Peer& peer, const wire::UserAttributesRead& read);
void onChannelAttributesWrite(Peer& peer, const wire::ChannelAttributesWrite& write);
void onChannelAttributesRead(Peer& peer, const wire::ChannelAttributesRead& read);

// requests_media.cpp
void onMediaUpload(Peer& peer, const wire::MediaUpload& upload);
void onMediaDownload(Peer& peer, const wire::MediaDownload& download);
void onMediaCancel(Peer& peer, const wire::MediaCancel& cancel);
/// The connection carries a body from here on: it leaves `peer`, which ends.
void onMediaOpen(Peer& peer, const wire::MediaOpen& open);

// requests_history.cpp
void onHistoryQuery(Peer& peer, const wire::HistoryQuery& query);

/// Hands a frame to its handler. Refuses what does not decode, is not known, or is not allowed in the present phase.
void dispatch(Peer& peer, wire::FrameKind kind, ByteView body);

}  // namespace rtm::server
