#include "server/media/memory_media_catalog.hpp"

namespace rtm::server {

void MemoryMediaCatalog::find(const std::string& appId, const std::string& mediaId, std::uint64_t nowMs,
                              MoveFunction<void(std::optional<MediaRecord>)> done) {
  const auto found = records_.find({appId, mediaId});
  if (found == records_.end() || found->second.expiresAtMs <= nowMs) return done(std::nullopt);
  done(found->second);
}

void MemoryMediaCatalog::add(MediaRecord record, MoveFunction<void(bool)> done) {
  Key key{record.appId, record.mediaId};
  const std::uint64_t expiresAt = record.expiresAtMs;
  const bool added = records_.try_emplace(key, std::move(record)).second;
  if (added) byExpiry_.emplace(expiresAt, std::move(key));
  done(added);
}

void MemoryMediaCatalog::takeExpired(std::uint64_t nowMs, std::size_t most,
                                     MoveFunction<void(std::vector<MediaRecord>)> done) {
  std::vector<MediaRecord> expired;
  while (expired.size() < most && !byExpiry_.empty() && byExpiry_.begin()->first <= nowMs) {
    const auto found = records_.find(byExpiry_.begin()->second);
    expired.push_back(std::move(found->second));
    records_.erase(found);
    byExpiry_.erase(byExpiry_.begin());
  }
  done(std::move(expired));
}

}  // namespace rtm::server
