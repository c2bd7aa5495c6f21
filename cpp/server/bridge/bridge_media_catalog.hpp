#pragma once

#include <memory>

#include "server/bridge/bridge.hpp"
#include "server/media/media_catalog.hpp"

namespace rtm::server {

/// A catalog behind the bridge, so that bodies outlive the server (lib/server/storage/message-store.ts).
class BridgeMediaCatalog final : public MediaCatalog {
 public:
  explicit BridgeMediaCatalog(std::shared_ptr<Bridge> bridge) : bridge_(std::move(bridge)) {}

  bool outlivesServer() const override { return true; }
  void attach(LoopHost& home) override { home_ = &home; }
  void find(const std::string& appId, const std::string& mediaId, std::uint64_t nowMs,
            MoveFunction<void(std::optional<MediaRecord>)> done) override;
  void listed(const std::vector<std::string>& appIds, const std::string& mediaId,
              MoveFunction<void(MediaListing)> done) override;
  void add(MediaRecord record, MoveFunction<void(bool)> done) override;
  void takeExpired(std::uint64_t nowMs, std::size_t most, MoveFunction<void(std::vector<MediaRecord>)> done) override;

 private:
  const std::shared_ptr<Bridge> bridge_;
  LoopHost* home_ = nullptr;
};

}  // namespace rtm::server
