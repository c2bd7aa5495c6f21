#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "net/link/link.hpp"
#include "server/context.hpp"
#include "server/media/media_transfers.hpp"
#include "server/stats.hpp"

namespace rtm::server {

class MediaConnection;

/// One loop's connections that carry bodies, and its way to MediaTransfers. Lives on that loop, owned by its gateway;
/// an answer that comes after its end is dropped.
class MediaLoop : public std::enable_shared_from_this<MediaLoop> {
 public:
  MediaLoop(ServerContext& context, net::IoLoop& loop, std::uint32_t index, LoopStats& stats);
  ~MediaLoop();
  MediaLoop(const MediaLoop&) = delete;
  MediaLoop& operator=(const MediaLoop&) = delete;

  /// A session wants a ticket. `done` runs on this loop, unless the gateway is gone.
  void ask(MediaTicketRequest request, MoveFunction<void(MediaTicketAnswer)> done);
  void endSession(std::uint64_t sessionId) { transfers_.endSession(sessionId); }
  void cancel(std::uint64_t sessionId, std::uint32_t requestId) { transfers_.cancel(sessionId, requestId); }

  /// Takes over a connection that has said MEDIA_OPEN, inside its onFrame().
  void take(net::LinkHandle link, const wire::MediaOpen& open);
  std::size_t size() const { return connections_.size(); }
  /// Every sweep: closes connections that stand still. On the first loop, also sweeps MediaTransfers.
  void sweep();
  /// BYE to everyone.
  void shutDown();

  // For its connections.
  ServerContext& context() { return context_; }
  net::IoLoop& loop() { return loop_; }
  MediaTransfers& transfers() { return transfers_; }
  LoopStats& stats() { return stats_; }
  void claim(std::uint64_t connection, const MediaTicketKey& ticket);
  void release(std::uint64_t connection);

 private:
  std::shared_ptr<MediaConnection> find(std::uint64_t connection);
  std::vector<std::shared_ptr<MediaConnection>> all() const;

  ServerContext& context_;
  net::IoLoop& loop_;
  MediaTransfers& transfers_;
  std::uint32_t index_;
  LoopStats& stats_;
  std::unordered_map<std::uint64_t, std::shared_ptr<MediaConnection>> connections_;
  std::uint64_t lastConnection_ = 0;
};

}  // namespace rtm::server
