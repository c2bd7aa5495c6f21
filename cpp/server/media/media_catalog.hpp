#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/move_function.hpp"
#include "server/media/media_record.hpp"
#include "server/media/media_types.hpp"
#include "server/model/loop_host.hpp"

namespace rtm::server {

/// What a catalog knows of a file in the folder.
struct MediaListing {
  bool known = false;                 ///< false: the catalog cannot tell now
  std::optional<MediaRecord> record;  ///< of the app that has such a body
};

/// Which bodies there are, by App ID and media id (docs/decisions/004-media.md). One loop calls it; completions run on
/// that loop, at once or later, perhaps after their caller has ended.
class MediaCatalog {
 public:
  virtual ~MediaCatalog() = default;

  /// Before anything else: the loop that calls this catalog from now on.
  virtual void attach(LoopHost& home) { static_cast<void>(home); }
  /// Whether the catalog is still there after a restart, so that the bodies must stay too.
  virtual bool outlivesServer() const { return false; }

  /// Completes with nothing if there is no such body in this app, or its time is over at `nowMs`.
  virtual void find(const std::string& appId, const std::string& mediaId, std::uint64_t nowMs,
                    MoveFunction<void(std::optional<MediaRecord>)> done) = 0;
  /// Completes with the body of any app that has this id, even if its time is over. Asked at the start about the files
  /// in the folder, if the catalog outlives the server.
  virtual void listed(const std::vector<std::string>& appIds, const std::string& mediaId,
                      MoveFunction<void(MediaListing)> done) {
    static_cast<void>(appIds);
    static_cast<void>(mediaId);
    done({});
  }
  /// True once the record is as safe as this catalog makes it; the client is told then.
  virtual void add(MediaRecord record, MoveFunction<void(bool)> done) = 0;
  /// Takes out at most `most` records whose time is over; the caller removes their bodies.
  virtual void takeExpired(std::uint64_t nowMs, std::size_t most,
                           MoveFunction<void(std::vector<MediaRecord>)> done) = 0;
};

}  // namespace rtm::server
