#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client_common.hpp"
#include "client/connection/connection.hpp"
#include "client/connection/connection_machine.hpp"
#include "client/connection/server_choice.hpp"
#include "client/session/login_session.hpp"
#include "net/loop/io_loop.hpp"

namespace rtm::client {

/// Keeps the login of a client: runs the effects of the connection machine, finds a server, says who we are, resumes
/// what was lost, and tells the rest of the client what became of the session. Files: session_keeper.cpp (calls,
/// effects, timers), session_handshake.cpp (HELLO to LOGIN or RESUME), session_links.cpp (how links fail and end).
///
/// Lock: the client lock, for everything but `connection_`, which only the I/O thread touches. Every method takes it
/// itself, unless its comment says otherwise.
class SessionKeeper final : public ConnectionThread,
                            public SendQueue::Owner,
                            private Connection::Owner,
                            private RequestOwner {
 public:
  /// The rest of the client. With the client lock.
  class Owner {
   public:
    enum class Verdict { Taken, Malformed, Unknown };
    /// A frame of an established session.
    virtual Verdict onSessionFrame(wire::FrameKind kind, ByteView body) = 0;
    virtual void onLimits(const wire::Limits& limits) = 0;
    /// What a resume is to bring up to date.
    virtual std::vector<wire::ChannelPosition> joinedChannels() = 0;
    /// All channels that the program is in, also channels that a new session has yet to join.
    virtual std::vector<std::string> channelIds() = 0;
    /// The server has the session still: before the event that says so, and after.
    virtual void onResuming(const wire::ResumeResult& result) = 0;
    virtual void onResumed(const wire::ResumeResult& result) = 0;
    /// A new session took the place of a lost one: the server knows nothing of what we had.
    virtual void onRestore() = 0;
    /// The link is lost; the session may come back.
    virtual void onLinkLost() = 0;
    /// The session is over. `pendingFails`: what waits for an answer ends now, too.
    virtual void onSessionOver(bool pendingFails) = 0;
    /// Every 100 ms while anything has a deadline; returns whether anything has.
    virtual bool onTick(std::uint64_t nowMs) = 0;

   protected:
    ~Owner() = default;
  };

  /// `common` may be built by then or not; it is first used in login().
  SessionKeeper(net::IoLoop& loop, ClientCommon& common, Owner& owner) : loop_(loop), common_(common), owner_(owner) {}
  ~SessionKeeper();
  SessionKeeper(const SessionKeeper&) = delete;
  SessionKeeper& operator=(const SessionKeeper&) = delete;

  // Calls of Client.

  LoginCode login(std::string_view token, std::string_view userId);
  LogoutCode logout(bool drain);
  RenewTokenCode renewToken(std::string_view token);
  std::string lastFailure() const;
  /// With the client lock: why there will be no connection, as far as it is known before a login.
  void noteFailure(std::string why) { lastFailure_ = std::move(why); }
  void pauseDelivery();   ///< takes no lock
  void resumeDelivery();  ///< takes no lock

  /// With the client lock.
  LoginSession& session() { return session_; }
  /// With the client lock: no report of the network counts any more. sayGoodbye() follows.
  void release();
  /// I/O thread, after release(): flushes, says LOGOUT, and lets go of the network.
  void sayGoodbye();
  /// I/O thread, with the client lock: the link of a session that is logged in, or null.
  net::Link* link() const;
  /// With the client lock.
  bool established() const { return established_; }

  // ConnectionThread, SendQueue::Owner.
  void post(MoveFunction<void(Connection&)> work) override;
  void postFlush() override;

 private:
  // Connection::Owner: the I/O thread.
  void onAttemptLost(const std::string& line) override;
  void onConnectFailed(std::uint64_t attempt, net::ConnectError error, const std::string& detail) override;
  void onLinkUp(std::uint64_t attempt) override;
  bool onFrame(std::uint64_t attempt, wire::FrameKind kind, ByteView body) override;
  void onBatchEnd(std::uint64_t attempt) override;
  void onDrained(std::uint64_t attempt) override;
  void onLinkDown(std::uint64_t attempt, const std::string& detail, std::uint64_t silentMs) override;
  std::uint64_t onNetworkChange() override;
  void onTimer(TimerKind kind) override;
  bool onDeadlineTick(std::uint64_t nowMs) override;

  /// RequestOwner: the outcome of renewToken().
  void onRequestEnded(PendingRequest& request, int code) override;

  // All below: with the client lock.

  void run(const Effects& effects);
  void perform(const Effect& effect);
  void onConnectionThread(EffectKind kind);
  void dropLink();
  /// The acknowledgement of what the program has, if one is due; it counts as sent.
  std::optional<wire::InboxAck> takeAck();
  void forgetSession();
  void flush();
  void noteDrained();
  std::uint64_t logoutLeftMs() const;
  Connection::Target target();
  bool isStale(std::uint64_t attempt) const { return attempt != attempt_ || released_; }

  bool handshake(wire::FrameKind kind, ByteView body);
  bool on(const wire::HelloOk& hello);
  bool on(const wire::LoginResult& result);
  bool on(const wire::ResumeResult& result);
  bool on(const wire::Result& result);
  bool on(const wire::Bye& bye);
  bool malformed(wire::FrameKind kind);
  void sendLogin();
  void tokenRefused(LoginCode code);
  void establish(Established::How how, bool complete, std::vector<std::string> channelsMissed);
  void watchToken(std::uint32_t lifeMs);
  std::uint64_t handshakeMs() const;

  void linkFailed(LogLevel level, const std::string& why);
  void serverRefused(LoginCode code);
  void takeTold(const wire::Bye& bye);
  void leaveTo(const wire::Bye& bye, bool loggingIn);
  bool anotherServer() const;
  EndedLink endedLink(std::uint64_t silentMs = 0);

  net::IoLoop& loop_;
  ClientCommon& common_;
  Owner& owner_;
  ConnectionMachine machine_;
  ServerChoice servers_;
  LoginSession session_;
  std::unique_ptr<Connection> connection_;  ///< made, used and destroyed on the I/O thread
  std::uint64_t attempt_ = 0;               ///< of the present link or search; reports of others are stale
  bool established_ = false;                ///< the link has logged in or resumed
  bool released_ = false;
  std::string lastFailure_;
  /// ms of steadyMs(): when the link logged in or resumed; when login() was called or the link was lost; when the
  /// server forgets the session, while there is no link; when logout() was called.
  struct {
    std::uint64_t established = 0;
    std::uint64_t down = 0;
    std::uint64_t sessionEnds = 0;
    std::uint64_t logout = 0;
  } since_;
  std::uint64_t outageDelayMs_ = 4000;  ///< what is left of the outage time, given how long the link was silent
  std::atomic<int> pauses_{0};
};

}  // namespace rtm::client
