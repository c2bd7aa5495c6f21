#include "client/sending/send_queue.hpp"

namespace rtm::client {

bool SendQueue::gather(std::size_t contentBytes) {
  if (!gathering_) return false;
  gathered_ += contentBytes;
  if (gathered_ < kGatherBytes) return true;
  gathered_ = 0;
  return false;
}

bool SendQueue::writeHere() {
  // With more than a few messages on their way this is a stream, which the I/O thread writes in larger pieces.
  constexpr std::size_t kMaxUnanswered = 4;
  if (gate_ == nullptr || outbox_.entries() > kMaxUnanswered) return false;
  if (!handOver([this](ByteView frames) { return gate_->tryWrite(frames); })) return false;
  gathered_ = 0;
  return deadlinesWatched_;
}

void SendQueue::scheduleFlush() {
  if (flushPosted_.exchange(true)) return;
  owner_.postFlush();
}

void SendQueue::flushSends(bool alone) {
  if (alone) {
    const std::lock_guard lock(mutex_);
    if (writeHere()) return;
  }
  scheduleFlush();
}

bool SendQueue::acceptCall(wire::RateGroup group) {
  const std::lock_guard lock(mutex_);
  return rates_.accept(group, steadyMs());
}

CallRates::JoinVerdict SendQueue::acceptJoin(const std::string& channelId) {
  const std::lock_guard lock(mutex_);
  return rates_.acceptJoin(channelId, steadyMs());
}

void SendQueue::flush(net::Link* link) {
  const std::lock_guard lock(mutex_);
  deadlinesWatched_ = true;
  if (link == nullptr) return;
  gathered_ = 0;
  handOver([link](ByteView frames) { return link->sendEncoded(frames); });
}

void SendQueue::setGate(net::Link* link) {
  const std::lock_guard lock(mutex_);
  if (link == nullptr) {
    gate_.reset();
  } else if (gate_ == nullptr && !outbox_.empty()) {
    gate_ = link->writeGate();
  }
}

bool SendQueue::expire(std::uint64_t nowMs, std::vector<OutboxEnd>& ended) {
  const std::lock_guard lock(mutex_);
  outbox_.expire(nowMs, [&](const OutboxEnd& end) { ended.push_back(end); });
  deadlinesWatched_ = !outbox_.empty();
  return deadlinesWatched_;
}

void SendQueue::adopt(const wire::Limits& limits) {
  // Without a limit of the server the queue still has one.
  constexpr std::size_t kMostSends = 1'000'000;
  constexpr std::size_t kRequests = 1024;  // requests have room besides the sends
  constexpr std::size_t kBytes = std::size_t{32} * 1024 * 1024;
  const std::lock_guard lock(mutex_);
  messageBytes_ = limits.messageBytes;
  rates_.adopt(limits.rates);
  outbox_.setBounds((limits.inFlightSends == 0 ? kMostSends : limits.inFlightSends) + kRequests, kBytes);
}

void SendQueue::setTimeouts(std::uint64_t peerMs, std::uint64_t channelMs) {
  const std::lock_guard lock(mutex_);
  peerTimeoutMs_ = peerMs;
  channelTimeoutMs_ = channelMs;
}

void SendQueue::finishSends(const wire::SendResults& results, std::vector<std::pair<OutboxEnd, std::uint32_t>>& ended) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < results.ranges.size(); i += 3) {
    const std::uint64_t first = results.ranges[i];
    const std::uint64_t count = results.ranges[i + 1];
    const auto code = static_cast<std::uint32_t>(results.ranges[i + 2]);
    for (std::uint64_t n = 0; n < count; ++n) {
      if (const std::optional<OutboxEnd> end = outbox_.finishSend(first + n)) ended.emplace_back(*end, code);
    }
  }
}

void SendQueue::finishRequest(std::uint64_t requestId) {
  const std::lock_guard lock(mutex_);
  outbox_.finishRequest(requestId);
}

std::optional<OutboxEnd> SendQueue::withdraw(OutboxKind kind, std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return outbox_.withdraw(kind, id);
}

bool SendQueue::awaiting() const {
  const std::lock_guard lock(mutex_);
  return outbox_.awaiting();
}

std::vector<OutboxEnd> SendQueue::clear(std::optional<std::uint32_t> channel) {
  std::vector<OutboxEnd> ended;
  const auto note = [&](const OutboxEnd& end) { ended.push_back(end); };
  const std::lock_guard lock(mutex_);
  if (channel) {
    outbox_.clearChannel(*channel, note);
  } else {
    outbox_.clear(note);
  }
  return ended;
}

std::uint64_t SendQueue::firstUnansweredSeq() const {
  const std::lock_guard lock(mutex_);
  return outbox_.firstUnansweredSeq();
}

void SendQueue::resume(std::uint64_t acceptedSeq) {
  const std::lock_guard lock(mutex_);
  outbox_.rewind();
  outbox_.skipAccepted(acceptedSeq);
}

void SendQueue::unsendAfter(std::uint64_t seq) {
  const std::lock_guard lock(mutex_);
  outbox_.unsendAfter(seq);
}

std::vector<OutboxEnd> SendQueue::startNewSession(MoveFunction<void()> restore) {
  std::vector<OutboxEnd> repeated;
  const std::lock_guard lock(mutex_);
  outbox_.endSentSignals([&](const OutboxEnd& end) { repeated.push_back(end); });
  outbox_.startNewSession(std::move(restore));
  return repeated;
}

}  // namespace rtm::client
