#include "client/session/login_session.hpp"

#include <algorithm>
#include <utility>

#include "base/identifiers.hpp"
#include "client/version.hpp"
#include "wire/protocol.hpp"

namespace rtm::client {

void LoginSession::begin(std::string_view userId, std::string_view token) {
  userId_ = userId;
  token_ = provenToken_ = token;
  warnedToken_.reset();
}

void LoginSession::renewed(const std::string& token, bool taken, bool unknown) {
  if (taken) provenToken_ = token;
  // Without an answer nothing is known of it: a reconnect will try it.
  if (!unknown && token_ == token) token_ = provenToken_;
}

std::string LoginSession::dropUnprovenToken() {
  return std::exchange(token_, provenToken_);
}

bool LoginSession::warnOnce() {
  if (warnedToken_ == provenToken_) return false;
  warnedToken_ = provenToken_;
  return true;
}

std::string LoginSession::printable(std::string_view text) const {
  constexpr std::size_t kMaxShown = 300;
  if (token_.size() >= 8 && text.find(token_) != std::string_view::npos) return "(withheld: it quotes the token)";
  std::string shown(text.substr(0, kMaxShown));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

wire::Hello LoginSession::hello() {
  return {.version = wire::kProtocolVersion,
          .capabilities = static_cast<std::uint64_t>(wire::Capability::Resume) |
                          static_cast<std::uint64_t>(wire::Capability::MediaMessages) |
                          static_cast<std::uint64_t>(wire::Capability::Invitations),
          .sdkVersion = kSdkVersion};
}

std::optional<wire::Login> LoginSession::login(std::string& problem) const {
  if (!isValidUtf8(token_)) {  // would make the whole frame malformed, and the server hang up instead of answering
    problem = "token: not UTF-8";
    return std::nullopt;
  }
  const wire::Login login{.appId = appId_, .userId = userId_, .token = token_};
  if (wire::encodedSize(login) > wire::kMaxFrameBodyBeforeLogin) {
    problem = "the token has " + std::to_string(token_.size()) + " bytes, more than any valid one";
    return std::nullopt;
  }
  return login;
}

bool LoginSession::resume(std::vector<wire::ChannelPosition> channels, std::uint64_t firstUnansweredSeq,
                          const std::function<void(const wire::ChannelPositions&)>& more,
                          const std::function<void(const wire::Resume&)>& resume) const {
  wire::Resume frame{.appId = appId_,
                     .userId = userId_,
                     .token = token_,
                     .sessionId = sessionId_,
                     .resumeToken = asBytes(resumeToken_),
                     .inboxEpoch = inbox_.epoch(),
                     .inboxOffset = inbox_.offset()};
  frame.firstUnansweredSeq = firstUnansweredSeq;
  if (wire::encodedSize(frame) > wire::kMaxFrameBodyBeforeLogin) return false;
  wire::ChannelPositions ahead;
  for (const wire::ChannelPosition& position : channels) {
    frame.channels.push_back(position);
    if (wire::encodedSize(frame) <= wire::kMaxFrameBodyBeforeLogin) continue;
    frame.channels.pop_back();
    ahead.channels.push_back(position);
    if (wire::encodedSize(ahead) <= wire::kMaxFrameBodyBeforeLogin) continue;
    ahead.channels.pop_back();
    more(ahead);
    ahead.channels = {position};
  }
  if (!ahead.channels.empty()) more(ahead);
  resume(frame);
  return true;
}

void LoginSession::accepted(const wire::LoginResult& result) {
  alive_ = true;
  provenToken_ = token_;
  sessionId_ = result.sessionId;
  resumeToken_ = asText(result.resumeToken);
  inbox_.open(result.inboxEpoch, result.inboxOffset);
  if (result.heartbeatMs != 0) heartbeatMs_ = result.heartbeatMs;
  graceMs_ = result.graceMs;
}

void LoginSession::resumed(const wire::ResumeResult& result) {
  provenToken_ = token_;
  resumeToken_ = asText(result.resumeToken);
}

void LoginSession::end() {
  alive_ = false;
  resumeToken_.clear();
  inbox_.acknowledged();
}

}  // namespace rtm::client
