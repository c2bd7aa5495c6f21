#include <array>
#include <string>

#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

/// Kinds from here on are optional: who does not know one skips it.
constexpr std::size_t kOptionalKinds = 128;

using Handler = void (*)(Peer&, ByteView body);

struct Route {
  Handler handler = nullptr;
  unsigned phases = 0;
};

template <typename Message, void (*handle)(Peer&, const Message&)>
void decodeAnd(Peer& peer, ByteView body) {
  Message message;
  if (!wire::decode(body, message)) {
    return peer.refuse(wire::ByeCode::Malformed,
                       "kind " + std::to_string(static_cast<unsigned>(wire::kKindOf<Message>)) + " does not decode");
  }
  handle(peer, message);
}

constexpr std::array<Route, kOptionalKinds> makeRoutes() {
  std::array<Route, kOptionalKinds> routes{};
  const auto route = [&routes](wire::FrameKind kind, unsigned phases, Handler handler) {
    routes[static_cast<std::size_t>(kind)] = {handler, phases};
  };
  using wire::FrameKind;
  route(FrameKind::Hello, Peer::kHello, decodeAnd<wire::Hello, onHello>);
  route(FrameKind::Login, Peer::kLogin, decodeAnd<wire::Login, onLogin>);
  route(FrameKind::ChannelPositions, Peer::kLogin, decodeAnd<wire::ChannelPositions, onChannelPositions>);
  route(FrameKind::Resume, Peer::kLogin, decodeAnd<wire::Resume, onResume>);
  route(FrameKind::Ping, Peer::kEstablished, decodeAnd<wire::Ping, onPing>);
  route(FrameKind::Logout, Peer::kEstablished, decodeAnd<wire::Logout, onLogout>);
  route(FrameKind::RenewToken, Peer::kEstablished, decodeAnd<wire::RenewToken, onRenewToken>);
  route(FrameKind::PeerSend, Peer::kEstablished, decodeAnd<wire::PeerSend, onPeerSend>);
  route(FrameKind::ChannelSend, Peer::kEstablished, decodeAnd<wire::ChannelSend, onChannelSend>);
  route(FrameKind::InboxAck, Peer::kEstablished | Peer::kLeaving | Peer::kFinishing,
        decodeAnd<wire::InboxAck, onInboxAck>);
  route(FrameKind::Join, Peer::kEstablished, decodeAnd<wire::Join, onJoin>);
  route(FrameKind::Leave, Peer::kEstablished, decodeAnd<wire::Leave, onLeave>);
  route(FrameKind::GetMembers, Peer::kEstablished, decodeAnd<wire::GetMembers, onGetMembers>);
  route(FrameKind::GetMemberCounts, Peer::kEstablished, decodeAnd<wire::GetMemberCounts, onGetMemberCounts>);
  const auto established = [&route](FrameKind kind, Handler handler) { route(kind, Peer::kEstablished, handler); };
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
  route(FrameKind::MediaOpen, Peer::kLogin, decodeAnd<wire::MediaOpen, onMediaOpen>);
  established(FrameKind::HistoryQuery, decodeAnd<wire::HistoryQuery, onHistoryQuery>);
  return routes;
}

constexpr std::array<Route, kOptionalKinds> kRoutes = makeRoutes();

std::string describe(wire::FrameKind kind) {
  return "kind " + std::to_string(static_cast<unsigned>(kind));
}

}  // namespace

void dispatch(Peer& peer, wire::FrameKind kind, ByteView body) {
  if (peer.phase() == Peer::kClosing) return;  // sent before our answer to LOGOUT arrived there
  // Sent before our BYE arrived there. What it says it took is true: nothing that came after.
  const bool goes = peer.phase() == Peer::kLeaving || peer.phase() == Peer::kFinishing;
  if (goes && kind != wire::FrameKind::InboxAck) return;
  const auto number = static_cast<std::size_t>(kind);
  if (number >= kOptionalKinds) return;
  const Route& route = kRoutes[number];
  if (route.handler == nullptr)
    return peer.refuse(wire::ByeCode::Unexpected, describe(kind) + " is nothing a client sends");
  if ((route.phases & peer.phase()) == 0) {
    return peer.refuse(wire::ByeCode::Unexpected, describe(kind) + " is not allowed now");
  }
  route.handler(peer, body);
}

}  // namespace rtm::server
