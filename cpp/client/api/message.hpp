#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "client/api/message_codes.hpp"

namespace rtm::client {

/// What a file or image message says of its body, which stays on the server. Sizes in pixels: images only.
struct MediaView {
  std::string_view mediaId;
  std::uint64_t size = 0;  ///< of the body, bytes
  std::string_view fileName;
  ByteView thumbnail;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint32_t thumbnailWidth = 0;
  std::uint32_t thumbnailHeight = 0;
};

/// A message whose content somebody else holds: for a send until the call returns, in an event until the event returns.
struct MessageView {
  long long id = 0;  ///< see nextMessageId()
  MessageType type = MessageType::Undefined;
  std::string_view text;                ///< UTF-8; of a raw, file or image message: its description
  ByteView raw = {};                    ///< of a raw message
  long long serverReceivedMs = 0;       ///< received: since 1970 UTC, by the server's clock
  bool offline = false;                 ///< received: the server had stored it
  std::optional<MediaView> media = {};  ///< of a file or image message; without it neither can be sent
};

/// 7 days, as long as a server stores a message.
inline constexpr std::uint32_t kLongestExpiryMs = 7 * 24 * 3600 * 1000;

struct SendOptions {
  bool offline = false;           ///< the server stores a peer message whose receiver is offline
  bool history = false;           ///< the server keeps a text for history queries
  std::uint32_t expiresInMs = 0;  ///< up to kLongestExpiryMs, then no server hands it to anybody; 0: never
};

/// The next message id: positive, ascending, unique in this process and very likely beyond it, below 2^53 so that every
/// language holds it exactly. With `count` the first of as many ids that follow each other. Any thread.
long long nextMessageId(int count = 1);

}  // namespace rtm::client
