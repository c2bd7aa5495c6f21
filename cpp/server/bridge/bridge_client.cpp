#include "server/bridge/bridge_client.hpp"

#include <utility>

#include "server/bridge/bridge_records.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {

BridgeEngine::BridgeEngine(std::shared_ptr<Bridge> bridge, std::uint32_t loops, std::uint32_t noticeLimit)
    : bridge_(std::move(bridge)), noticeLimit_(noticeLimit) {
  for (std::uint32_t loop = 0; loop < loops; ++loop) clients_.push_back(std::make_unique<BridgeClient>(*this, loop));
}

BridgeEngine::~BridgeEngine() = default;

EngineClient& BridgeEngine::attach(std::uint32_t loop, LoopHost& host, EngineSink& sink) {
  clients_[loop]->attach(host, sink);
  return *clients_[loop];
}

void BridgeEngine::detach(std::uint32_t loop) {
  clients_[loop]->detach();
}

void BridgeClient::attach(LoopHost& host, EngineSink& sink) {
  host_ = &host;
  sink_ = &sink;
  engine_.bridge_->listen(index_, host, [this](NewsKind kind, RecordReader& in) { onNews(kind, in); });
}

void BridgeClient::detach() {
  sink_ = nullptr;
  engine_.bridge_->stopListening(index_);
}

// ---- messages ---------------------------------------------------------------------------------------------------

void BridgeClient::sendToPeer(const PeerSendOp& op) {
  const bool given =
      engine_.bridge_->tell(Operation::PeerSend, false, [&op](RecordWriter& out) { fillPeerSend(out, op); });
  if (!given) sink_->onSendResults(op.sender.sessionId, op.seq, 1, code::peer::kFailure);
}

void BridgeClient::publish(const PublishOp& op) {
  const bool given =
      engine_.bridge_->tell(Operation::Publish, false, [&op](RecordWriter& out) { fillPublish(out, op); });
  if (!given) sink_->onSendResults(op.sender.sessionId, op.seq, 1, code::channel::kFailure);
}

void BridgeClient::acknowledge(const AcknowledgeOp& op) {
  tell(Operation::Acknowledge, [&op](RecordWriter& out) {
    fillAcknowledge(out, {op.app, op.userId}, op.fence, op.offset);
  });
}

// ---- sessions ---------------------------------------------------------------------------------------------------

void BridgeClient::openSession(OpenRequest request, MoveFunction<void(OpenOutcome)> done) {
  const auto fill = [&request](RecordWriter& out) { fillOpenSession(out, request); };
  ask(Operation::OpenSession, fill, [this, finish = std::move(done)](RecordReader* in) mutable {
    OpenOutcome outcome = readAnswer<OpenOutcome>(in).value_or(OpenOutcome{.status = OpenStatus::Failed});
    if (outcome.status > OpenStatus::Failed) outcome.status = OpenStatus::Failed;
    if (outcome.status == OpenStatus::Opened) ++engine_.sessions_;
    finish(outcome);
  });
}

void BridgeClient::resumeSession(ResumeRequest request, MoveFunction<void(ResumeOutcome)> done) {
  const std::uint64_t sessionId = request.address.sessionId;
  const auto fill = [&request](RecordWriter& out) { fillResumeSession(out, request); };
  routes_.expect(sessionId);
  ask(Operation::ResumeSession, fill, [this, sessionId, finish = std::move(done)](RecordReader* in) mutable {
    ResumeOutcome outcome;
    outcome.status = ResumeStatus::Busy;
    SessionAddress previous{index_, sessionId};
    bool ofThisNode = false;
    if (auto answer = readAnswer<ResumeAnswer>(in); answer && answer->outcome.status <= ResumeStatus::Busy) {
      outcome = std::move(answer->outcome);
      ofThisNode = answer->previous.has_value();
      previous = answer->previous.value_or(previous);
    }
    if (outcome.status == ResumeStatus::Resumed && !ofThisNode) ++engine_.sessions_;
    finishResume(sessionId, std::move(outcome), previous, std::move(finish));
  });
}

/// Fetches the state of a session that lived on another loop of this process.
void BridgeClient::finishResume(std::uint64_t sessionId, ResumeOutcome outcome, const SessionAddress& previous,
                                MoveFunction<void(ResumeOutcome)> done) {
  outcome.rebuild = true;
  const bool moves = outcome.status == ResumeStatus::Resumed && previous.loop != index_;
  if (!moves || previous.loop >= engine_.clients_.size()) {
    return answerResume(sessionId, std::move(outcome), std::move(done));
  }
  BridgeClient* holder = engine_.clients_[previous.loop].get();
  holder->host_->post([this, holder, sessionId, held = std::move(outcome), finish = std::move(done)]() mutable {
    if (holder->sink_ != nullptr) held.carry = holder->sink_->surrender(sessionId);
    if (held.carry) holder->routes_.leave(sessionId, index_, holder->host_->now());
    host_->post([this, sessionId, arrived = std::move(held), then = std::move(finish)]() mutable {
      if (sink_ != nullptr) answerResume(sessionId, std::move(arrived), std::move(then));
    });
  });
}

void BridgeClient::answerResume(std::uint64_t sessionId, ResumeOutcome outcome,
                                MoveFunction<void(ResumeOutcome)> done) {
  const bool resumed = outcome.status == ResumeStatus::Resumed;
  done(std::move(outcome));
  for (Task& news : routes_.arrived(sessionId, resumed)) news();
}

void BridgeClient::sessionEnded(const ScopedName& user, std::uint64_t sessionId) {
  --engine_.sessions_;
  tell(Operation::SessionEnded, [&](RecordWriter& out) { fillSessionEnded(out, user, sessionId); });
}

}  // namespace rtm::server
