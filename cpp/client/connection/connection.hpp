#pragma once

// The network side of one client, on the I/O thread. It finds a server, keeps the link alive and hands frames to its
// owner. The owner decides what happens next, by the connection machine.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "client/config.hpp"
#include "client/connection/heartbeat.hpp"
#include "net/connect/connector.hpp"
#include "net/link/link.hpp"
#include "net/loop/network_watch.hpp"
#include "net/loop/timer.hpp"

namespace rtm::client {

class Connection final : private net::LinkObserver, private net::NetworkWatch::Observer, private Heartbeat::Owner {
 public:
  /// Gets the reports of the network. Each report carries the number of its search or link. A report with a lower
  /// number than the owner's present one is stale. All calls on the I/O thread.
  class Owner {
   public:
    /// An attempt to connect to one address failed; `line` names the address and the reason. The search may go on.
    virtual void onAttemptLost(const std::string& line) = 0;
    virtual void onConnectFailed(std::uint64_t attempt, net::ConnectError error, const std::string& detail) = 0;
    virtual void onLinkUp(std::uint64_t attempt) = 0;
    virtual bool onFrame(std::uint64_t attempt, wire::FrameKind kind, ByteView body) = 0;
    virtual void onBatchEnd(std::uint64_t attempt) = 0;
    virtual void onDrained(std::uint64_t attempt) = 0;
    /// `silentMs`: the time since the last byte from the server when the link ended.
    virtual void onLinkDown(std::uint64_t attempt, const std::string& detail, std::uint64_t silentMs) = 0;

    /// The network has changed while a search waits. Returns how long the search still waits.
    virtual std::uint64_t onNetworkChange() = 0;

    enum class TimerKind { Login, Outage, Logout, TokenWarning };
    virtual void onTimer(TimerKind kind) = 0;
    /// Every 100 ms after watchDeadlines(), until it returns false.
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
    bool asked = false;  ///< by the server: a change of the network does not shorten this wait
  };
  /// Looks for a server after `wait`. Ends the present link or search first.
  void connect(std::uint64_t attempt, Wait wait, Target target);
  void drop();
  /// Sends the queued frames, then closes.
  void finish();
  /// The client has sent a question to the server. Without an answer within `withinMs` the connection gives up the
  /// link. established() ends this wait.
  void awaitAnswer(net::ConnectStep step, std::uint64_t withinMs);
  /// The link is logged in: its heartbeat starts. After `silenceMs` without a byte from the server the connection gives
  /// up the link.
  void established(std::uint32_t heartbeatMs, std::uint64_t silenceMs);

  void arm(Owner::TimerKind kind, std::uint64_t delayMs);
  void cancel(Owner::TimerKind kind);
  void watchDeadlines();
  void setPaused(bool paused);

  /// The link, or null.
  net::Link* link() { return link_.get(); }
  std::uint64_t attempt() const { return attempt_; }
  /// How to reach the server of the last link again. Without endpoints if there has been no link.
  Target sameServer() const;
  /// The server has said where it takes UDP, and with which token. For later searches.
  void learnUdp(std::uint32_t port, ByteView token);
  /// The attempt that made the present link, or the link that has just ended. Its step is the last question to the
  /// server.
  const net::ConnectAttempt& made() const { return made_; }
  /// The endpoint of that link, as configured or as named by a server.
  const std::string& madeTo() const { return madeTo_; }
  /// Whether the server has sent any frame other than BYE over that link since established().
  bool answered() const { return answered_; }
  /// What the connection waits for, in words: "127.0.0.1:9136 has not answered HELLO".
  std::string underWay() const;

 private:
  void onNetworkChange() override;
  void stopWaiting();
  bool onFrame(wire::FrameKind kind, ByteView body) override;
  void onBatchEnd() override;
  void onDrained() override;
  void onLinkEnd(const net::LinkEnd& end) override;
  void onSilence(std::uint64_t silentMs) override;

  void search();
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
  struct Waits {
    std::uint64_t answerMs = 0;      ///< for the answer that is awaited
    std::uint64_t connectDueMs = 0;  ///< when the search begins
  };
  Waits waits_;
  bool paused_ = false;
  bool answered_ = false;
  bool lostToSilence_ = false;  ///< the last link: the next search does not wait for TCP
  Heartbeat heartbeat_;

  struct Timers {
    net::Timer connect;
    net::Timer answer;
    net::Timer deadline;
    net::Timer login;
    net::Timer outage;
    net::Timer logout;
    net::Timer token;
  };
  Timers timers_;
};

}  // namespace rtm::client
