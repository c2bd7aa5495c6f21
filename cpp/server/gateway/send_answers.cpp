#include "server/gateway/send_answers.hpp"

#include <algorithm>
#include <utility>

#include "server/connection/client_connection.hpp"

namespace rtm::server {

void SendAnswers::markDirty(Session& session) {
  if (std::exchange(session.dirty, true)) return;
  dirty_.push_back(&session);
  loop_.atTurnEnd(gateway_);
}

void SendAnswers::answer(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) {
  session.state->results.record(firstSeq, count, code);
  session.state->unanswered -= std::min(count, session.state->unanswered);
  if (!session.live) return;
  session.pending.add(firstSeq, count, code);
  markDirty(session);
}

void SendAnswers::answerNew(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) {
  const std::uint64_t end = firstSeq + count;
  for (std::uint64_t seq = firstSeq; seq < end;) {
    const SentResults::Stretch stretch = session.state->results.stretch(seq, end);
    if (!stretch.known) answer(session, seq, stretch.until - seq, code);
    seq = stretch.until;
  }
}

void SendAnswers::repeat(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) {
  session.pending.add(firstSeq, count, code);
  markDirty(session);
}

void SendAnswers::flush(Session& session) {
  session.dirty = false;
  if (!session.live) return session.pending.clear();
  session.pending.flush(scratch_, [&session](const wire::SendResults& results) { session.connection->send(results); });
}

void SendAnswers::flush() {
  for (Session* session : std::exchange(dirty_, {})) flush(*session);
}

void SendAnswers::forget(Session& session) {
  std::erase(dirty_, &session);
}

}  // namespace rtm::server
