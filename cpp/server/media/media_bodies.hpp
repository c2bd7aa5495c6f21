#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/loop/io_loop.hpp"
#include "server/context.hpp"
#include "server/media/media_accounts.hpp"
#include "server/media/media_catalog.hpp"
#include "server/media/media_store.hpp"

namespace rtm::server {

/// Counts bodies for their users, and removes the bodies whose time is over, and the bodies that a server left behind
/// when it died between the rename and the listing. On the loop of MediaTransfers, which owns it; at most 16 removals
/// at a time.
class MediaBodies {
 public:
  MediaBodies(const ServerContext& context, MediaStore& store, MediaCatalog& catalog)
      : context_(context),
        store_(store),
        catalog_(catalog),
        accounts_(context.options.mediaStoreBytes, context.options.mediaUserBytes, context.apps.size()) {}

  /// From now on.
  void start(LoopHost& host, net::IoLoop& loop);
  /// Looks at the bodies that were in the folder when the store took it, one after the other; until it has seen a body,
  /// that counts for nobody.
  void lookAtFound();
  /// Now and then. `again()` is called if more bodies may be due at once.
  void sweep(Task again);
  MediaAccounts& accounts() { return accounts_; }

 private:
  void checkNextFound();
  void count(const MediaRecord& record);
  void remove(const std::string& mediaId, std::uint64_t bytes);

  const ServerContext& context_;
  MediaStore& store_;
  MediaCatalog& catalog_;
  MediaAccounts accounts_;
  LoopHost* host_ = nullptr;
  net::IoLoop* loop_ = nullptr;
  bool sweeping_ = false;                 ///< the catalog has not answered yet
  std::vector<MediaStore::Found> found_;  ///< not looked at yet
};

}  // namespace rtm::server
