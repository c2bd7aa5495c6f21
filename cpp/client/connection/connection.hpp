#pragma once

// The network side of one service, on the I/O thread: finds a server, says who we are, keeps the link alive, and hands
// frames up. Decides nothing: the connection machine does, through Connection::Owner.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "client/config.hpp"
#include "net/connect/connector.hpp"
#include "net/link/link.hpp"
#include "net/loop/network_watch.hpp"
#include "net/loop/timer.hpp"

namespace rtm::client {

class Connection final : private net::LinkObserver, private net::NetworkWatch::Observer {
 public:
  /// Who takes what the session hears. Every call carries the attempt it belongs to; reports of an older attempt than
  /// the owner's present one are stale. All calls on the I/O thread.
  class Owner {
   public:
    /// One try of one address came to nothing; `line` says which and why. The search goes on, or has been given up.
    virtual void onAttemptLost(const std::string& line) = 0;
    virtual void onConnectFailed(std::uint64_t attempt, net::ConnectError error, const std::string& detail) = 0;
    virtual void onLinkUp(std::uint64_t attempt) = 0;
    virtual bool onFrame(std::uint64_t attempt, wire::FrameKind kind, ByteView body) = 0;
    virtual void onBatchEnd(std::uint64_t attempt) = 0;
    virtual void onDrained(std::uint64_t attempt) = 0;
    /// `silentMs`: how long nothing had been heard when the link was given up.
    virtual void onLinkDown(std::uint64_t attempt, const std::string& detail, std::uint64_t silentMs) = 0;

    /// A search that waits need not wait any longer; returns how long it is to wait all the same.
    virtual std::uint64_t onNetworkChange() = 0;

    enum class TimerKind { Login, Outage, Logout, TokenWarning };
    virtual void onTimer(TimerKind kind) = 0;
    /// Every 100 ms while asked for by watchDeadlines(); returns whether to go on.
    virtual bool onDeadlineTick(std::uint64_t nowMs) = 0;

   protected:
    ~Owner() = default;
  };

  struct Target {
    net::ConnectOptions options;
    net::TlsClientOptions tls;
  };

  Connection(net::IoLoop& loop, Owner& owner);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  struct Wait {
    std::uint64_t ms = 0;
    bool asked = false;  ///< by the server: then a change of the network does not shorten it
  };
  /// Looks for a server after `wait`; gives up whatever link or search there was.
  void connect(std::uint64_t attempt, Wait wait, Target target);
  void drop();
  /// Flushes what is queued, then closes: the last word of a release.
  void finish();
  /// The server has been asked something and has `withinMs` to answer, or the link is given up. Until established().
  void awaitAnswer(net::ConnectStep step, std::uint64_t withinMs);
  /// The login is through: from now on the link is kept alive by a PING every `heartbeatMs`, the first at once. After
  /// `silenceMs` without a byte the link is given up.
  void established(std::uint32_t heartbeatMs, std::uint64_t silenceMs);

  void arm(Owner::TimerKind kind, std::uint64_t delayMs);
  void cancel(Owner::TimerKind kind);
  void watchDeadlines();
  void setPaused(bool paused);

  /// The link, or null.
  net::Link* link() { return link_.get(); }
  std::uint64_t attempt() const { return attempt_; }
  /// How to reach the server of the last link once more; without endpoints if there has been none.
  Target sameServer() const;
  /// How the present link, or the one that has just ended, was made; its step is what the server was asked last.
  const net::ConnectAttempt& made() const { return made_; }
  /// The endpoint of that link, as it was configured or told.
  const std::string& madeTo() const { return madeTo_; }
  /// Whether the server has said anything but goodbye over that link since established().
  bool answered() const { return answered_; }
  /// What is being waited for, in words: "127.0.0.1:9136 has not answered HELLO".
  std::string underWay() const;

 private:
  void onNetworkChange() override;
  void stopWaiting();
  bool onFrame(wire::FrameKind kind, ByteView body) override;
  void onBatchEnd() override;
  void onDrained() override;
  void onLinkEnd(const net::LinkEnd& end) override;

  void search();
  void heartbeat();
  void onNoAnswer();
  void giveUp(std::string detail);
  net::Timer& timerOf(Owner::TimerKind kind);

  net::IoLoop& loop_;
  Owner& owner_;
  std::uint64_t attempt_ = 0;
  Target target_;
  std::optional<net::Found> server_;
  std::unique_ptr<net::Connector> connector_;
  net::LinkHandle link_;
  net::ConnectAttempt made_;
  std::string madeTo_;
  std::uint64_t answerMs_ = 0;
  bool paused_ = false;
  bool answered_ = false;
  struct {
    std::uint32_t heartbeatMs = 0;
    std::uint64_t silenceMs = 0;
    std::uint64_t resumedReadingMs = 0;
  } liveness_;
  std::uint64_t connectDueMs_ = 0;

  struct Timers {
    net::Timer connect;
    net::Timer answer;
    net::Timer heartbeat;
    net::Timer deadline;
    net::Timer login;
    net::Timer outage;
    net::Timer logout;
    net::Timer token;
  };
  Timers timers_;
};

}  // namespace rtm::client
