#include "server/requests/dispatch.hpp"

#include <array>
#include <string>

#include "server/login/handlers.hpp"
#include "server/requests/handlers.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {
namespace {

using Handler = void (*)(Gateway&, ClientConnection&, ByteView body);

struct Route {
  Handler handler = nullptr;
  unsigned phases = 0;
};

template <typename Message, void (*handle)(Gateway&, ClientConnection&, const Message&)>
void decodeAnd(Gateway& gateway, ClientConnection& connection, ByteView body) {
  Message message;
  if (!wire::decode(body, message)) {
    return connection.refuse(
        wire::ByeCode::Malformed,
        "kind " + std::to_string(static_cast<unsigned>(wire::kKindOf<Message>)) + " does not decode");
  }
  handle(gateway, connection, message);
}

constexpr std::array<Route, wire::kFirstOptionalKind> makeRoutes() {
  std::array<Route, wire::kFirstOptionalKind> routes{};
  const auto route = [&routes](wire::FrameKind kind, unsigned phases, Handler handler) {
    routes[static_cast<std::size_t>(kind)] = {handler, phases};
  };
  const auto established = [&route](wire::FrameKind kind, Handler handler) {
    route(kind, ClientConnection::kEstablished, handler);
  };
  using wire::FrameKind;
  route(FrameKind::Hello, ClientConnection::kHello, decodeAnd<wire::Hello, onHello>);
  route(FrameKind::Login, ClientConnection::kLogin, decodeAnd<wire::Login, onLogin>);
  route(FrameKind::ChannelPositions, ClientConnection::kLogin, decodeAnd<wire::ChannelPositions, onChannelPositions>);
  route(FrameKind::Resume, ClientConnection::kLogin, decodeAnd<wire::Resume, onResume>);
  established(FrameKind::Ping, decodeAnd<wire::Ping, onPing>);
  established(FrameKind::Logout, decodeAnd<wire::Logout, onLogout>);
  established(FrameKind::RenewToken, decodeAnd<wire::RenewToken, onRenewToken>);
  established(FrameKind::PeerSend, decodeAnd<wire::PeerSend, onPeerSend>);
  established(FrameKind::ChannelSend, decodeAnd<wire::ChannelSend, onChannelSend>);
  route(FrameKind::InboxAck, ClientConnection::kEstablished | ClientConnection::kLeaving | ClientConnection::kFinishing,
        decodeAnd<wire::InboxAck, onInboxAck>);
  established(FrameKind::Join, decodeAnd<wire::Join, onJoin>);
  established(FrameKind::Leave, decodeAnd<wire::Leave, onLeave>);
  established(FrameKind::GetMembers, decodeAnd<wire::GetMembers, onGetMembers>);
  established(FrameKind::GetMemberCounts, decodeAnd<wire::GetMemberCounts, onGetMemberCounts>);
  established(FrameKind::PresenceQuery, decodeAnd<wire::PresenceQuery, onPresenceQuery>);
  established(FrameKind::PresenceSubscribe, decodeAnd<wire::PresenceSubscribe, onPresenceSubscribe>);
  established(FrameKind::PresenceUnsubscribe, decodeAnd<wire::PresenceUnsubscribe, onPresenceUnsubscribe>);
  established(FrameKind::UserAttributesWrite, decodeAnd<wire::UserAttributesWrite, onUserAttributesWrite>);
  established(FrameKind::UserAttributesRead, decodeAnd<wire::UserAttributesRead, onUserAttributesRead>);
  established(FrameKind::ChannelAttributesWrite, decodeAnd<wire::ChannelAttributesWrite, onChannelAttributesWrite>);
  established(FrameKind::ChannelAttributesRead, decodeAnd<wire::ChannelAttributesRead, onChannelAttributesRead>);
  established(FrameKind::MediaUpload, decodeAnd<wire::MediaUpload, onMediaUpload>);
  established(FrameKind::MediaDownload, decodeAnd<wire::MediaDownload, onMediaDownload>);
  established(FrameKind::MediaCancel, decodeAnd<wire::MediaCancel, onMediaCancel>);
  route(FrameKind::MediaOpen, ClientConnection::kLogin, decodeAnd<wire::MediaOpen, onMediaOpen>);
  established(FrameKind::HistoryQuery, decodeAnd<wire::HistoryQuery, onHistoryQuery>);
  return routes;
}

constexpr std::array<Route, wire::kFirstOptionalKind> kRoutes = makeRoutes();

std::string describe(wire::FrameKind kind) {
  return "kind " + std::to_string(static_cast<unsigned>(kind));
}

}  // namespace

void dispatch(Gateway& gateway, ClientConnection& connection, wire::FrameKind kind, ByteView body) {
  const ClientConnection::Phase phase = connection.phase();
  if (phase == ClientConnection::kClosing) return;  // the client sent this before it got our answer to LOGOUT
  // The client sent this before it got our BYE. Only acknowledgements count: the BYE says which sends were taken.
  const bool leaves = phase == ClientConnection::kLeaving || phase == ClientConnection::kFinishing;
  if (leaves && kind != wire::FrameKind::InboxAck) return;
  const auto number = static_cast<std::size_t>(kind);
  if (number >= wire::kFirstOptionalKind) return;
  const Route& route = kRoutes[number];
  if (route.handler == nullptr)
    return connection.refuse(wire::ByeCode::Unexpected, describe(kind) + " is nothing a client sends");
  if ((route.phases & phase) == 0) {
    return connection.refuse(wire::ByeCode::Unexpected, describe(kind) + " is not allowed now");
  }
  route.handler(gateway, connection, body);
}

}  // namespace rtm::server
