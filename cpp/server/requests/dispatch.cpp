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

template <typename Message>
using MessageHandler = void (*)(Gateway&, ClientConnection&, const Message&);

template <typename Message, MessageHandler<Message> handle>
void decodeAnd(Gateway& gateway, ClientConnection& connection, ByteView body) {
  Message message;
  if (!wire::decode(body, message)) {
    return connection.refuse(
        wire::ByeCode::Malformed,
        "kind " + std::to_string(static_cast<unsigned>(wire::kKindOf<Message>)) + " does not decode");
  }
  handle(gateway, connection, message);
}

/// The phases in which a frame may come.
template <typename Message>
constexpr unsigned kPhasesOf = ClientConnection::kEstablished;
template <>
constexpr unsigned kPhasesOf<wire::Hello> = ClientConnection::kHello;
template <>
constexpr unsigned kPhasesOf<wire::Login> = ClientConnection::kLogin;
template <>
constexpr unsigned kPhasesOf<wire::ChannelPositions> = ClientConnection::kLogin;
template <>
constexpr unsigned kPhasesOf<wire::Resume> = ClientConnection::kLogin;
template <>
constexpr unsigned kPhasesOf<wire::MediaOpen> = ClientConnection::kLogin;
template <>
constexpr unsigned kPhasesOf<wire::InboxAck> =
    ClientConnection::kEstablished | ClientConnection::kLeaving | ClientConnection::kFinishing;

using Routes = std::array<Route, wire::kFirstOptionalKind>;

template <auto handle, typename Message>
constexpr void addRoute(Routes& routes, MessageHandler<Message> /*names the message of handle*/) {
  routes[static_cast<std::size_t>(wire::kKindOf<Message>)] = {decodeAnd<Message, handle>, kPhasesOf<Message>};
}

template <auto... handlers>
constexpr void addRoutes(Routes& routes, HandlerList<handlers...>) {
  (addRoute<handlers>(routes, handlers), ...);
}

constexpr Routes makeRoutes() {
  Routes routes{};
  addRoutes(routes, HandlerList<onHello, onLogin, onChannelPositions, onResume>{});
  addRoutes(routes, Handlers{});
  return routes;
}

constexpr Routes kRoutes = makeRoutes();

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
