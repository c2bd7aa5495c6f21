#include "server/engine/memory/history_writes.hpp"

#include "server/engine/rules/remembering.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

static_assert(code::peer::kFailure == code::channel::kFailure);

std::optional<HistoryRecord> makeRecord(std::uint32_t flags, std::string_view source, std::string_view destination,
                                        bool channel, std::uint64_t timeMs, ByteView bytes) {
  if ((flags & static_cast<std::uint32_t>(wire::SendFlag::History)) == 0) return std::nullopt;
  wire::Content content;
  if (!wire::decode(bytes, content) || content.type != wire::ContentType::Text) return std::nullopt;
  return HistoryRecord{.source = std::string(source),
                       .destination = std::string(destination),
                       .channel = channel,
                       .timeMs = timeMs,
                       .text = std::string(content.text)};
}

}  // namespace

std::optional<HistoryRecord> HistoryWrites::recordOf(const PeerSendOp& op) {
  return makeRecord(op.flags, op.senderId, op.receiverId, false, op.serverTimeMs, op.content);
}

std::optional<HistoryRecord> HistoryWrites::recordOf(const PublishOp& op) {
  return makeRecord(op.flags, op.senderId, op.channelId, true, op.serverTimeMs, op.content);
}

void HistoryWrites::keep(AppNumber app, const SessionAddress& sender, std::uint64_t seq,
                         std::optional<HistoryRecord> record) {
  if (!record) return;
  const Key key{sender.sessionId, seq};
  const std::size_t size = historyBytes(*record);
  waiting_[key].sender = sender;
  if (bytes_ + size > kMaxUnansweredBytes) return fail(key);
  bytes_ += size;
  store_.appendHistory(outlet_.host(), app, std::move(*record), [this, key, size](bool ok) {
    bytes_ -= size;
    stored(key, ok);
  });
}

void HistoryWrites::stored(const Key& key, bool ok) {
  const auto found = waiting_.find(key);
  if (found == waiting_.end()) return;
  const Waiting waiting = found->second;
  if (!waiting.code) {
    if (ok) {
      waiting_.erase(found);
    } else {
      fail(key);
    }
    return;
  }
  waiting_.erase(found);
  const bool success = *waiting.code == code::kOk || *waiting.code == code::peer::kCached;
  outlet_.sendResults(waiting.sender, key.second, 1, success && !ok ? code::peer::kFailure : *waiting.code);
}

void HistoryWrites::fail(const Key& key) {
  Waiting& waiting = waiting_[key];
  waiting.failed = true;
  waiting.forgetAt = outlet_.now() + kRememberMs;
}

void HistoryWrites::sendResults(const SessionAddress& to, std::uint64_t firstSeq, std::uint64_t count,
                                std::uint32_t code) {
  const std::uint64_t end = firstSeq + count;
  std::uint64_t next = firstSeq;
  const bool success = code == code::kOk || code == code::peer::kCached;
  for (auto at = waiting_.lower_bound({to.sessionId, firstSeq}); at != waiting_.end();) {
    const auto [session, seq] = at->first;
    if (session != to.sessionId || seq >= end) break;
    if (at->second.failed) {
      at = waiting_.erase(at);
      if (!success) continue;  // the result is a failure already
      if (next < seq) outlet_.sendResults(to, next, seq - next, code);
      outlet_.sendResults(to, seq, 1, code::peer::kFailure);
    } else {
      at->second.code = code;
      ++at;
      if (next < seq) outlet_.sendResults(to, next, seq - next, code);
    }
    next = seq + 1;
  }
  if (next < end) outlet_.sendResults(to, next, end - next, code);
}

void HistoryWrites::tick() {
  if (waiting_.empty()) return;
  std::erase_if(waiting_, [now = outlet_.now()](const auto& entry) {
    return entry.second.failed && entry.second.forgetAt <= now;
  });
}

}  // namespace rtm::server
