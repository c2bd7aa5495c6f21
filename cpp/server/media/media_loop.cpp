#include "server/media/media_loop.hpp"

#include <utility>

#include "server/media/media_connection.hpp"

namespace rtm::server {

MediaLoop::MediaLoop(ServerContext& context, net::IoLoop& loop, std::uint32_t index, LoopStats& stats)
    : context_(context), loop_(loop), transfers_(*context.media), index_(index), stats_(stats) {}

MediaLoop::~MediaLoop() = default;

void MediaLoop::ask(MediaTicketRequest request, MoveFunction<void(MediaTicketAnswer)> done) {
  transfers_.ask(index_, std::move(request),
                 [weak = weak_from_this(), then = std::move(done)](MediaTicketAnswer answer) mutable {
                   if (const auto self = weak.lock()) then(std::move(answer));
                 });
}

void MediaLoop::take(net::LinkHandle link, const wire::MediaOpen& open) {
  const std::uint64_t id = ++lastConnection_;
  const auto connection = std::make_shared<MediaConnection>(*this, std::move(link), MediaAddress{index_, id});
  connections_.emplace(id, connection);
  connection->open(open);
}

/// Asks for a transfer. If the connection has ended when the answer comes, the transfer goes back at once.
void MediaLoop::claim(std::uint64_t connection, const MediaTicketKey& ticket) {
  const MediaAddress address{index_, connection};
  MediaClaim claim;
  claim.address = address;
  claim.granted = [weak = weak_from_this(), &transfers = transfers_, address, ticket](MediaGrant grant) {
    const auto self = weak.lock();
    const auto found = self ? self->find(address.connection) : nullptr;
    if (found) return found->onGrant(std::move(grant));
    if (grant.code == 0) transfers.giveBack(ticket, address, std::move(grant.body), 0, false);
  };
  claim.revoked = [weak = weak_from_this(), address](MediaRevoked why) {
    const auto self = weak.lock();
    const auto found = self ? self->find(address.connection) : nullptr;
    if (found) found->onRevoked(why);
  };
  transfers_.open(ticket, std::move(claim));
}

void MediaLoop::release(std::uint64_t connection) {
  connections_.erase(connection);
}

std::shared_ptr<MediaConnection> MediaLoop::find(std::uint64_t connection) {
  const auto found = connections_.find(connection);
  return found == connections_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<MediaConnection>> MediaLoop::all() const {
  std::vector<std::shared_ptr<MediaConnection>> list;
  list.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) list.push_back(connection);
  return list;
}

void MediaLoop::sweep() {
  const std::uint64_t now = loop_.now();
  for (const auto& connection : all()) connection->sweep(now);
  if (index_ == 0) transfers_.tick();
}

void MediaLoop::shutDown() {
  for (const auto& connection : all()) connection->shutDown();
}

}  // namespace rtm::server
