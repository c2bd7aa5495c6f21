#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/move_function.hpp"
#include "server/media/media_types.hpp"
#include "server/model/loop_host.hpp"

namespace rtm::server {

/// What is known of a body that is whole.
struct MediaRecord {
  std::string appId;
  std::string mediaId;
  std::uint64_t size = 0;
  MediaDigest digest{};
  bool image = false;
  std::uint64_t expiresAtMs = 0;  ///< wall clock
};

/// Which bodies there are, by App ID and media id (docs/decisions/004-media.md). Called on one loop; completions run
/// there too, at once or later. Callers own nothing that a completion needs to outlive them.
class MediaCatalog {
 public:
  virtual ~MediaCatalog() = default;

  /// Before anything else: the loop that calls this catalog from now on.
  virtual void attach(LoopHost& home) { static_cast<void>(home); }
  /// Whether it knows after a restart what it knew before, so that the bodies have to stay, too.
  virtual bool outlivesServer() const { return false; }

  /// Nothing if there is no such body in this app, or its time is over at `nowMs`.
  virtual void find(const std::string& appId, const std::string& mediaId, std::uint64_t nowMs,
                    MoveFunction<void(std::optional<MediaRecord>)> done) = 0;
  /// Whether there is such a body in one of the apps, even if its time is over; nothing: it cannot tell now. Asked
  /// about what lies in the folder at the start, if the catalog outlives the server.
  virtual void listed(const std::vector<std::string>& appIds, const std::string& mediaId,
                      MoveFunction<void(std::optional<bool>)> done) {
    static_cast<void>(appIds);
    static_cast<void>(mediaId);
    done(std::nullopt);
  }
  /// True once the record is as safe as this catalog makes it; the client is told then.
  virtual void add(MediaRecord record, MoveFunction<void(bool)> done) = 0;
  /// Takes out at most `most` records whose time is over; their bodies are the caller's to remove.
  virtual void takeExpired(std::uint64_t nowMs, std::size_t most,
                           MoveFunction<void(std::vector<MediaRecord>)> done) = 0;
};

}  // namespace rtm::server
