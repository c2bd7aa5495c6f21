// Tickets for the bodies of files and images, and the step from a connection to one that carries a body.

#include <utility>

#include "server/codes.hpp"
#include "server/gateway.hpp"
#include "server/media/media_gate.hpp"
#include "server/requests.hpp"

namespace rtm::server {
namespace {

/// Requests of one session that the hub has not answered yet; a client has no reason for more than its tasks.
constexpr std::uint32_t kMostAsked = 64;

void answer(Peer& peer, std::uint32_t requestId, const MediaTicketAnswer& given) {
  const bool ok = given.code == code::kOk;
  peer.send(wire::MediaTicket{.requestId = requestId,
                              .code = given.code,
                              .mediaId = given.mediaId,
                              .ticket = ok ? ByteView(given.ticket) : ByteView(),
                              .size = given.size});
}

void refuse(Peer& peer, std::uint32_t requestId, std::uint32_t code) {
  answer(peer, requestId, MediaTicketAnswer{.code = code, .mediaId = {}, .ticket = {}, .size = 0});
}

void ask(Peer& peer, MediaTicketRequest request) {
  Gateway& gateway = peer.gateway();
  Session& session = *peer.session();
  if (session.mediaAsked >= kMostAsked) return refuse(peer, request.requestId, code::media::kTooManyTasks);
  ++session.mediaAsked;
  session.state->usedMedia = true;
  request.app = session.state->app;
  request.sessionId = session.state->sessionId;
  const auto answered = [&gateway, sessionId = request.sessionId,
                         requestId = request.requestId](const MediaTicketAnswer& given) {
    Session* asking = gateway.findSession(sessionId);
    if (asking == nullptr) return;
    // Less than one: the session was on another loop in between.
    if (asking->mediaAsked > 0) --asking->mediaAsked;
    if (asking->live) answer(*asking->peer, requestId, given);  // else the client asks again
  };
  gateway.media().ask(std::move(request), answered);
}

}  // namespace

void onMediaUpload(Peer& peer, const wire::MediaUpload& upload) {
  const std::uint32_t most = peer.gateway().context().options.limits.mediaBytes;
  if (upload.size == 0) return refuse(peer, upload.requestId, code::media::kInvalidArgument);
  if (most != 0 && upload.size > most) return refuse(peer, upload.requestId, code::media::kSizeOverflow);
  MediaTicketRequest request;
  request.requestId = upload.requestId;
  request.direction = MediaDirection::Upload;
  request.size = upload.size;
  request.image = upload.image;
  ask(peer, std::move(request));
}

void onMediaDownload(Peer& peer, const wire::MediaDownload& download) {
  if (download.mediaId.empty()) return refuse(peer, download.requestId, code::media::kInvalidArgument);
  MediaTicketRequest request;
  request.requestId = download.requestId;
  request.direction = MediaDirection::Download;
  request.mediaId = download.mediaId;
  ask(peer, std::move(request));
}

void onMediaOpen(Peer& peer, const wire::MediaOpen& open) {
  peer.gateway().media().take(peer.giveLink(), open);
}

}  // namespace rtm::server
