#include "server/engine/memory/memory_loop.hpp"

#include <utility>

#include "server/model/codes.hpp"

namespace rtm::server {
MemoryLoop::MemoryLoop(MemoryEngine::Shared& shared, std::uint32_t index)
    : shared_(shared),
      index_(index),
      outlet_(shared, index),
      history_(outlet_, *shared.store),
      users_(outlet_, shared.ids, shared.parameters, *shared.store, history_, shared.returns),
      channels_(outlet_, shared.ids, shared.parameters, history_, shared.returns) {}

void MemoryLoop::attach(LoopHost& host, EngineSink& sink) {
  outlet_.attach(host, sink);
  shared_.returns.begin(host.now());
}

void MemoryLoop::detach() {
  outlet_.detach();
}

std::uint32_t MemoryLoop::ownerOf(PartitionKind kind, const ScopedName& key) const {
  return shared_.parameters.loops == 1 ? 0 : partitionOf(kind, key) % shared_.parameters.loops;
}

// ---- operations -------------------------------------------------------------------------------------------------

void MemoryLoop::sendToPeer(const PeerSendOp& op) {
  const std::uint32_t owner = ownerOf(PartitionKind::User, {op.app, op.receiverId});
  if (owner == index_) return users_.messages().send(op);
  if (!outlet_.hasRoom(owner)) return outlet_.sendResults(op.sender, op.seq, 1, code::peer::kFailure);
  LoopBatch::Record& to = outlet_.record(owner, LoopBatch::Kind::PeerSend, op.senderId, op.receiverId, op.content);
  to.app = op.app;
  to.session = op.sender;
  to.number = op.seq;
  to.code = op.flags;
  to.timeMs = op.serverTimeMs;
  to.capabilities = op.requiredCapabilities;
}

void MemoryLoop::publish(const PublishOp& op) {
  const std::uint32_t owner = ownerOf(PartitionKind::Channel, {op.app, op.channelId});
  if (owner == index_) return channels_.publish(op);
  if (!outlet_.hasRoom(owner)) return outlet_.sendResults(op.sender, op.seq, 1, code::channel::kFailure);
  LoopBatch::Record& to = outlet_.record(owner, LoopBatch::Kind::Publish, op.senderId, op.channelId, op.content);
  to.app = op.app;
  to.session = op.sender;
  to.fence = op.fence;
  to.number = op.seq;
  to.code = op.flags;
  to.timeMs = op.serverTimeMs;
  to.capabilities = op.requiredCapabilities;
}

void MemoryLoop::acknowledge(const AcknowledgeOp& op) {
  const std::uint32_t owner = ownerOf(PartitionKind::User, {op.app, op.userId});
  if (owner == index_) return users_.messages().acknowledge(op);
  LoopBatch::Record& to = outlet_.record(owner, LoopBatch::Kind::Acknowledge, op.userId, {}, {});
  to.app = op.app;
  to.fence = op.fence;
  to.number = op.offset;
  to.code = op.refused ? 1 : 0;
}

void MemoryLoop::openSession(OpenRequest request, MoveFunction<void(OpenOutcome)> done) {
  const ScopedKey key({request.app, request.userId});
  atOwner(PartitionKind::User, key.view(),
          [what = std::move(request), reply = Reply<OpenOutcome>{index_, std::move(done)}](MemoryLoop& owner) mutable {
            owner.users_.open(std::move(what), std::move(reply));
          });
}

void MemoryLoop::resumeSession(ResumeRequest request, MoveFunction<void(ResumeOutcome)> done) {
  const std::uint64_t sessionId = request.address.sessionId;
  outlet_.routes().expect(sessionId);
  auto answered = [this, sessionId, finish = std::move(done)](ResumeOutcome outcome) mutable {
    const bool resumed = outcome.status == ResumeStatus::Resumed;
    finish(std::move(outcome));
    for (Task& news : outlet_.routes().arrived(sessionId, resumed)) news();
  };
  const ScopedKey key({request.app, request.userId});
  atOwner(PartitionKind::User, key.view(),
          [what = std::move(request), reply = Reply<ResumeOutcome>{index_, std::move(answered)}](
              MemoryLoop& owner) mutable { owner.users_.resume(std::move(what), std::move(reply)); });
}

void MemoryLoop::startDelivery(const ScopedName& user, std::uint64_t fence) {
  atOwner(PartitionKind::User, user,
          [key = ScopedKey(user), fence](MemoryLoop& owner) { owner.users_.startDelivery(key.view(), fence); });
}

void MemoryLoop::confirmResume(const ScopedName& user, std::uint64_t fence) {
  atOwner(PartitionKind::User, user,
          [key = ScopedKey(user), fence](MemoryLoop& owner) { owner.users_.confirmResume(key.view(), fence); });
}

void MemoryLoop::linkLost(const ScopedName& user, std::uint64_t fence, std::uint64_t graceMs) {
  atOwner(PartitionKind::User, user, [key = ScopedKey(user), fence, graceMs](MemoryLoop& owner) {
    owner.users_.linkLost(key.view(), fence, graceMs);
  });
}

void MemoryLoop::closeSession(const ScopedName& user, std::uint64_t fence, SessionEnd reason) {
  atOwner(PartitionKind::User, user,
          [key = ScopedKey(user), fence, reason](MemoryLoop& owner) { owner.users_.close(key.view(), fence, reason); });
}

void MemoryLoop::closeUser(const ScopedName& user, SessionEnd reason, MoveFunction<void(bool)> done) {
  atOwner(PartitionKind::User, user,
          [key = ScopedKey(user), reason, reply = Reply<bool>{index_, std::move(done)}](MemoryLoop& owner) mutable {
            reply.send(owner.outlet_, owner.users_.closeAny(key.view(), reason));
          });
}

void MemoryLoop::kick(const ScopedName& user, std::string channelId, MoveFunction<void(bool)> done) {
  atOwner(PartitionKind::User, user,
          [key = ScopedKey(user), channel = std::move(channelId), reply = Reply<bool>{index_, std::move(done)}](
              MemoryLoop& owner) mutable { owner.users_.kick(key.view(), std::move(channel), std::move(reply)); });
}

void MemoryLoop::sessionEnded(const ScopedName& user, std::uint64_t sessionId) {
  atOwner(PartitionKind::User, user,
          [key = ScopedKey(user), sessionId](MemoryLoop& owner) { owner.users_.ended(key.view(), sessionId); });
}

void MemoryLoop::join(JoinRequest request, MoveFunction<void(JoinOutcome)> done) {
  const ScopedKey key({request.app, request.channelId});
  atOwner(PartitionKind::Channel, key.view(),
          [what = std::move(request), reply = Reply<JoinOutcome>{index_, std::move(done)}](MemoryLoop& owner) mutable {
            owner.channels_.join(what, std::move(reply));
          });
}

void MemoryLoop::leave(const ScopedName& channel, const ScopedName& user, std::uint64_t fence,
                       MoveFunction<void(bool)> done) {
  atOwner(
      PartitionKind::Channel, channel,
      [key = ScopedKey(channel), userId = std::string(user.name), fence, reply = Reply<bool>{index_, std::move(done)}](
          MemoryLoop& owner) mutable { owner.channels_.leave(key.view(), userId, fence, std::move(reply)); });
}

void MemoryLoop::members(const ScopedName& channel, const ScopedName& user, std::uint64_t fence, std::size_t limit,
                         MoveFunction<void(MembersOutcome)> done) {
  atOwner(PartitionKind::Channel, channel,
          [key = ScopedKey(channel), userId = std::string(user.name), fence, limit,
           reply = Reply<MembersOutcome>{index_, std::move(done)}](MemoryLoop& owner) mutable {
            owner.channels_.members(key.view(), userId, fence, limit, std::move(reply));
          });
}

void MemoryLoop::memberCount(const ScopedName& channel, MoveFunction<void(std::optional<std::uint32_t>)> done) {
  using Count = std::optional<std::uint32_t>;
  atOwner(PartitionKind::Channel, channel,
          [key = ScopedKey(channel), reply = Reply<Count>{index_, std::move(done)}](MemoryLoop& owner) mutable {
            reply.send(owner.outlet_, Count(owner.channels_.memberCount(key.view())));
          });
}

void MemoryLoop::queryHistory(HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  shared_.store->queryHistory(outlet_.host(), std::move(filter), std::move(done));
}

void MemoryLoop::onTurnEnd() {
  if (outlet_.takeFlush()) channels_.flush();
  shared_.exchange.flush(index_, [this](std::uint32_t to) {
    MemoryLoop* target = shared_.loops[to].get();
    if (target->outlet_.attached()) target->outlet_.host().post([target] { target->receive(); });
  });
}

void MemoryLoop::onTick() {
  users_.tick();
  channels_.tick();
  history_.tick();
  if (index_ == 0) shared_.store->tick(outlet_.host().wallClockMs());
  outlet_.routes().expire(outlet_.now());
}

// ---- from other loops -------------------------------------------------------------------------------------------

void MemoryLoop::receive() {
  if (outlet_.sink() == nullptr) return;  // closing: a completion would call a gateway that is gone
  shared_.exchange.drain(index_, [this](LoopBatch& batch) { handle(batch); });
}

void MemoryLoop::handle(LoopBatch& batch) {
  EngineSink& sink = *outlet_.sink();
  std::size_t task = 0;
  std::size_t frame = 0;
  for (const LoopBatch::Record& in : batch.records) {
    const ByteView bytes = ByteView(batch.arena).subspan(in.begin);
    const std::string_view first = asText(bytes.first(in.firstSize));
    const std::string_view second = asText(bytes.subspan(in.firstSize, in.secondSize));
    const ByteView content = bytes.subspan(std::size_t{in.firstSize} + in.secondSize, in.contentSize);
    switch (in.kind) {
      case LoopBatch::Kind::PeerSend:
        users_.messages().send(
            {in.app, in.session, in.number, first, second, in.code, in.timeMs, in.capabilities, content});
        break;
      case LoopBatch::Kind::Publish:
        channels_.publish(
            {in.app, in.session, in.fence, in.number, first, second, in.code, in.timeMs, in.capabilities, content});
        break;
      case LoopBatch::Kind::Acknowledge:
        users_.messages().acknowledge({in.app, first, in.fence, in.number, in.code != 0});
        break;
      case LoopBatch::Kind::Results:
        outlet_.deliverResults(in.session.sessionId, in.number, in.count, in.code);
        break;
      case LoopBatch::Kind::PeerMessage:
        sink.onPeerMessage(in.session.sessionId, content);
        break;
      case LoopBatch::Kind::ChannelFrame:
        sink.onChannelFrame({in.frameKind,
                             {in.app, first},
                             std::move(batch.frames[frame++]),
                             in.number,
                             in.capabilities,
                             in.code,
                             in.namesReceivers});
        break;
      case LoopBatch::Kind::Presence:
        sink.onPresence({in.app, first}, static_cast<wire::PresenceState>(in.code));
        break;
      case LoopBatch::Kind::Task:
        batch.tasks[task++]();
        break;
    }
  }
}

}  // namespace rtm::server
