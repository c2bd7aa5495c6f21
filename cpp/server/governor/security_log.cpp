#include "server/governor/security_log.hpp"

#include "base/common_constants.hpp"
#include "base/hex.hpp"

namespace rtm::server {
namespace {

std::string_view nameOf(SecurityEvent event) {
  switch (event) {
    case SecurityEvent::LoginRefused:
      return "login-refused";
    case SecurityEvent::ConnectionDropped:
      return "connection-dropped";
    case SecurityEvent::HandshakeFailed:
      return "handshake-failed";
    case SecurityEvent::FrameFlood:
      return "frame-flood";
    case SecurityEvent::PermissionDenied:
      return "permission-denied";
    case SecurityEvent::CalloutFailed:
      return "callout-failed";
    case SecurityEvent::Malformed:
      return "malformed";
    case SecurityEvent::Penalty:
      return "penalty";
    case SecurityEvent::LoginThrottled:
      return "login-throttled";
    case SecurityEvent::UploadRefused:
      return "upload-refused";
    case SecurityEvent::MemorySoft:
      return "memory-soft";
    case SecurityEvent::MemoryHard:
      return "memory-hard";
    case SecurityEvent::Exhausted:
      return "exhausted";
  }
  return "";
}

/// As a string of JSON, in ASCII: whatever the bytes are, they stay one field of one line.
void appendQuoted(std::string& line, std::string_view text) {
  line += '"';
  for (const char character : text.substr(0, kMaxIdBytes)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte >= 0x7F) {
      line += "\\u00";
      line += kHexDigits[byte >> 4];
      line += kHexDigits[byte & 0xF];
      continue;
    }
    if (character == '"' || character == '\\') line += '\\';
    line += character;
  }
  if (text.size() > kMaxIdBytes) line += "...";
  line += '"';
}

void appendAddress(std::string& line, std::string_view remote) {
  const std::size_t colon = remote.rfind(':');
  if (colon == std::string_view::npos) return;
  line += " address=";
  line += hostOf(remote);
  line += " port=";
  line += remote.substr(colon + 1);
}

}  // namespace

std::string_view hostOf(std::string_view remote) {
  std::string_view host = remote.substr(0, remote.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

SecurityLog::SecurityLog(LogSink sink) : sink_(std::move(sink)) {
  // It is told many times a second while it lasts, and always says the same.
  allowances_[static_cast<std::size_t>(SecurityEvent::Exhausted)].lines = TokenBucket(1, 60'000, 1);
}

void SecurityLog::tell(SecurityEvent event, std::string_view sentence, const SecurityFacts& facts,
                       std::uint64_t nowMs) {
  if (!sink_) return;
  std::uint64_t suppressed = 0;
  {
    const std::lock_guard lock(mutex_);
    Allowance& allowance = allowances_[static_cast<std::size_t>(event)];
    if (!allowance.lines.take(nowMs)) {
      ++allowance.suppressed;
      return;
    }
    suppressed = std::exchange(allowance.suppressed, 0);
  }
  std::string line(sentence);
  line += " event=";
  line += nameOf(event);
  appendAddress(line, facts.remote);
  if (!facts.app.empty()) {
    line += " app=";
    appendQuoted(line, facts.app);
  }
  if (!facts.user.empty()) {
    line += " user=";
    appendQuoted(line, facts.user);
  }
  if (!facts.target.empty()) {
    line += " target=";
    appendQuoted(line, facts.target);
  }
  if (suppressed != 0) line += " suppressed=" + std::to_string(suppressed);
  sink_(LogLevel::Warning, line);
}

}  // namespace rtm::server
