#include "server/media/media_bodies.hpp"

#include <optional>
#include <utility>

#include "server/media/file_calls.hpp"

namespace rtm::server {
namespace {

/// Bodies removed at a time, so that many that end together do not fill the queue of file calls.
constexpr std::size_t kSweptBodies = 16;

}  // namespace

void MediaBodies::start(LoopHost& host, net::IoLoop& loop) {
  host_ = &host;
  loop_ = &loop;
  lookAtFound();
}

void MediaBodies::lookAtFound() {
  found_ = store_.takeFound();
  if (!found_.empty()) host_->post([this] { checkNextFound(); });
}

void MediaBodies::sweep(Task again) {
  if (std::exchange(sweeping_, true)) return;
  catalog_.takeExpired(loop_->wallClockMs(), kSweptBodies,
                       [this, then = std::move(again)](std::vector<MediaRecord> expired) mutable {
                         sweeping_ = false;
                         if (expired.size() == kSweptBodies) then();
                         for (const MediaRecord& record : expired) {
                           if (const auto app = context_.findApp(record.appId)) {
                             accounts_.remove(*app, record.userId, record.size);
                           } else {
                             accounts_.removeOutside(record.size);
                           }
                           remove(record.mediaId, record.size);
                         }
                       });
}

void MediaBodies::remove(const std::string& mediaId, std::uint64_t bytes) {
  file::remove(*loop_, store_.bodyPath(mediaId), [this, mediaId, bytes](int result) {
    if (result == 0) return store_.release(bytes);
    context_.log(LogLevel::Error, "media: cannot remove " + mediaId + ": " + file::errorText(result));
  });
}

void MediaBodies::count(const MediaRecord& record) {
  if (const auto app = context_.findApp(record.appId)) {
    accounts_.add(*app, record.userId, record.size);
  } else {
    accounts_.addOutside(record.size);
  }
}

void MediaBodies::checkNextFound() {
  if (found_.empty()) return;
  MediaStore::Found body = std::move(found_.back());
  found_.pop_back();
  std::vector<std::string> appIds;
  for (const TokenPolicy& app : context_.apps) appIds.push_back(app.appId);
  const std::string mediaId = body.mediaId;
  catalog_.listed(appIds, mediaId, [this, body = std::move(body)](const MediaListing& listing) {
    if (listing.record) count(*listing.record);
    // In doubt the body stays until the next start.
    if (listing.known && !listing.record) remove(body.mediaId, body.bytes);
    host_->post([this] { checkNextFound(); });
  });
}

}  // namespace rtm::server
