#include "server/engine/memory/channel_table.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "server/model/codes.hpp"
#include "server/model/content_fields.hpp"

namespace rtm::server {
namespace {

constexpr std::uint64_t kReplayExpiryMs = 5000;

/// What has expired is not replayed, and is not missing.
void dropExpired(std::vector<SharedFrame>& frames, std::uint64_t nowMs) {
  std::erase_if(frames, [nowMs](const SharedFrame& frame) {
    wire::ChannelMessage message;
    return wire::decode(frame.bytes().subspan(wire::kFrameHeaderSize), message) && expired(message.content, nowMs);
  });
}

}  // namespace

ChannelState* ChannelTable::find(const ScopedName& channel) {
  const auto found = channels_.find(channel);
  return found == channels_.end() ? nullptr : found->second.get();
}

void ChannelTable::publish(const PublishOp& op) {
  ChannelState* channel = find({op.app, op.channelId});
  std::uint32_t result = code::channel::kFailure;
  if (channel != nullptr && channel->isMember(op.senderId, op.fence)) {
    bool room = true;
    for (std::uint32_t loop = 0; loop < parameters_.loops; ++loop)
      room = room && (!channel->hasMember(loop) || outlet_.hasRoom(loop));
    if (room) {
      channel->publish(op, outlet_);
      history_.keep(op.app, op.sender, op.seq, HistoryWrites::recordOf(op));
      result = code::kOk;
    }
  }
  history_.sendResults(op.sender, op.seq, 1, result);
}

void ChannelTable::join(const JoinRequest& request, Reply<JoinOutcome> reply) {
  const ScopedName name{request.app, request.channelId};
  ChannelState* channel = find(name);
  if (channel == nullptr) {
    const Payer payer{parameters_.ledger, request.app, MemoryCategory::Channels};
    // A resume must find its channels again, also while memory is short.
    if (!request.again && !payer.mayGrow(request.userId, ChannelMemory::kChannelBytes + ChannelMemory::kMemberBytes)) {
      return reply.send(outlet_, JoinOutcome{});
    }
    auto made = std::make_unique<ChannelState>(name, request.userId, ids_.nonZero(), parameters_);
    channel = made.get();
    channels_.emplace(ScopedKey(name), std::move(made));
    size_.store(channels_.size(), std::memory_order_relaxed);
    attributes_.occupied(name);
  }
  JoinOutcome outcome;
  const auto result = channel->join(request.userId, request.address, request.fence, outlet_);
  outcome.joined = result != ChannelState::JoinResult::Refused;
  outcome.epoch = channel->epoch();
  outcome.offset = channel->offset();
  outcome.memberCount = channel->count();
  if (request.again && outcome.joined) {
    ReplayRing::Replay replay = channel->replay(request, outlet_.now());
    outcome.complete = replay.complete;
    outcome.replay = std::move(replay.frames);
    dropExpired(outcome.replay, outlet_.host().wallClockMs());
    const std::uint64_t seen = request.epoch == channel->epoch() ? request.offset : 0;
    if (SharedFrame notice = attributes_.missedNotice(name, seen, outlet_.now())) {
      outcome.replay.push_back(std::move(notice));
    }
  }
  if (request.restores && outcome.joined && returns_.expected(request.app, outlet_.now())) {
    outcome.offset = request.epoch == channel->epoch() ? std::min(request.offset, outcome.offset) : 0;
    channel->joinedAt(request.userId, outcome.offset);  // for a resume that comes before the client has the answer
    outcome.replay = channel->replayFrom(outcome.offset, request.address.sessionId, outlet_.now()).frames;
    dropExpired(outcome.replay, outlet_.host().wallClockMs());
  }
  list(*channel);
  reply.send(outlet_, std::move(outcome));
}

void ChannelTable::leave(const ScopedName& name, std::string_view userId, std::uint64_t fence, Reply<bool> reply) {
  ChannelState* channel = find(name);
  const bool left = channel != nullptr && channel->leave(userId, fence, outlet_);
  if (left && channel->count() == 0) {
    remove(name);
  } else if (left) {
    list(*channel);
  }
  reply.send(outlet_, left);
}

void ChannelTable::members(const ScopedName& name, std::string_view userId, std::uint64_t fence, std::size_t limit,
                           Reply<MembersOutcome> reply) {
  MembersOutcome outcome;
  const ChannelState* channel = find(name);
  outcome.member = channel != nullptr && channel->isMember(userId, fence);
  if (outcome.member) outcome.userIds = channel->sample(limit);
  reply.send(outlet_, std::move(outcome));
}

std::uint32_t ChannelTable::memberCount(const ScopedName& name) const {
  const auto found = channels_.find(name);
  return found == channels_.end() ? 0 : found->second->count();
}

ChannelWriteOutcome ChannelTable::writeAttributes(const AttributeWriteRequest& request) {
  ChannelState* channel = find({request.app, request.owner});
  const std::uint64_t now = outlet_.now();
  auto members = ChannelAttributeTable::Members::None;
  if (channel != nullptr) {
    members =
        channel->owesAttributes() ? ChannelAttributeTable::Members::Waiting : ChannelAttributeTable::Members::Present;
  }
  const ChannelAttributeTable::Written written = attributes_.write(request, members, now);
  if (written.noticeBytes == 0) return {written.code, 0, false};
  const NoticeThrottle::Verdict verdict = channel->attributesWritten(now, written.noticeBytes);
  if (verdict.atOnce) {
    tellAttributes(*channel);
  } else {
    wait(*channel);
  }
  return {written.code, verdict.charge, false};
}

void ChannelTable::tellAttributes(const ChannelState& channel) {
  channel.tellAttributes(attributes_.notice(channel.key().view(), channel.offset(), outlet_.now()), outlet_);
}

AttributesOutcome ChannelTable::attributes(const ScopedName& name, const std::vector<std::string>& keys) const {
  return {true, attributes_.read(name, keys), false};
}

void ChannelTable::list(ChannelState& channel) {
  if (channel.listed || !channel.hasNews()) return;
  channel.listed = true;
  news_.push_back(&channel);
  outlet_.requestFlush();
}

void ChannelTable::remove(const ScopedName& name) {
  const auto found = channels_.find(name);
  if (found->second->listed) std::erase(news_, found->second.get());
  if (found->second->waiting) std::erase(waiting_, found->second.get());
  channels_.erase(found);
  size_.store(channels_.size(), std::memory_order_relaxed);
  attributes_.vacated(name, outlet_.now());
}

void ChannelTable::flush() {
  for (ChannelState* channel : news_) {
    channel->listed = false;
    if (channel->flush(outlet_)) wait(*channel);
  }
  news_.clear();
}

void ChannelTable::wait(ChannelState& channel) {
  if (!std::exchange(channel.waiting, true)) waiting_.push_back(&channel);
}

void ChannelTable::tick() {
  const std::uint64_t now = outlet_.now();
  std::erase_if(waiting_, [this, now](ChannelState* channel) {
    const bool countWaits = channel->flush(outlet_);
    if (channel->takeAttributes(now)) tellAttributes(*channel);
    channel->waiting = countWaits || channel->owesAttributes();
    return !channel->waiting;
  });
  attributes_.tick(now);
  if (now - lastExpiry_ < kReplayExpiryMs) return;
  lastExpiry_ = now;
  expireReplays(now);
}

void ChannelTable::expireReplays(std::uint64_t nowMs) {
  using Sized = std::pair<std::uint64_t, const ChannelState*>;
  // A heap, the smallest in front: a million channels are not sorted for a hundred.
  std::vector<Sized> largest;
  for (auto& [key, channel] : channels_) {
    const std::uint64_t bytes = channel->expireReplay(nowMs);
    if (largest.size() == kMostHeaviest && largest.front().first >= bytes) continue;
    if (largest.size() == kMostHeaviest) {
      std::pop_heap(largest.begin(), largest.end(), std::greater<>());
      largest.pop_back();
    }
    largest.emplace_back(bytes, channel.get());
    std::push_heap(largest.begin(), largest.end(), std::greater<>());
  }
  std::vector<ChannelUsage> usages;
  usages.reserve(largest.size());
  for (const auto& [bytes, channel] : largest) {
    const ScopedName name = channel->key().view();
    usages.push_back({name.app, std::string(name.name), bytes + attributes_.bytesOf(name), channel->count()});
  }
  const std::lock_guard lock(heaviestMutex_);
  heaviest_ = std::move(usages);
}

}  // namespace rtm::server
