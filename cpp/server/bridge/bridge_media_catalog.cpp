#include "server/bridge/bridge_media_catalog.hpp"

#include <utility>

#include "server/bridge/bridge_records.hpp"

namespace rtm::server {
namespace {

/// Nothing unless the answer is whole.
std::vector<MediaRecord> readMedia(RecordReader* in) {
  std::vector<MediaRecord> records;
  if (in == nullptr) return records;
  readList(*in, records);
  if (!in->complete()) records.clear();
  return records;
}

}  // namespace

void BridgeMediaCatalog::find(const std::string& appId, const std::string& mediaId, std::uint64_t nowMs,
                              MoveFunction<void(std::optional<MediaRecord>)> done) {
  const auto fill = [&](RecordWriter& out) { fillFindMedia(out, appId, mediaId, nowMs); };
  bridge_->ask(*home_, Operation::FindMedia, fill, [finish = std::move(done)](RecordReader* in) mutable {
    std::vector<MediaRecord> records = readMedia(in);
    finish(records.empty() ? std::nullopt : std::optional(std::move(records.front())));
  });
}

void BridgeMediaCatalog::listed(const std::vector<std::string>& appIds, const std::string& mediaId,
                                MoveFunction<void(MediaListing)> done) {
  const auto fill = [&](RecordWriter& out) { fillFindListedMedia(out, appIds, mediaId); };
  bridge_->ask(*home_, Operation::FindListedMedia, fill, [finish = std::move(done)](RecordReader* in) mutable {
    std::vector<MediaRecord> records = readMedia(in);
    MediaListing listing{.known = in != nullptr && in->complete(), .record = std::nullopt};
    if (!records.empty()) listing.record = std::move(records.front());
    finish(std::move(listing));
  });
}

void BridgeMediaCatalog::add(MediaRecord record, MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) { fillAddMedia(out, record); };
  bridge_->ask(*home_, Operation::AddMedia, fill,
               [finish = std::move(done)](RecordReader* in) mutable { finish(in != nullptr && in->complete()); });
}

void BridgeMediaCatalog::takeExpired(std::uint64_t nowMs, std::size_t most,
                                     MoveFunction<void(std::vector<MediaRecord>)> done) {
  const auto fill = [&](RecordWriter& out) { fillTakeExpiredMedia(out, nowMs, most); };
  bridge_->ask(*home_, Operation::TakeExpiredMedia, fill,
               [finish = std::move(done)](RecordReader* in) mutable { finish(readMedia(in)); });
}

}  // namespace rtm::server
