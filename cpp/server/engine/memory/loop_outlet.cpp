#include "server/engine/memory/loop_outlet.hpp"

#include <utility>

#include "server/engine/memory/memory_loop.hpp"

namespace rtm::server {

bool LoopOutlet::hasRoom(std::uint32_t loop) const {
  return loop == index_ || shared_.exchange.hasRoom(index_, loop);
}

LoopBatch::Record& LoopOutlet::record(std::uint32_t loop, LoopBatch::Kind kind, std::string_view first,
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

void LoopOutlet::sendResults(const SessionAddress& to, std::uint64_t firstSeq, std::uint64_t count,
                             std::uint32_t code) {
  if (to.loop == index_) return deliverResults(to.sessionId, firstSeq, count, code);
  LoopBatch::Record& out = record(to.loop, LoopBatch::Kind::Results, {}, {}, {});
  out.session = to;
  out.number = firstSeq;
  out.count = count;
  out.code = code;
}

void LoopOutlet::deliverResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count,
                                std::uint32_t code) {
  if (sink_ == nullptr || sink_->onSendResults(sessionId, firstSeq, count, code)) return;
  if (routes_.expected(sessionId)) {
    return routes_.wait(sessionId, [=, this] { deliverResults(sessionId, firstSeq, count, code); });
  }
  if (const auto loop = routes_.redirect(sessionId)) sendResults({*loop, sessionId}, firstSeq, count, code);
}

void LoopOutlet::peerMessage(const SessionAddress& to, ByteView frame) {
  if (to.loop == index_) {
    if (sink_ != nullptr) sink_->onPeerMessage(to.sessionId, frame);
    return;
  }
  record(to.loop, LoopBatch::Kind::PeerMessage, {}, {}, frame).session = to;
}

void LoopOutlet::presence(std::uint32_t loop, const ScopedName& user, wire::PresenceState state) {
  if (loop == index_) {
    if (sink_ != nullptr) sink_->onPresence(user, state);
    return;
  }
  LoopBatch::Record& out = record(loop, LoopBatch::Kind::Presence, user.name, {}, {});
  out.app = user.app;
  out.code = static_cast<std::uint32_t>(state);
}

void LoopOutlet::channelFrame(std::uint32_t loop, const ChannelFrame& frame) {
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

void LoopOutlet::endSession(const SessionAddress& session, const ScopedName& user, SessionEnd reason) {
  runOn(session.loop,
        [target = shared_.loops[session.loop].get(), key = ScopedKey(user), sessionId = session.sessionId, reason] {
          EngineSink* sink = target->outlet().sink();
          const bool known = sink != nullptr && sink->onSessionEnd(sessionId, reason);
          if (!known) static_cast<EngineClient&>(*target).sessionEnded(key.view(), sessionId);
        });
}

void LoopOutlet::kick(const SessionAddress& session, const std::string& channelId, Reply<bool> reply) {
  runOn(session.loop, [target = shared_.loops[session.loop].get(), sessionId = session.sessionId, channelId,
                       answer = std::move(reply)]() mutable {
    EngineSink* sink = target->outlet().sink();
    answer.send(target->outlet(), sink != nullptr && sink->onKick(sessionId, channelId));
  });
}

std::unique_ptr<SessionCarry> LoopOutlet::giveUp(std::uint64_t sessionId, std::uint32_t to) {
  std::unique_ptr<SessionCarry> carry = sink_ == nullptr ? nullptr : sink_->surrender(sessionId);
  if (carry) routes_.leave(sessionId, to, now());
  return carry;
}

void LoopOutlet::surrender(const SessionAddress& from, std::uint32_t to,
                           MoveFunction<void(std::unique_ptr<SessionCarry>)> done) {
  runOn(from.loop, [holder = &shared_.loops[from.loop]->outlet(), sessionId = from.sessionId, to, home = index_,
                    finish = std::move(done)]() mutable {
    Reply<std::unique_ptr<SessionCarry>> reply{home, std::move(finish)};
    reply.send(*holder, holder->giveUp(sessionId, to));
  });
}

void LoopOutlet::runOn(std::uint32_t loop, Task task) {
  if (loop == index_) return task();
  record(loop, LoopBatch::Kind::Task, {}, {}, {});
  shared_.exchange.outgoing(index_, loop).tasks.push_back(std::move(task));
}

void LoopOutlet::requestFlush() {
  flushChannels_ = true;
  host_->requestTurnEnd();
}

}  // namespace rtm::server
