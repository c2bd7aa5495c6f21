#include "server/bridge/bridge_media_catalog.hpp"

#include <utility>

namespace rtm::server {
namespace {

/// Nothing unless the answer is whole.
std::vector<MediaRecord> readMedia(RecordReader* in) {
  std::vector<MediaRecord> records;
  if (in == nullptr) return records;
  in->list([&records](RecordReader& item) {
    MediaRecord record;
    record.appId = item.text();
    record.mediaId = item.text();
    record.size = item.number();
    item.fill(record.digest);
    record.image = item.flag();
    record.expiresAtMs = item.number();
    records.push_back(std::move(record));
  });
  if (!in->complete()) records.clear();
  return records;
}

}  // namespace

void BridgeMediaCatalog::find(const std::string& appId, const std::string& mediaId, std::uint64_t nowMs,
                              MoveFunction<void(std::optional<MediaRecord>)> done) {
  const auto fill = [&](RecordWriter& out) { out.text(appId).text(mediaId).number(nowMs); };
  bridge_->ask(*home_, Operation::FindMedia, fill, [finish = std::move(done)](RecordReader* in) mutable {
    std::vector<MediaRecord> records = readMedia(in);
    finish(records.empty() ? std::nullopt : std::optional(std::move(records.front())));
  });
}

void BridgeMediaCatalog::listed(const std::vector<std::string>& appIds, const std::string& mediaId,
                                MoveFunction<void(std::optional<bool>)> done) {
  const auto fill = [&](RecordWriter& out) {
    out.word(static_cast<std::uint32_t>(appIds.size()));
    for (const std::string& appId : appIds) out.text(appId);
    out.text(mediaId);
  };
  bridge_->ask(*home_, Operation::IsMediaListed, fill, [finish = std::move(done)](RecordReader* in) mutable {
    const bool listed = in != nullptr && in->flag();
    finish(in != nullptr && in->complete() ? std::optional(listed) : std::nullopt);
  });
}

void BridgeMediaCatalog::add(MediaRecord record, MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) {
    out.text(record.appId).text(record.mediaId).number(record.size).raw(record.digest).flag(record.image);
    out.number(record.expiresAtMs);
  };
  bridge_->ask(*home_, Operation::AddMedia, fill,
               [finish = std::move(done)](RecordReader* in) mutable { finish(in != nullptr && in->complete()); });
}

void BridgeMediaCatalog::takeExpired(std::uint64_t nowMs, std::size_t most,
                                     MoveFunction<void(std::vector<MediaRecord>)> done) {
  const auto fill = [&](RecordWriter& out) { out.number(nowMs).word(static_cast<std::uint32_t>(most)); };
  bridge_->ask(*home_, Operation::TakeExpiredMedia, fill,
               [finish = std::move(done)](RecordReader* in) mutable { finish(readMedia(in)); });
}

}  // namespace rtm::server
