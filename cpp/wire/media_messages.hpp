#pragma once

// Tickets for files and images, and the frames of the connections on which their bodies travel.
// See messages.hpp for how to read this file.

#include <cstdint>
#include <string_view>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

struct MediaUpload {
  static constexpr FrameKind kKind = FrameKind::MediaUpload;
  std::uint32_t requestId = 0;
  std::uint64_t size = 0;
  bool image = false;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MediaUpload::requestId), field(2, &MediaUpload::size),
                           field(3, &MediaUpload::image));
  }
};

struct MediaDownload {
  static constexpr FrameKind kKind = FrameKind::MediaDownload;
  std::uint32_t requestId = 0;
  std::string_view mediaId;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MediaDownload::requestId), field(2, &MediaDownload::mediaId));
  }
};

struct MediaTicket {
  static constexpr FrameKind kKind = FrameKind::MediaTicket;
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

struct MediaOpen {
  static constexpr FrameKind kKind = FrameKind::MediaOpen;
  ByteView ticket;
  std::uint64_t offset = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &MediaOpen::ticket), field(2, &MediaOpen::offset)); }
};

struct MediaOpened {
  static constexpr FrameKind kKind = FrameKind::MediaOpened;
  std::uint32_t code = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &MediaOpened::code), field(2, &MediaOpened::offset), field(3, &MediaOpened::size));
  }
};

struct MediaData {
  static constexpr FrameKind kKind = FrameKind::MediaData;
  ByteView data;
  static constexpr auto fields() { return std::make_tuple(field(1, &MediaData::data)); }
};

struct MediaEnd {
  static constexpr FrameKind kKind = FrameKind::MediaEnd;
  ByteView sha256;
  static constexpr auto fields() { return std::make_tuple(field(1, &MediaEnd::sha256)); }
};

struct MediaStored {
  static constexpr FrameKind kKind = FrameKind::MediaStored;
  std::uint32_t code = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &MediaStored::code)); }
};

struct MediaCancel {
  static constexpr FrameKind kKind = FrameKind::MediaCancel;
  std::uint32_t requestId = 0;
  static constexpr auto fields() { return std::make_tuple(field(1, &MediaCancel::requestId)); }
};

}  // namespace rtm::wire
