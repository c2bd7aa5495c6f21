#pragma once

#include <cstdint>
#include <string>

#include "client/api/message.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

/// Why a message cannot be sent.
enum class ContentProblem { None, TooLarge, NotUtf8, UnknownType };

/// The wire form of a message; views live as long as the views of `message`.
struct OutgoingContent {
  wire::Content content;
  ContentProblem problem = ContentProblem::None;
};
/// `maxBytes`: most bytes of text, payload, file name and thumbnail together; 0: no limit but that of a frame.
OutgoingContent toContent(const MessageView& message, std::size_t maxBytes);
/// The problem of `out`, for the log: sizes, never contents.
std::string describe(const OutgoingContent& out, std::size_t maxBytes);

/// The content as bytes, in memory of this thread that the next call reuses, so that a send allocates nothing.
ByteView encodeContent(const wire::Content& content);

/// A received message; views live as long as the views of `content`.
MessageView toView(const wire::Content& content, std::uint64_t serverTimeMs, bool offline);

constexpr std::uint32_t flagsOf(SendOptions options) {
  return (options.offline ? static_cast<std::uint32_t>(wire::SendFlag::Offline) : 0) |
         (options.history ? static_cast<std::uint32_t>(wire::SendFlag::History) : 0);
}

/// A received message that outlives its frame, for events on other threads.
class OwnedMessage {
 public:
  explicit OwnedMessage(const MessageView& message);
  /// Lives as long as this.
  MessageView view() const;

 private:
  MessageView head_;  ///< what holds no memory
  std::string text_;
  std::string raw_;  ///< as a string, for C++ programs that read the payload as a C string: terminated, never null
  std::string mediaId_;
  std::string fileName_;
  Bytes thumbnail_;
};

}  // namespace rtm::client
