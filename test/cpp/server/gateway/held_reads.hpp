#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/memory/memory_engine.hpp"
#include "server/model/id_source.hpp"

namespace rtm::test {

/// An engine of one loop that is the one in memory, but for reads of channel attributes: each has its outcome at once,
/// and its answer comes when the test lets it, as answers of a cluster may come late.
class HeldReads final : public server::Engine, private server::EngineClient {
 public:
  explicit HeldReads(const server::EngineParameters& parameters) : memory_(parameters, nullptr, ids_) {}

  /// Waits for the next read.
  bool awaitRead() {
    std::unique_lock lock(mutex_);
    return come_.wait_for(lock, std::chrono::seconds(10), [this] { return !held_.empty(); });
  }
  /// The reads are answered, with what they read then.
  void answer() {
    const std::lock_guard lock(mutex_);
    for (Held& held : held_) {
      host_->post([held = std::move(held)]() mutable { held.done(std::move(held.outcome)); });
    }
    held_.clear();
  }

  server::EngineClient& attach(std::uint32_t loop, server::LoopHost& host, server::EngineSink& sink) override {
    host_ = &host;
    to_ = &memory_.attach(loop, host, sink);
    return *this;
  }
  void detach(std::uint32_t loop) override { memory_.detach(loop); }
  server::EngineCounts counts() const override { return memory_.counts(); }

 private:
  template <typename... Values>
  using Done = MoveFunction<void(Values...)>;
  using Name = server::ScopedName;
  struct Held {
    Done<server::AttributesOutcome> done;
    server::AttributesOutcome outcome;
  };

  void channelAttributes(const Name& channel, std::vector<std::string> keys,
                         Done<server::AttributesOutcome> done) override {
    to_->channelAttributes(channel, std::move(keys),
                           [this, done = std::move(done)](server::AttributesOutcome outcome) mutable {
                             const std::lock_guard lock(mutex_);
                             held_.push_back({std::move(done), std::move(outcome)});
                             come_.notify_all();
                           });
  }

  bool shared() const override { return to_->shared(); }
  void sendToPeer(const server::PeerSendOp& op) override { to_->sendToPeer(op); }
  void publish(const server::PublishOp& op) override { to_->publish(op); }
  void acknowledge(const server::AcknowledgeOp& op) override { to_->acknowledge(op); }
  void openSession(server::OpenRequest request, Done<server::OpenOutcome> done) override {
    to_->openSession(std::move(request), std::move(done));
  }
  void resumeSession(server::ResumeRequest request, Done<server::ResumeOutcome> done) override {
    to_->resumeSession(std::move(request), std::move(done));
  }
  void startDelivery(const Name& user, std::uint64_t fence) override { to_->startDelivery(user, fence); }
  void confirmResume(const Name& user, std::uint64_t fence) override { to_->confirmResume(user, fence); }
  void linkLost(const Name& user, std::uint64_t fence, std::uint64_t graceMs) override {
    to_->linkLost(user, fence, graceMs);
  }
  void closeSession(const Name& user, std::uint64_t fence, server::SessionEnd reason) override {
    to_->closeSession(user, fence, reason);
  }
  void sessionEnded(const Name& user, std::uint64_t sessionId) override { to_->sessionEnded(user, sessionId); }
  void join(server::JoinRequest request, Done<server::JoinOutcome> done) override {
    to_->join(std::move(request), std::move(done));
  }
  void leave(const Name& channel, const Name& user, std::uint64_t fence, Done<bool> done) override {
    to_->leave(channel, user, fence, std::move(done));
  }
  void members(const Name& channel, const Name& user, std::uint64_t fence, std::size_t limit,
               Done<server::MembersOutcome> done) override {
    to_->members(channel, user, fence, limit, std::move(done));
  }
  void memberCount(const Name& channel, Done<std::optional<std::uint32_t>> done) override {
    to_->memberCount(channel, std::move(done));
  }
  void presence(server::AppNumber app, std::vector<std::string> userIds,
                Done<std::vector<wire::PresenceState>> done) override {
    to_->presence(app, std::move(userIds), std::move(done));
  }
  void watch(server::AppNumber app, std::vector<std::string> userIds, Task done) override {
    to_->watch(app, std::move(userIds), std::move(done));
  }
  void unwatch(server::AppNumber app, std::vector<std::string> userIds) override {
    to_->unwatch(app, std::move(userIds));
  }
  void noteSilence(const Name& user, std::uint64_t fence, bool silent) override {
    to_->noteSilence(user, fence, silent);
  }
  void writeUserAttributes(server::AttributeWriteRequest request, Done<std::uint32_t> done) override {
    to_->writeUserAttributes(std::move(request), std::move(done));
  }
  void userAttributes(const Name& user, std::vector<std::string> keys, Done<server::AttributesOutcome> done) override {
    to_->userAttributes(user, std::move(keys), std::move(done));
  }
  void writeChannelAttributes(server::AttributeWriteRequest request, Done<server::ChannelWriteOutcome> done) override {
    to_->writeChannelAttributes(std::move(request), std::move(done));
  }
  void queryHistory(server::HistoryFilter filter, Done<server::HistoryPage> done) override {
    to_->queryHistory(std::move(filter), std::move(done));
  }
  void closeUser(const Name& user, server::SessionEnd reason, Done<bool> done) override {
    to_->closeUser(user, reason, std::move(done));
  }
  void kick(const Name& user, std::string channelId, Done<bool> done) override {
    to_->kick(user, std::move(channelId), std::move(done));
  }
  void onTurnEnd() override { to_->onTurnEnd(); }
  void onTick() override { to_->onTick(); }

  server::SecureIds ids_;
  server::MemoryEngine memory_;
  server::EngineClient* to_ = nullptr;
  server::LoopHost* host_ = nullptr;
  std::mutex mutex_;
  std::condition_variable come_;
  std::vector<Held> held_;
};

}  // namespace rtm::test
