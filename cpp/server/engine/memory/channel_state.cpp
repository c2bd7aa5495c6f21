#include "server/engine/memory/channel_state.hpp"

#include <algorithm>
#include <random>
#include <unordered_set>

#include "server/engine/rules/member_events.hpp"
#include "wire/frame.hpp"

namespace rtm::server {
namespace {

std::minstd_rand& generator() {
  thread_local std::minstd_rand random(static_cast<unsigned>(hashSeed()));
  return random;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ChannelState::~ChannelState() {
  for (const Member& member : members_) memory_.release(member.userId);
}

ChannelState::JoinResult ChannelState::join(const std::string& userId, const SessionAddress& address,
                                            std::uint64_t fence, Outlet& outlet) {
  const auto found = positions_.find(userId);
  if (found != positions_.end()) {
    Member& member = members_[found->second];
    if (member.fence > fence) return JoinResult::Refused;
    --perLoop_[member.address.loop];
    ++perLoop_[address.loop];
    if (member.address.sessionId != address.sessionId) member.joinedAt = offset_;
    member.address = address;
    member.fence = fence;
    return JoinResult::Known;
  }
  if (contains(left_, userId)) flushEvents(outlet);
  positions_.emplace(userId, count());
  members_.push_back({userId, address, fence, offset_});
  memory_.charge(userId);
  ++perLoop_[address.loop];
  throttle_.changed();
  if (noticed()) {
    joined_.push_back(userId);
    lastJoined_ = address.sessionId;
  }
  return JoinResult::New;
}

bool ChannelState::leave(std::string_view userId, std::uint64_t fence, Outlet& outlet) {
  const auto found = positions_.find(userId);
  // An older fence than the session's: its link was lost before it had joined again after a resume.
  if (found == positions_.end() || members_[found->second].fence > fence) return false;
  if (contains(joined_, userId)) flushEvents(outlet);
  const std::uint32_t position = found->second;
  positions_.erase(found);
  Member gone = std::move(members_[position]);
  --perLoop_[gone.address.loop];
  if (position + 1 != members_.size()) {
    members_[position] = std::move(members_.back());
    positions_.find(members_[position].userId)->second = position;
  }
  members_.pop_back();
  memory_.release(gone.userId);
  throttle_.changed();
  if (noticed()) left_.push_back(std::move(gone.userId));
  return true;
}

bool ChannelState::isMember(std::string_view userId, std::uint64_t fence) const {
  const auto found = positions_.find(userId);
  return found != positions_.end() && members_[found->second].fence == fence;
}

void ChannelState::publish(const PublishOp& op, Outlet& outlet) {
  // Members learn of a sender before they get its message.
  flushEvents(outlet);
  const wire::ChannelMessage message{.channelId = op.channelId,
                                     .offset = ++offset_,
                                     .senderId = op.senderId,
                                     .serverTimeMs = op.serverTimeMs,
                                     .content = op.content};
  ChannelFrame frame{.kind = ChannelFrame::Kind::Message,
                     .channel = key_.view(),
                     .frame = SharedFrame::encode(message),
                     .excludedSession = op.sender.sessionId,
                     .requiredCapabilities = op.requiredCapabilities,
                     .memberCount = 0,
                     .namesReceivers = false};
  memory_.keep(offset_, outlet.now(), frame.frame, op.sender.sessionId, op.senderId);
  spread(frame, outlet);
}

void ChannelState::tellAttributes(const SharedFrame& notice, Outlet& outlet) const {
  spread({.kind = ChannelFrame::Kind::Attributes,
          .channel = key_.view(),
          .frame = notice,
          .excludedSession = 0,
          .requiredCapabilities = 0,
          .memberCount = 0,
          .namesReceivers = false},
         outlet);
}

ReplayRing::Replay ChannelState::replay(const JoinRequest& request, std::uint64_t nowMs) const {
  const std::uint64_t reader = request.address.sessionId;
  if (request.epoch == epoch_) return memory_.ring().after(request.offset, nowMs, reader);
  const auto found = positions_.find(request.userId);
  const std::uint64_t joinedAt = found == positions_.end() ? offset_ : members_[found->second].joinedAt;
  ReplayRing::Replay replay = memory_.ring().after(joinedAt, nowMs, reader);
  // Another epoch belongs to an earlier life of this channel, and 0 to no position: what the member has seen is
  // unknown.
  replay.complete = false;
  return replay;
}

std::vector<std::string> ChannelState::sample(std::size_t limit) const {
  std::vector<std::string> names;
  if (members_.size() <= limit) {
    names.reserve(members_.size());
    for (const Member& member : members_) names.push_back(member.userId);
    return names;
  }
  // Floyd's selection: `limit` different positions, each set equally likely, at the cost of `limit` draws.
  std::unordered_set<std::size_t> chosen;
  for (std::size_t last = members_.size() - limit; last < members_.size(); ++last) {
    const std::size_t draw = std::uniform_int_distribution<std::size_t>(0, last)(generator());
    const std::size_t position = chosen.insert(draw).second ? draw : last;
    chosen.insert(position);
    names.push_back(members_[position].userId);
  }
  return names;
}

void ChannelState::spread(const ChannelFrame& frame, Outlet& outlet) const {
  for (std::uint32_t loop = 0; loop < perLoop_.size(); ++loop) {
    if (perLoop_[loop] != 0) outlet.channelFrame(loop, frame);
  }
}

void ChannelState::flushEvents(Outlet& outlet) {
  if (joined_.empty() && left_.empty()) return;
  const std::vector<std::string> joined = std::exchange(joined_, {});
  const std::vector<std::string> left = std::exchange(left_, {});
  // A single new member need not hear of itself, and there is nothing else to tell.
  const bool oneJoin = joined.size() == 1 && left.empty();
  forEachMemberEvent(key_.name, joined, left, [&](const wire::MemberEvent& event) {
    spread({.kind = ChannelFrame::Kind::MemberEvent,
            .channel = key_.view(),
            .frame = SharedFrame::encode(event),
            .excludedSession = oneJoin ? lastJoined_ : 0,
            .requiredCapabilities = 0,
            .memberCount = 0,
            .namesReceivers = !oneJoin && !joined.empty()},
           outlet);
  });
}

bool ChannelState::flush(Outlet& outlet) {
  flushEvents(outlet);
  const std::uint32_t members = count();
  if (throttle_.take(outlet.now(), noticeLimit_ == 0 || members <= noticeLimit_)) {
    const wire::MemberCount notice{.channelId = key_.name, .count = members};
    spread({.kind = ChannelFrame::Kind::MemberCount,
            .channel = key_.view(),
            .frame = SharedFrame::encode(notice),
            .excludedSession = 0,
            .requiredCapabilities = 0,
            .memberCount = members,
            .namesReceivers = false},
           outlet);
  }
  return throttle_.pending();
}

}  // namespace rtm::server
