#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/sha256.hpp"
#include "server/server_fixture.hpp"
#include "wire/protocol.hpp"

namespace rtm::test {

inline constexpr std::size_t kPieceBytes = wire::kMaxPayloadBytes;

/// Bytes in which no two places look alike.
inline Bytes bodyOf(std::size_t size, std::uint32_t seed = 1) {
  Bytes body(size);
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::uint8_t& byte : body) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<std::uint8_t>(state >> 24);
  }
  return body;
}

inline Bytes sha256Of(ByteView body) {
  Sha256 stream;
  stream.add(body);
  const Sha256::Digest digest = stream.finish();
  return Bytes(digest.begin(), digest.end());
}

/// MEDIA_TICKET, as a client keeps it.
struct MediaPass {
  std::uint32_t code = 0xFFFFFFFF;
  std::string mediaId;
  Bytes ticket;
  std::uint64_t size = 0;
};

struct MediaOpening {
  std::uint32_t code = 0xFFFFFFFF;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

inline MediaPass awaitTicket(TestClient& client) {
  const RawFrame frame = client.expect<wire::MediaTicket>();
  const auto ticket = frame.decode<wire::MediaTicket>();
  return {ticket.code, std::string(ticket.mediaId), Bytes(ticket.ticket.begin(), ticket.ticket.end()), ticket.size};
}

inline MediaPass askUpload(TestClient& client, std::uint64_t size) {
  client.send(wire::MediaUpload{.requestId = client.nextRequest(), .size = size, .image = false});
  return awaitTicket(client);
}

inline MediaPass askDownload(TestClient& client, const std::string& mediaId) {
  client.send(wire::MediaDownload{.requestId = client.nextRequest(), .mediaId = mediaId});
  return awaitTicket(client);
}

/// A connection for a body.
class MediaClient : public TestClient {
 public:
  using TestClient::TestClient;

  void sendOpen(const Bytes& ticket, std::uint64_t offset = 0) {
    send(wire::MediaOpen{.ticket = ticket, .offset = offset});
  }
  MediaOpening awaitOpened() {
    const RawFrame frame = expect<wire::MediaOpened>();
    const auto opened = frame.decode<wire::MediaOpened>();
    return {opened.code, opened.offset, opened.size};
  }
  MediaOpening open(const Bytes& ticket, std::uint64_t offset = 0) {
    sendOpen(ticket, offset);
    return awaitOpened();
  }
  void sendBody(ByteView body) {
    for (std::size_t at = 0; at < body.size(); at += kPieceBytes) {
      send(wire::MediaData{.data = body.subspan(at, std::min(kPieceBytes, body.size() - at))});
    }
  }
  void sendEnd(const Bytes& digest) { send(wire::MediaEnd{.sha256 = digest}); }
  std::uint32_t awaitStored() { return expect<wire::MediaStored>().decode<wire::MediaStored>().code; }

  /// The next piece of a download; nothing if MEDIA_END came, whose checksum it keeps.
  std::optional<Bytes> nextPiece() {
    auto frame = awaitAny({wire::FrameKind::MediaData, wire::FrameKind::MediaEnd});
    if (!frame) return std::nullopt;
    if (frame->kind == wire::FrameKind::MediaEnd) {
      const auto end = frame->decode<wire::MediaEnd>();
      digest_ = Bytes(end.sha256.begin(), end.sha256.end());
      return std::nullopt;
    }
    const auto data = frame->decode<wire::MediaData>();
    return Bytes(data.data.begin(), data.data.end());
  }
  Bytes receiveBody() {
    Bytes body;
    while (const auto piece = nextPiece()) body.insert(body.end(), piece->begin(), piece->end());
    return body;
  }
  const Bytes& digest() const { return digest_; }

 private:
  Bytes digest_;
};

class MediaTest : public ServerTest {
 protected:
  std::unique_ptr<MediaClient> connectMedia() {
    auto client = std::make_unique<MediaClient>(endpoint());
    client->hello();
    return client;
  }

  /// Uploads all of it on one connection: the media id.
  std::string upload(TestClient& session, const Bytes& body) {
    const MediaPass ticket = askUpload(session, body.size());
    EXPECT_EQ(0U, ticket.code);
    const auto media = connectMedia();
    const MediaOpening opened = media->open(ticket.ticket);
    EXPECT_EQ(0U, opened.code);
    EXPECT_EQ(0U, opened.offset);
    EXPECT_EQ(body.size(), opened.size);
    media->sendBody(body);
    media->sendEnd(sha256Of(body));
    EXPECT_EQ(0U, media->awaitStored());
    return ticket.mediaId;
  }
  /// The whole body, with its checksum compared.
  Bytes download(TestClient& session, const std::string& mediaId) {
    const MediaPass ticket = askDownload(session, mediaId);
    EXPECT_EQ(0U, ticket.code);
    const auto media = connectMedia();
    const MediaOpening opened = media->open(ticket.ticket);
    EXPECT_EQ(0U, opened.code);
    EXPECT_EQ(ticket.size, opened.size);
    Bytes body = media->receiveBody();
    EXPECT_EQ(ticket.size, body.size());
    EXPECT_EQ(sha256Of(body), media->digest());
    return body;
  }
};

/// A folder for one test.
class MediaFolder {
 public:
  MediaFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "rtm-media-test-XXXXXX").string();
    EXPECT_NE(nullptr, ::mkdtemp(name.data()));
    path_ = name;
  }
  ~MediaFolder() { std::filesystem::remove_all(path_); }
  MediaFolder(const MediaFolder&) = delete;
  MediaFolder& operator=(const MediaFolder&) = delete;

  std::string path() const { return path_.string(); }
  /// Files with this ending.
  std::size_t count(const std::string& ending) const {
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) found += entry.path().extension() == ending;
    return found;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace rtm::test
