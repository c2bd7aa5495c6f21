#pragma once

#include <map>
#include <utility>

#include "server/media/media_catalog.hpp"

namespace rtm::server {

/// In this process' memory: gone when the server closes, as the bodies are then.
class MemoryMediaCatalog final : public MediaCatalog {
 public:
  void find(const std::string& appId, const std::string& mediaId, std::uint64_t nowMs,
            MoveFunction<void(std::optional<MediaRecord>)> done) override;
  void add(MediaRecord record, MoveFunction<void(bool)> done) override;
  void takeExpired(std::uint64_t nowMs, std::size_t most, MoveFunction<void(std::vector<MediaRecord>)> done) override;

 private:
  using Key = std::pair<std::string, std::string>;  // App ID, media id
  std::map<Key, MediaRecord> records_;
  std::multimap<std::uint64_t, Key> byExpiry_;
};

}  // namespace rtm::server
