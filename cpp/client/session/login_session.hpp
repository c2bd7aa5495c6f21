#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/session/inbox_reader.hpp"
#include "wire/frame.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

/// The login of one user: who it is, with which token, what the server knows of it, and how far its inbox has been
/// read. Makes the frames of the handshake out of that. Pure: no socket, no clock. Lock: the client lock.
class LoginSession {
 public:
  void setAppId(std::string_view appId) { appId_ = appId; }
  /// A login begins.
  void begin(std::string_view userId, std::string_view token);
  const std::string& userId() const { return userId_; }
  const std::string& token() const { return token_; }

  // Tokens. The newest token is used; a token that no server takes is given up for the last token that a server took.

  void renew(std::string_view token) { token_ = token; }
  /// Of a renewal: the server took `token`, refused it, or said nothing.
  void renewed(const std::string& token, bool taken, bool unknown);
  bool tokenIsProven() const { return token_ == provenToken_; }
  /// Goes back to the proven token; gives the other.
  std::string dropUnprovenToken();
  /// True once for each proven token: its last seconds have begun.
  bool warnOnce();
  /// Text of a server for log and errors: short, printable ASCII (a log line must stay one, and a terminal unharmed),
  /// and without our token, should the server quote it.
  std::string printable(std::string_view text) const;

  // Handshake. Views live as long as the session stays as it is.

  static wire::Hello hello();
  /// Empty if no server could take the token; `problem` says why.
  std::optional<wire::Login> login(std::string& problem) const;
  /// Sends RESUME by `resume`, and ahead of it by `more` the channels for which it has no room. False: the token alone
  /// has no room in it, though it may in LOGIN.
  bool resume(std::vector<wire::ChannelPosition> channels, std::uint64_t firstUnansweredSeq,
              const std::function<void(const wire::ChannelPositions&)>& more,
              const std::function<void(const wire::Resume&)>& resume) const;
  void accepted(const wire::LoginResult& result);
  void resumed(const wire::ResumeResult& result);

  /// Whether there is a session that can be resumed.
  bool alive() const { return alive_; }
  /// The server has forgotten the session, or it cannot be resumed.
  void lose() { alive_ = false; }
  /// The session is over for both sides.
  void end();
  std::uint32_t heartbeatMs() const { return heartbeatMs_; }
  /// How long the server keeps the session without a link.
  std::uint32_t graceMs() const { return graceMs_; }

  InboxReader& inbox() { return inbox_; }
  const InboxReader& inbox() const { return inbox_; }

 private:
  std::string appId_;
  std::string userId_;
  std::string token_;                       ///< the newest token of the program
  std::string provenToken_;                 ///< the newest token that a server took; at first that of the login
  std::optional<std::string> warnedToken_;  ///< the token whose end was announced
  bool alive_ = false;
  std::uint64_t sessionId_ = 0;
  std::string resumeToken_;
  std::uint32_t heartbeatMs_ = 2000;
  std::uint32_t graceMs_ = 0;
  InboxReader inbox_;
};

}  // namespace rtm::client
