#include "server/engine/memory/memory_loop.hpp"

#include <utility>

#include "server/model/codes.hpp"

namespace rtm::server {
MemoryLoop::MemoryLoop(MemoryEngine::Shared& shared, std::uint32_t index)
    : shared_(shared),
      index_(index),
      history_(*this, *shared.store),
      users_(*this, shared.ids, shared.parameters, *shared.store, history_),
      channels_(*this, shared.ids, shared.parameters, history_) {}

void MemoryLoop::attach(LoopHost& host, EngineSink& sink) {
  host_ = &host;
  sink_ = &sink;
}

void MemoryLoop::detach() {
  sink_ = nullptr;
}

std::uint32_t MemoryLoop::ownerOf(PartitionKind kind, const ScopedName& key) const {
  return shared_.parameters.loops == 1 ? 0 : partitionOf(kind, key) % shared_.parameters.loops;
}

// ---- the port ---------------------------------------------------------------------------------------------------

void MemoryLoop::sendToPeer(const PeerSendOp& op) {
  const std::uint32_t owner = ownerOf(PartitionKind::User, {op.app, op.receiverId});
  if (owner == index_) return users_.send(op);
  if (!hasRoom(owner)) return sendResults(op.sender, op.seq, 1, code::peer::kFailure);
  LoopBatch::Record& to = record(owner, LoopBatch::Kind::PeerSend, op.senderId, op.receiverId, op.content);
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
  if (!hasRoom(owner)) return sendResults(op.sender, op.seq, 1, code::channel::kFailure);
  LoopBatch::Record& to = record(owner, LoopBatch::Kind::Publish, op.senderId, op.channelId, op.content);
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
  if (owner == index_) return users_.acknowledge(op);
  LoopBatch::Record& to = record(owner, LoopBatch::Kind::Acknowledge, op.userId, {}, {});
  to.app = op.app;
  to.fence = op.fence;
  to.number = op.offset;
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
  routes_.expect(sessionId);
  auto answered = [this, sessionId, finish = std::move(done)](ResumeOutcome outcome) mutable {
    const bool resumed = outcome.status == ResumeOutcome::Status::Resumed;
    finish(std::move(outcome));
    for (Task& news : routes_.arrived(sessionId, resumed)) news();
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
            reply.send(owner, owner.users_.closeAny(key.view(), reason));
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
            reply.send(owner, Count(owner.channels_.memberCount(key.view())));
          });
}

void MemoryLoop::queryHistory(HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  shared_.store->queryHistory(*host_, std::move(filter), std::move(done));
}

void MemoryLoop::onTurnEnd() {
  if (std::exchange(flushChannels_, false)) channels_.flush();
  shared_.exchange.flush(index_, [this](std::uint32_t to) {
    MemoryLoop* target = shared_.loops[to].get();
    if (target->host_ != nullptr) target->host_->post([target] { target->receive(); });
  });
}

void MemoryLoop::onTick() {
  users_.tick();
  channels_.tick();
  history_.tick();
  if (index_ == 0) shared_.store->tick(host_->wallClockMs());
  routes_.expire(now());
}

// ---- to sessions ------------------------------------------------------------------------------------------------

bool MemoryLoop::hasRoom(std::uint32_t loop) const {
  return loop == index_ || shared_.exchange.hasRoom(index_, loop);
}

LoopBatch::Record& MemoryLoop::record(std::uint32_t loop, LoopBatch::Kind kind, std::string_view first,
                                      std::string_view second, ByteView content) {
  LoopBatch& batch = shared_.exchange.outgoing(index_, loop);
  LoopBatch::Record& to = batch.records.emplace_back();
  to.kind = kind;
  to.begin = batch.arena.size();
  to.firstSize = static_cast<std::uint8_t>(first.size());  // ids have at most 64 bytes
  to.secondSize = static_cast<std::uint8_t>(second.size());
  to.contentSize = static_cast<std::uint32_t>(content.size());
  for (const ByteView part : {asBytes(first), asBytes(second), content}) {
    batch.arena.insert(batch.arena.end(), part.begin(), part.end());
  }
  host_->requestTurnEnd();
  return to;
}

void MemoryLoop::sendResults(const SessionAddress& to, std::uint64_t firstSeq, std::uint64_t count,
                             std::uint32_t code) {
  if (to.loop == index_) return deliverResults(to.sessionId, firstSeq, count, code);
  LoopBatch::Record& out = record(to.loop, LoopBatch::Kind::Results, {}, {}, {});
  out.session = to;
  out.number = firstSeq;
  out.count = count;
  out.code = code;
}

void MemoryLoop::deliverResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count,
                                std::uint32_t code) {
  if (sink_ == nullptr || sink_->onSendResults(sessionId, firstSeq, count, code)) return;
  if (routes_.expected(sessionId)) {
    return routes_.wait(sessionId, [=, this] { deliverResults(sessionId, firstSeq, count, code); });
  }
  if (const auto loop = routes_.redirect(sessionId)) sendResults({*loop, sessionId}, firstSeq, count, code);
}

void MemoryLoop::peerMessage(const SessionAddress& to, ByteView frame) {
  if (to.loop == index_) {
    if (sink_ != nullptr) sink_->onPeerMessage(to.sessionId, frame);
    return;
  }
  record(to.loop, LoopBatch::Kind::PeerMessage, {}, {}, frame).session = to;
}

void MemoryLoop::channelFrame(std::uint32_t loop, const ChannelFrame& frame) {
  if (loop == index_) {
    if (sink_ != nullptr) sink_->onChannelFrame(frame);
    return;
  }
  LoopBatch::Record& out = record(loop, LoopBatch::Kind::ChannelFrame, frame.channel.name, {}, {});
  out.frameKind = frame.kind;
  out.app = frame.channel.app;
  out.number = frame.excludedSession;
  out.capabilities = frame.requiredCapabilities;
  out.code = frame.memberCount;
  out.namesReceivers = frame.namesReceivers;
  shared_.exchange.outgoing(index_, loop).frames.push_back(frame.frame);
}

void MemoryLoop::endSession(const SessionAddress& session, const ScopedName& user, SessionEnd reason) {
  runOn(session.loop,
        [target = shared_.loops[session.loop].get(), key = ScopedKey(user), sessionId = session.sessionId, reason] {
          const bool known = target->sink_ != nullptr && target->sink_->onSessionEnd(sessionId, reason);
          if (!known) target->sessionEnded(key.view(), sessionId);
        });
}

void MemoryLoop::kick(const SessionAddress& session, const std::string& channelId, Reply<bool> reply) {
  runOn(session.loop, [target = shared_.loops[session.loop].get(), sessionId = session.sessionId, channelId,
                       answer = std::move(reply)]() mutable {
    answer.send(*target, target->sink_ != nullptr && target->sink_->onKick(sessionId, channelId));
  });
}

std::unique_ptr<SessionCarry> MemoryLoop::giveUp(std::uint64_t sessionId, std::uint32_t to) {
  std::unique_ptr<SessionCarry> carry = sink_ == nullptr ? nullptr : sink_->surrender(sessionId);
  if (carry) routes_.leave(sessionId, to, now());
  return carry;
}

void MemoryLoop::surrender(const SessionAddress& from, std::uint32_t to,
                           MoveFunction<void(std::unique_ptr<SessionCarry>)> done) {
  runOn(from.loop, [holder = shared_.loops[from.loop].get(), sessionId = from.sessionId, to, home = index_,
                    finish = std::move(done)]() mutable {
    Reply<std::unique_ptr<SessionCarry>> reply{home, std::move(finish)};
    reply.send(*holder, holder->giveUp(sessionId, to));
  });
}

void MemoryLoop::runOn(std::uint32_t loop, Task task) {
  if (loop == index_) return task();
  record(loop, LoopBatch::Kind::Task, {}, {}, {});
  shared_.exchange.outgoing(index_, loop).tasks.push_back(std::move(task));
}

void MemoryLoop::requestFlush() {
  flushChannels_ = true;
  host_->requestTurnEnd();
}

// ---- from other loops -------------------------------------------------------------------------------------------

void MemoryLoop::receive() {
  if (sink_ == nullptr) return;  // shutting down: completions would reach for a gateway that is gone
  shared_.exchange.drain(index_, [this](LoopBatch& batch) { handle(batch); });
}

void MemoryLoop::handle(LoopBatch& batch) {
  std::size_t task = 0;
  std::size_t frame = 0;
  for (const LoopBatch::Record& in : batch.records) {
    const ByteView bytes = ByteView(batch.arena).subspan(in.begin);
    const std::string_view first = asText(bytes.first(in.firstSize));
    const std::string_view second = asText(bytes.subspan(in.firstSize, in.secondSize));
    const ByteView content = bytes.subspan(std::size_t{in.firstSize} + in.secondSize, in.contentSize);
    switch (in.kind) {
      case LoopBatch::Kind::PeerSend:
        users_.send({in.app, in.session, in.number, first, second, in.code, in.timeMs, in.capabilities, content});
        break;
      case LoopBatch::Kind::Publish:
        channels_.publish(
            {in.app, in.session, in.fence, in.number, first, second, in.code, in.timeMs, in.capabilities, content});
        break;
      case LoopBatch::Kind::Acknowledge:
        users_.acknowledge({in.app, first, in.fence, in.number});
        break;
      case LoopBatch::Kind::Results:
        deliverResults(in.session.sessionId, in.number, in.count, in.code);
        break;
      case LoopBatch::Kind::PeerMessage:
        sink_->onPeerMessage(in.session.sessionId, content);
        break;
      case LoopBatch::Kind::ChannelFrame:
        sink_->onChannelFrame({in.frameKind,
                               {in.app, first},
                               std::move(batch.frames[frame++]),
                               in.number,
                               in.capabilities,
                               in.code,
                               in.namesReceivers});
        break;
      case LoopBatch::Kind::Presence:
        sink_->onPresence({in.app, first}, static_cast<wire::PresenceState>(in.code));
        break;
      case LoopBatch::Kind::Task:
        batch.tasks[task++]();
        break;
    }
  }
}

}  // namespace rtm::server
