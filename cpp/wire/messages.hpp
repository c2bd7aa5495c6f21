#pragma once

// The messages of proto/rtm.proto as structs, name for name (lowerCamelCase), each with the table its codec is made of.
// What a field means stands there, once. Text and bytes are views: of the caller's data when encoding, of the decoded
// buffer when decoding. test/integration/wire-crosscheck.test.ts holds both files together.

#include <optional>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

struct Hello {
  std::uint32_t version = 0;
  std::uint64_t capabilities = 0;
  std::string_view sdkVersion;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Hello::version), field(2, &Hello::capabilities), field(3, &Hello::sdkVersion));
  }
};

struct HelloOk {
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
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Limits::messageBytes), field(2, &Limits::joinedChannels), field(3, &Limits::rates),
                           field(4, &Limits::subscribedPeers), field(5, &Limits::queryPeers),
                           field(6, &Limits::mediaBytes), field(7, &Limits::mediaTasks),
                           field(8, &Limits::countChannels), field(9, &Limits::inFlightSends));
  }
};

struct LoginResult {
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

struct Resume {
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
  std::uint32_t code = 0;
  std::string_view reason;
  bool resumed = false;
  ByteView resumeToken;
  bool inboxComplete = false;
  std::vector<ChannelResume> channels;
  std::uint64_t acceptedSeq = 0;
  std::uint32_t tokenLifeMs = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ResumeResult::code), field(2, &ResumeResult::reason),
                           field(3, &ResumeResult::resumed), field(4, &ResumeResult::resumeToken),
                           field(5, &ResumeResult::inboxComplete), field(6, &ResumeResult::channels),
                           field(7, &ResumeResult::acceptedSeq), field(8, &ResumeResult::tokenLifeMs));
  }
};

struct Logout {
  std::uint32_t requestId = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &Logout::requestId)); }
};

struct Bye {
  ByeCode code{};
  std::string_view reason;
  std::uint32_t retryAfterMs = 0;
  std::vector<std::string_view> endpoints;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Bye::code), field(2, &Bye::reason), field(3, &Bye::retryAfterMs),
                           field(4, &Bye::endpoints));
  }
};

struct Ping {
  std::uint64_t token = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &Ping::token)); }
};

struct Pong {
  std::uint64_t token = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &Pong::token)); }
};

struct RenewToken {
  std::uint32_t requestId = 0;
  std::string_view token;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &RenewToken::requestId), field(2, &RenewToken::token));
  }
};

struct Result {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::uint32_t tokenLifeMs = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Result::requestId), field(2, &Result::code), field(3, &Result::tokenLifeMs));
  }
};

struct MediaInfo {
  std::string_view mediaId;
  std::uint64_t size = 0;
  std::string_view fileName;
  ByteView thumbnail;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t thumbnailWidth = 0;
  std::uint32_t thumbnailHeight = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MediaInfo::mediaId), field(2, &MediaInfo::size), field(3, &MediaInfo::fileName),
                           field(4, &MediaInfo::thumbnail), field(5, &MediaInfo::width), field(6, &MediaInfo::height),
                           field(7, &MediaInfo::thumbnailWidth), field(8, &MediaInfo::thumbnailHeight));
  }
};

struct CallSignal {
  Fixed64 callId;
  CallAction action{};
  std::string_view content;
  std::string_view channelId;
  std::string_view response;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &CallSignal::callId), field(2, &CallSignal::action), field(3, &CallSignal::content),
                           field(4, &CallSignal::channelId), field(5, &CallSignal::response));
  }
};

struct Content {
  Fixed64 messageId;
  ContentType type{};
  std::string_view text;
  ByteView raw;
  std::optional<MediaInfo> media;
  std::optional<CallSignal> call;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Content::messageId), field(2, &Content::type), field(3, &Content::text),
                           field(4, &Content::raw), field(5, &Content::media), field(6, &Content::call));
  }
};

struct PeerSend {
  std::uint64_t seq = 0;
  std::string_view peerId;
  std::uint32_t flags = 0;
  ByteView content;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PeerSend::seq), field(2, &PeerSend::peerId), field(3, &PeerSend::flags),
                           field(4, &PeerSend::content));
  }
};

struct ChannelSend {
  std::uint64_t seq = 0;
  std::string_view channelId;
  std::uint32_t flags = 0;
  ByteView content;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelSend::seq), field(2, &ChannelSend::channelId),
                           field(3, &ChannelSend::flags), field(4, &ChannelSend::content));
  }
};

struct SendResults {
  std::vector<std::uint64_t> ranges;
  static constexpr auto fields() { return std::make_tuple(field(1, &SendResults::ranges)); }
};

struct PeerMessage {
  std::uint64_t offset = 0;
  std::string_view senderId;
  Fixed64 serverTimeMs;
  std::uint32_t flags = 0;
  ByteView content;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PeerMessage::offset), field(2, &PeerMessage::senderId),
                           field(3, &PeerMessage::serverTimeMs), field(4, &PeerMessage::flags),
                           field(5, &PeerMessage::content));
  }
};

struct ChannelMessage {
  std::string_view channelId;
  std::uint64_t offset = 0;
  std::string_view senderId;
  Fixed64 serverTimeMs;
  ByteView content;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelMessage::channelId), field(2, &ChannelMessage::offset),
                           field(3, &ChannelMessage::senderId), field(4, &ChannelMessage::serverTimeMs),
                           field(5, &ChannelMessage::content));
  }
};

struct InboxAck {
  std::uint64_t offset = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &InboxAck::offset)); }
};

struct Join {
  std::uint32_t requestId = 0;
  std::string_view channelId;
  static constexpr auto fields() { return std::make_tuple(field(1, &Join::requestId), field(2, &Join::channelId)); }
};

struct JoinResult {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  Fixed64 epoch;
  std::uint64_t offset = 0;
  std::uint32_t memberCount = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &JoinResult::requestId), field(2, &JoinResult::code), field(3, &JoinResult::epoch),
                           field(4, &JoinResult::offset), field(5, &JoinResult::memberCount));
  }
};

struct Leave {
  std::uint32_t requestId = 0;
  std::string_view channelId;
  static constexpr auto fields() { return std::make_tuple(field(1, &Leave::requestId), field(2, &Leave::channelId)); }
};

struct GetMembers {
  std::uint32_t requestId = 0;
  std::string_view channelId;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &GetMembers::requestId), field(2, &GetMembers::channelId));
  }
};

struct Members {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Members::requestId), field(2, &Members::code), field(3, &Members::userIds));
  }
};

struct MemberEvent {
  std::string_view channelId;
  std::vector<std::string_view> joined;
  std::vector<std::string_view> left;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MemberEvent::channelId), field(2, &MemberEvent::joined),
                           field(3, &MemberEvent::left));
  }
};

struct MemberCount {
  std::string_view channelId;
  std::uint32_t count = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MemberCount::channelId), field(2, &MemberCount::count));
  }
};

struct ChannelKicked {
  std::string_view channelId;
  static constexpr auto fields() { return std::make_tuple(field(1, &ChannelKicked::channelId)); }
};

struct GetMemberCounts {
  std::uint32_t requestId = 0;
  std::vector<std::string_view> channelIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &GetMemberCounts::requestId), field(2, &GetMemberCounts::channelIds));
  }
};

struct MemberCounts {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<std::uint32_t> counts;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MemberCounts::requestId), field(2, &MemberCounts::code),
                           field(3, &MemberCounts::counts));
  }
};

struct PresenceQuery {
  std::uint32_t requestId = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceQuery::requestId), field(2, &PresenceQuery::userIds));
  }
};

struct PresenceStates {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<std::uint32_t> states;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceStates::requestId), field(2, &PresenceStates::code),
                           field(3, &PresenceStates::states));
  }
};

struct PresenceSubscribe {
  std::uint32_t requestId = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceSubscribe::requestId), field(2, &PresenceSubscribe::userIds));
  }
};

struct PresenceUnsubscribe {
  std::uint32_t requestId = 0;
  std::vector<std::string_view> userIds;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceUnsubscribe::requestId), field(2, &PresenceUnsubscribe::userIds));
  }
};

struct PresenceEvent {
  std::vector<std::string_view> userIds;
  std::vector<std::uint32_t> states;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &PresenceEvent::userIds), field(2, &PresenceEvent::states));
  }
};

struct Attribute {
  std::string_view key;
  std::string_view value;
  std::string_view updatedBy;
  Fixed64 updatedMs;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &Attribute::key), field(2, &Attribute::value), field(3, &Attribute::updatedBy),
                           field(4, &Attribute::updatedMs));
  }
};

struct UserAttributesWrite {
  std::uint32_t requestId = 0;
  AttributeAction action{};
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &UserAttributesWrite::requestId), field(2, &UserAttributesWrite::action),
                           field(3, &UserAttributesWrite::entries));
  }
};

struct UserAttributesRead {
  std::uint32_t requestId = 0;
  std::string_view userId;
  std::vector<std::string_view> keys;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &UserAttributesRead::requestId), field(2, &UserAttributesRead::userId),
                           field(3, &UserAttributesRead::keys));
  }
};

struct UserAttributes {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &UserAttributes::requestId), field(2, &UserAttributes::code),
                           field(3, &UserAttributes::entries));
  }
};

struct ChannelAttributesWrite {
  std::uint32_t requestId = 0;
  std::string_view channelId;
  AttributeAction action{};
  std::vector<Attribute> entries;
  bool notify = false;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributesWrite::requestId), field(2, &ChannelAttributesWrite::channelId),
                           field(3, &ChannelAttributesWrite::action), field(4, &ChannelAttributesWrite::entries),
                           field(5, &ChannelAttributesWrite::notify));
  }
};

struct ChannelAttributesRead {
  std::uint32_t requestId = 0;
  std::string_view channelId;
  std::vector<std::string_view> keys;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributesRead::requestId), field(2, &ChannelAttributesRead::channelId),
                           field(3, &ChannelAttributesRead::keys));
  }
};

struct ChannelAttributes {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributes::requestId), field(2, &ChannelAttributes::code),
                           field(3, &ChannelAttributes::entries));
  }
};

struct ChannelAttributesEvent {
  std::string_view channelId;
  std::vector<Attribute> entries;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &ChannelAttributesEvent::channelId), field(2, &ChannelAttributesEvent::entries));
  }
};

struct MediaUpload {
  std::uint32_t requestId = 0;
  std::uint64_t size = 0;
  bool image = false;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MediaUpload::requestId), field(2, &MediaUpload::size),
                           field(3, &MediaUpload::image));
  }
};

struct MediaDownload {
  std::uint32_t requestId = 0;
  std::string_view mediaId;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MediaDownload::requestId), field(2, &MediaDownload::mediaId));
  }
};

struct MediaTicket {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::string_view mediaId;
  ByteView ticket;
  std::uint64_t size = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MediaTicket::requestId), field(2, &MediaTicket::code),
                           field(3, &MediaTicket::mediaId), field(4, &MediaTicket::ticket),
                           field(5, &MediaTicket::size));
  }
};

struct HistoryQuery {
  std::uint32_t requestId = 0;
  std::string_view source;
  std::string_view destination;
  Fixed64 startMs;
  Fixed64 endMs;
  std::uint32_t offset = 0;
  std::uint32_t limit = 0;
  bool descending = false;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &HistoryQuery::requestId), field(2, &HistoryQuery::source),
                           field(3, &HistoryQuery::destination), field(4, &HistoryQuery::startMs),
                           field(5, &HistoryQuery::endMs), field(6, &HistoryQuery::offset),
                           field(7, &HistoryQuery::limit), field(8, &HistoryQuery::descending));
  }
};

struct HistoryMessage {
  std::string_view source;
  std::string_view destination;
  bool channel = false;
  Fixed64 serverTimeMs;
  std::string_view text;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &HistoryMessage::source), field(2, &HistoryMessage::destination),
                           field(3, &HistoryMessage::channel), field(4, &HistoryMessage::serverTimeMs),
                           field(5, &HistoryMessage::text));
  }
};

struct HistoryResult {
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<HistoryMessage> messages;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &HistoryResult::requestId), field(2, &HistoryResult::code),
                           field(3, &HistoryResult::messages));
  }
};

/// The frame kind that carries a message; messages that only occur inside others have none.
template <typename M>
inline constexpr FrameKind kKindOf = FrameKind::None;
template <>
inline constexpr FrameKind kKindOf<Hello> = FrameKind::Hello;
template <>
inline constexpr FrameKind kKindOf<HelloOk> = FrameKind::HelloOk;
template <>
inline constexpr FrameKind kKindOf<Login> = FrameKind::Login;
template <>
inline constexpr FrameKind kKindOf<LoginResult> = FrameKind::LoginResult;
template <>
inline constexpr FrameKind kKindOf<Resume> = FrameKind::Resume;
template <>
inline constexpr FrameKind kKindOf<ResumeResult> = FrameKind::ResumeResult;
template <>
inline constexpr FrameKind kKindOf<Logout> = FrameKind::Logout;
template <>
inline constexpr FrameKind kKindOf<Bye> = FrameKind::Bye;
template <>
inline constexpr FrameKind kKindOf<Ping> = FrameKind::Ping;
template <>
inline constexpr FrameKind kKindOf<Pong> = FrameKind::Pong;
template <>
inline constexpr FrameKind kKindOf<RenewToken> = FrameKind::RenewToken;
template <>
inline constexpr FrameKind kKindOf<Result> = FrameKind::Result;
template <>
inline constexpr FrameKind kKindOf<PeerSend> = FrameKind::PeerSend;
template <>
inline constexpr FrameKind kKindOf<ChannelSend> = FrameKind::ChannelSend;
template <>
inline constexpr FrameKind kKindOf<SendResults> = FrameKind::SendResults;
template <>
inline constexpr FrameKind kKindOf<PeerMessage> = FrameKind::PeerMessage;
template <>
inline constexpr FrameKind kKindOf<ChannelMessage> = FrameKind::ChannelMessage;
template <>
inline constexpr FrameKind kKindOf<InboxAck> = FrameKind::InboxAck;
template <>
inline constexpr FrameKind kKindOf<Join> = FrameKind::Join;
template <>
inline constexpr FrameKind kKindOf<JoinResult> = FrameKind::JoinResult;
template <>
inline constexpr FrameKind kKindOf<Leave> = FrameKind::Leave;
template <>
inline constexpr FrameKind kKindOf<GetMembers> = FrameKind::GetMembers;
template <>
inline constexpr FrameKind kKindOf<Members> = FrameKind::Members;
template <>
inline constexpr FrameKind kKindOf<MemberEvent> = FrameKind::MemberEvent;
template <>
inline constexpr FrameKind kKindOf<MemberCount> = FrameKind::MemberCount;
template <>
inline constexpr FrameKind kKindOf<ChannelKicked> = FrameKind::ChannelKicked;
template <>
inline constexpr FrameKind kKindOf<GetMemberCounts> = FrameKind::GetMemberCounts;
template <>
inline constexpr FrameKind kKindOf<MemberCounts> = FrameKind::MemberCounts;
template <>
inline constexpr FrameKind kKindOf<PresenceQuery> = FrameKind::PresenceQuery;
template <>
inline constexpr FrameKind kKindOf<PresenceStates> = FrameKind::PresenceStates;
template <>
inline constexpr FrameKind kKindOf<PresenceSubscribe> = FrameKind::PresenceSubscribe;
template <>
inline constexpr FrameKind kKindOf<PresenceUnsubscribe> = FrameKind::PresenceUnsubscribe;
template <>
inline constexpr FrameKind kKindOf<PresenceEvent> = FrameKind::PresenceEvent;
template <>
inline constexpr FrameKind kKindOf<UserAttributesWrite> = FrameKind::UserAttributesWrite;
template <>
inline constexpr FrameKind kKindOf<UserAttributesRead> = FrameKind::UserAttributesRead;
template <>
inline constexpr FrameKind kKindOf<UserAttributes> = FrameKind::UserAttributes;
template <>
inline constexpr FrameKind kKindOf<ChannelAttributesWrite> = FrameKind::ChannelAttributesWrite;
template <>
inline constexpr FrameKind kKindOf<ChannelAttributesRead> = FrameKind::ChannelAttributesRead;
template <>
inline constexpr FrameKind kKindOf<ChannelAttributes> = FrameKind::ChannelAttributes;
template <>
inline constexpr FrameKind kKindOf<ChannelAttributesEvent> = FrameKind::ChannelAttributesEvent;
template <>
inline constexpr FrameKind kKindOf<MediaUpload> = FrameKind::MediaUpload;
template <>
inline constexpr FrameKind kKindOf<MediaDownload> = FrameKind::MediaDownload;
template <>
inline constexpr FrameKind kKindOf<MediaTicket> = FrameKind::MediaTicket;
template <>
inline constexpr FrameKind kKindOf<HistoryQuery> = FrameKind::HistoryQuery;
template <>
inline constexpr FrameKind kKindOf<HistoryResult> = FrameKind::HistoryResult;

}  // namespace rtm::wire
