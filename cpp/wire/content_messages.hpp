#pragma once

// What users call a message, and how it travels: to a peer, to a channel, with its results and acknowledgements.
// See messages.hpp for how to read this file.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

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
  static constexpr FrameKind kKind = FrameKind::PeerSend;
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
  static constexpr FrameKind kKind = FrameKind::ChannelSend;
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
  static constexpr FrameKind kKind = FrameKind::SendResults;
  std::vector<std::uint64_t> ranges;
  static constexpr auto fields() { return std::make_tuple(field(1, &SendResults::ranges)); }
};

struct PeerMessage {
  static constexpr FrameKind kKind = FrameKind::PeerMessage;
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
  static constexpr FrameKind kKind = FrameKind::ChannelMessage;
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
  static constexpr FrameKind kKind = FrameKind::InboxAck;
  std::uint64_t offset = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &InboxAck::offset)); }
};

}  // namespace rtm::wire
