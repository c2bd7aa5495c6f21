// Tickets for the bodies of files and images, and the step from a client connection to a media connection.

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/media/media_loop.hpp"
#include "server/model/codes.hpp"
#include "server/requests/denials.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

/// Most requests of one session without an answer. A client needs no more than its tasks.
constexpr std::uint32_t kMostAsked = 64;

void answerTicket(ClientConnection& connection, std::uint32_t requestId, const MediaTicketAnswer& given) {
  const bool ok = given.code == code::kOk;
  connection.send(wire::MediaTicket{.requestId = requestId,
                                    .code = given.code,
                                    .mediaId = given.mediaId,
                                    .ticket = ok ? ByteView(given.ticket) : ByteView(),
                                    .size = given.size});
}

bool isMediaId(std::string_view text) {
  const auto isHexDigit = [](char each) { return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f'); };
  return text.size() == 2 * kMediaIdBytes && std::ranges::all_of(text, isHexDigit);
}

void refuseTicket(ClientConnection& connection, std::uint32_t requestId, std::uint32_t code) {
  answerTicket(connection, requestId, MediaTicketAnswer{.code = code, .mediaId = {}, .ticket = {}, .size = 0});
}

/// False: the server has media. `what`: the kind of transfer, for the log.
bool refusedAsOff(Gateway& gateway, ClientConnection& connection, std::uint32_t requestId, const char* what) {
  const ServerContext& context = gateway.context();
  if (context.options.media) return false;
  const SessionState& state = *connection.session()->state;
  context.security->tell(
      SecurityEvent::UploadRefused, std::string(what) + " refused: media is off (media: false)",
      {.remote = connection.remoteAddress(), .app = context.policy(state.app).appId, .user = state.userId},
      gateway.now());
  refuseTicket(connection, requestId, code::media::kFailure);
  return true;
}

void askTicket(Gateway& gateway, ClientConnection& connection, MediaTicketRequest request) {
  Session& session = *connection.session();
  if (session.mediaAsked >= kMostAsked) return refuseTicket(connection, request.requestId, code::media::kTooManyTasks);
  ++session.mediaAsked;
  session.state->usedMedia = true;
  request.app = session.state->app;
  request.userId = session.state->userId;
  request.sessionId = session.state->sessionId;
  const auto answered = [&gateway, sessionId = request.sessionId,
                         requestId = request.requestId](const MediaTicketAnswer& given) {
    Session* asking = gateway.sessions().find(sessionId);
    if (asking == nullptr) return;
    // 0 if the session was on another loop in between: each loop counts for itself.
    if (asking->mediaAsked > 0) --asking->mediaAsked;
    if (asking->live)
      answerTicket(*asking->connection, requestId, given);  // else the client asks again after its resume
  };
  gateway.media().ask(std::move(request), answered);
}

}  // namespace

void onMediaUpload(Gateway& gateway, ClientConnection& connection, const wire::MediaUpload& upload) {
  const std::uint32_t most = gateway.context().options.limits.mediaBytes;
  if (upload.size == 0) return refuseTicket(connection, upload.requestId, code::media::kInvalidArgument);
  if (most != 0 && upload.size > most) return refuseTicket(connection, upload.requestId, code::media::kSizeOverflow);
  if (refusedAsOff(gateway, connection, upload.requestId, "upload")) return;
  if (denied(gateway, connection, Action::Upload))
    return refuseTicket(connection, upload.requestId, code::media::kFailure);
  MediaTicketRequest request;
  request.requestId = upload.requestId;
  request.direction = MediaDirection::Upload;
  request.size = upload.size;
  request.image = upload.image;
  askTicket(gateway, connection, std::move(request));
}

void onMediaDownload(Gateway& gateway, ClientConnection& connection, const wire::MediaDownload& download) {
  if (download.mediaId.empty()) return refuseTicket(connection, download.requestId, code::media::kInvalidArgument);
  if (refusedAsOff(gateway, connection, download.requestId, "download")) return;
  // No upload has ever got such an id: the catalog, which may be a database with bounds of its own, is not asked.
  if (!isMediaId(download.mediaId)) return refuseTicket(connection, download.requestId, code::media::kNotExist);
  MediaTicketRequest request;
  request.requestId = download.requestId;
  request.direction = MediaDirection::Download;
  request.mediaId = download.mediaId;
  askTicket(gateway, connection, std::move(request));
}

void onMediaCancel(Gateway& gateway, ClientConnection& connection, const wire::MediaCancel& cancel) {
  if (!connection.session()->state->usedMedia) return;
  gateway.media().cancel(connection.session()->state->sessionId, cancel.requestId);
}

void onMediaOpen(Gateway& gateway, ClientConnection& connection, const wire::MediaOpen& open) {
  gateway.media().take(connection.giveLink(), open);
}

}  // namespace rtm::server
