// Tickets for the bodies of files and images, and the step from a connection to one that carries a body.

#include <utility>

#include "server/gateway/gateway.hpp"
#include "server/media/media_loop.hpp"
#include "server/model/codes.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

/// Requests of one session that the hub has not answered yet; a client has no reason for more than its tasks.
constexpr std::uint32_t kMostAsked = 64;

void answerTicket(Peer& peer, std::uint32_t requestId, const MediaTicketAnswer& given) {
  const bool ok = given.code == code::kOk;
  peer.send(wire::MediaTicket{.requestId = requestId,
                              .code = given.code,
                              .mediaId = given.mediaId,
                              .ticket = ok ? ByteView(given.ticket) : ByteView(),
                              .size = given.size});
}

void refuseTicket(Peer& peer, std::uint32_t requestId, std::uint32_t code) {
  answerTicket(peer, requestId, MediaTicketAnswer{.code = code, .mediaId = {}, .ticket = {}, .size = 0});
}

void askTicket(Peer& peer, MediaTicketRequest request) {
  Gateway& gateway = peer.gateway();
  Session& session = *peer.session();
  if (session.mediaAsked >= kMostAsked) return refuseTicket(peer, request.requestId, code::media::kTooManyTasks);
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
    if (asking->live) answerTicket(*asking->peer, requestId, given);  // else the client asks again
  };
  gateway.media().ask(std::move(request), answered);
}

}  // namespace

void onMediaUpload(Peer& peer, const wire::MediaUpload& upload) {
  const std::uint32_t most = peer.gateway().context().options.limits.mediaBytes;
  if (upload.size == 0) return refuseTicket(peer, upload.requestId, code::media::kInvalidArgument);
  if (most != 0 && upload.size > most) return refuseTicket(peer, upload.requestId, code::media::kSizeOverflow);
  MediaTicketRequest request;
  request.requestId = upload.requestId;
  request.direction = MediaDirection::Upload;
  request.size = upload.size;
  request.image = upload.image;
  askTicket(peer, std::move(request));
}

void onMediaDownload(Peer& peer, const wire::MediaDownload& download) {
  if (download.mediaId.empty()) return refuseTicket(peer, download.requestId, code::media::kInvalidArgument);
  MediaTicketRequest request;
  request.requestId = download.requestId;
  request.direction = MediaDirection::Download;
  request.mediaId = download.mediaId;
  askTicket(peer, std::move(request));
}

void onMediaCancel(Peer& peer, const wire::MediaCancel& cancel) {
  if (!peer.session()->state->usedMedia) return;
  peer.gateway().media().cancel(peer.session()->state->sessionId, cancel.requestId);
}

void onMediaOpen(Peer& peer, const wire::MediaOpen& open) {
  peer.gateway().media().take(peer.giveLink(), open);
}

}  // namespace rtm::server
