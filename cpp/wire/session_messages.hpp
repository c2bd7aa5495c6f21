#pragma once

// Connection and session: hello, login, resume, the end, and the answers that are not about one subject.
// See messages.hpp for how to read this file.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

struct Hello {
  static constexpr FrameKind kKind = FrameKind::Hello;
  std::uint32_t version = 0;
  std::uint64_t capabilities = 0;
  std::string_view sdkVersion;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Hello::version), field(2, &Hello::capabilities), field(3, &Hello::sdkVersion));
  }
};

struct HelloOk {
  static constexpr FrameKind kKind = FrameKind::HelloOk;
  std::uint32_t version = 0;
  std::uint64_t capabilities = 0;
  std::uint32_t area = 0;
  std::string_view serverVersion;
  Fixed64 serverTimeMs;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &HelloOk::version), field(2, &HelloOk::capabilities), field(3, &HelloOk::area),
                           field(4, &HelloOk::serverVersion), field(5, &HelloOk::serverTimeMs));
  }
};

struct Login {
  static constexpr FrameKind kKind = FrameKind::Login;
  std::string_view appId;
  std::string_view userId;
  std::string_view token;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Login::appId), field(2, &Login::userId), field(3, &Login::token));
  }
};

struct RateLimit {
  std::uint32_t group = 0;
  std::uint32_t count = 0;
  std::uint32_t windowMs = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &RateLimit::group), field(2, &RateLimit::count), field(3, &RateLimit::windowMs));
  }
};

struct AttributeLimits {
  std::uint32_t entries = 0;
  std::uint32_t keyBytes = 0;
  std::uint32_t valueBytes = 0;
  std::uint32_t totalBytes = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &AttributeLimits::entries), field(2, &AttributeLimits::keyBytes),
                           field(3, &AttributeLimits::valueBytes), field(4, &AttributeLimits::totalBytes));
  }
};

struct CallLimits {
  std::uint32_t contentBytes = 0;
  std::uint32_t responseBytes = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &CallLimits::contentBytes), field(2, &CallLimits::responseBytes));
  }
};

struct Limits {
  std::uint32_t messageBytes = 0;
  std::uint32_t joinedChannels = 0;
  std::vector<RateLimit> rates;
  std::uint32_t subscribedPeers = 0;
  std::uint32_t queryPeers = 0;
  std::uint32_t mediaBytes = 0;
  std::uint32_t mediaTasks = 0;
  std::uint32_t countChannels = 0;
  std::uint32_t inFlightSends = 0;
  std::optional<AttributeLimits> userAttributes;
  std::optional<AttributeLimits> channelAttributes;
  std::optional<CallLimits> calls;
  static constexpr auto fields() {
    return std::make_tuple(
        field(1, &Limits::messageBytes), field(2, &Limits::joinedChannels), field(3, &Limits::rates),
        field(4, &Limits::subscribedPeers), field(5, &Limits::queryPeers), field(6, &Limits::mediaBytes),
        field(7, &Limits::mediaTasks), field(8, &Limits::countChannels), field(9, &Limits::inFlightSends),
        field(10, &Limits::userAttributes), field(11, &Limits::channelAttributes), field(12, &Limits::calls));
  }
};

struct LoginResult {
  static constexpr FrameKind kKind = FrameKind::LoginResult;
  std::uint32_t code = 0;
  std::string_view reason;
  Fixed64 sessionId;
  ByteView resumeToken;
  Fixed64 inboxEpoch;
  std::uint64_t inboxOffset = 0;
  std::uint32_t heartbeatMs = 0;
  std::uint32_t tokenLifeMs = 0;
  std::optional<Limits> limits;
  std::uint32_t graceMs = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &LoginResult::code), field(2, &LoginResult::reason),
                           field(3, &LoginResult::sessionId), field(4, &LoginResult::resumeToken),
                           field(5, &LoginResult::inboxEpoch), field(6, &LoginResult::inboxOffset),
                           field(7, &LoginResult::heartbeatMs), field(8, &LoginResult::tokenLifeMs),
                           field(9, &LoginResult::limits), field(10, &LoginResult::graceMs));
  }
};

struct ChannelPosition {
  std::string_view channelId;
  Fixed64 epoch;
  std::uint64_t offset = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelPosition::channelId), field(2, &ChannelPosition::epoch),
                           field(3, &ChannelPosition::offset));
  }
};

struct ChannelPositions {
  static constexpr FrameKind kKind = FrameKind::ChannelPositions;
  std::vector<ChannelPosition> channels;
  static constexpr auto fields() { return std::make_tuple(field(1, &ChannelPositions::channels)); }
};

struct Resume {
  static constexpr FrameKind kKind = FrameKind::Resume;
  std::string_view appId;
  std::string_view userId;
  std::string_view token;
  Fixed64 sessionId;
  ByteView resumeToken;
  Fixed64 inboxEpoch;
  std::uint64_t inboxOffset = 0;
  std::vector<ChannelPosition> channels;
  std::uint64_t firstUnansweredSeq = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Resume::appId), field(2, &Resume::userId), field(3, &Resume::token),
                           field(4, &Resume::sessionId), field(5, &Resume::resumeToken), field(6, &Resume::inboxEpoch),
                           field(7, &Resume::inboxOffset), field(8, &Resume::channels),
                           field(9, &Resume::firstUnansweredSeq));
  }
};

struct ChannelResume {
  std::string_view channelId;
  Fixed64 epoch;
  std::uint64_t offset = 0;
  bool complete = false;
  std::uint32_t memberCount = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelResume::channelId), field(2, &ChannelResume::epoch),
                           field(3, &ChannelResume::offset), field(4, &ChannelResume::complete),
                           field(5, &ChannelResume::memberCount));
  }
};

struct ResumeResult {
  static constexpr FrameKind kKind = FrameKind::ResumeResult;
  std::uint32_t code = 0;
  std::string_view reason;
  bool resumed = false;
  ByteView resumeToken;
  bool inboxComplete = false;
  std::vector<ChannelResume> channels;
  std::uint64_t acceptedSeq = 0;
  std::uint32_t tokenLifeMs = 0;
  bool subscriptionsLost = false;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ResumeResult::code), field(2, &ResumeResult::reason),
                           field(3, &ResumeResult::resumed), field(4, &ResumeResult::resumeToken),
                           field(5, &ResumeResult::inboxComplete), field(6, &ResumeResult::channels),
                           field(7, &ResumeResult::acceptedSeq), field(8, &ResumeResult::tokenLifeMs),
                           field(9, &ResumeResult::subscriptionsLost));
  }
};

struct Logout {
  static constexpr FrameKind kKind = FrameKind::Logout;
  std::uint32_t requestId = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &Logout::requestId)); }
};

struct Bye {
  static constexpr FrameKind kKind = FrameKind::Bye;
  ByeCode code{};
  std::string_view reason;
  std::uint32_t retryAfterMs = 0;
  std::vector<std::string_view> endpoints;
  std::uint64_t sendsTaken = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Bye::code), field(2, &Bye::reason), field(3, &Bye::retryAfterMs),
                           field(4, &Bye::endpoints), field(5, &Bye::sendsTaken));
  }
};

struct Ping {
  static constexpr FrameKind kKind = FrameKind::Ping;
  std::uint64_t token = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &Ping::token)); }
};

struct Pong {
  static constexpr FrameKind kKind = FrameKind::Pong;
  std::uint64_t token = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &Pong::token)); }
};

struct RenewToken {
  static constexpr FrameKind kKind = FrameKind::RenewToken;
  std::uint32_t requestId = 0;
  std::string_view token;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &RenewToken::requestId), field(2, &RenewToken::token));
  }
};

struct Result {
  static constexpr FrameKind kKind = FrameKind::Result;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::uint32_t tokenLifeMs = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Result::requestId), field(2, &Result::code), field(3, &Result::tokenLifeMs));
  }
};

}  // namespace rtm::wire
