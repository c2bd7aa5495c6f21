#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/engine/memory/loop_exchange.hpp"
#include "server/engine/memory/memory_engine.hpp"
#include "server/engine/memory/outlet.hpp"
#include "server/engine/rules/session_routes.hpp"

namespace rtm::server {

/// One loop's way to the sessions of all loops: to its own gateway at once, to other loops in the batch of this turn.
/// Loop thread only. Bounds: see LoopExchange.
class LoopOutlet final : public Outlet {
 public:
  LoopOutlet(MemoryEngine::Shared& shared, std::uint32_t index) : shared_(shared), index_(index) {}

  void attach(LoopHost& host, EngineSink& sink) {
    host_ = &host;
    sink_ = &sink;
  }
  void detach() { sink_ = nullptr; }
  bool attached() const { return host_ != nullptr; }
  /// Null: the gateway is gone.
  EngineSink* sink() const { return sink_; }
  SessionRoutes& routes() { return routes_; }
  /// Whether requestFlush() was called since the last call.
  bool takeFlush() { return std::exchange(flushChannels_, false); }

  // Outlet
  std::uint64_t now() const override { return host_->now(); }
  LoopHost& host() const override { return *host_; }
  bool hasRoom(std::uint32_t loop) const override;
  void sendResults(const SessionAddress& to, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) override;
  void peerMessage(const SessionAddress& to, ByteView frame) override;
  void channelFrame(std::uint32_t loop, const ChannelFrame& frame) override;
  void presence(std::uint32_t loop, const ScopedName& user, wire::PresenceState state) override;
  void endSession(const SessionAddress& session, const ScopedName& user, SessionEnd reason) override;
  void kick(const SessionAddress& session, const std::string& channelId, Reply<bool> reply) override;
  void surrender(const SessionAddress& from, std::uint32_t to,
                 MoveFunction<void(std::unique_ptr<SessionCarry>)> done) override;
  void runOn(std::uint32_t loop, Task task) override;
  void requestFlush() override;

  /// A new record for another loop, with its texts in the arena.
  LoopBatch::Record& record(std::uint32_t loop, LoopBatch::Kind kind, std::string_view first, std::string_view second,
                            ByteView content);
  /// Results for a session of this loop: to the gateway, or to where the session is or will be.
  void deliverResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);

 private:
  std::unique_ptr<SessionCarry> giveUp(std::uint64_t sessionId, std::uint32_t to);

  MemoryEngine::Shared& shared_;
  std::uint32_t index_;
  LoopHost* host_ = nullptr;
  EngineSink* sink_ = nullptr;
  SessionRoutes routes_;
  bool flushChannels_ = false;
};

}  // namespace rtm::server
