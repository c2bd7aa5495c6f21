#include "binding/arguments/send_arguments.hpp"

#include <charconv>
#include <vector>

#include "base/common_constants.hpp"
#include "wire/kinds.hpp"

namespace rtm::binding {
namespace {

client::SendOptions optionsOf(double number) {
  const auto flags = static_cast<std::uint64_t>(number);
  const auto has = [flags](wire::SendFlag flag) { return (flags & static_cast<std::uint64_t>(flag)) != 0; };
  return {.offline = has(wire::SendFlag::Offline),
          .history = has(wire::SendFlag::History),
          .expiresInMs = static_cast<std::uint32_t>(flags / kSendExpiryUnit)};
}

template <typename Number>
Number numberIn(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The text of a message, which may hold a NUL. A text with half a surrogate pair becomes a text that the core refuses.
std::string_view messageText(const TextArgument& text) {
  return text.wellFormed ? text.view() : Arguments::kUnusable;
}

/// Reads media id, file name, size, width, height, width and height of the thumbnail (lib/session/outgoing.ts). False:
/// they are incomplete. The core refuses texts that cannot be used.
bool readMedia(Arguments& arguments, std::size_t index, ByteView thumbnail, client::MediaView& media) {
  constexpr std::size_t kFields = 7;
  const std::vector<std::string_view> fields = arguments.strictTexts(index);
  if (fields.size() != kFields) return false;
  media = {.mediaId = fields[0],
           .size = numberIn<std::uint64_t>(fields[2]),
           .fileName = fields[1],
           .thumbnail = thumbnail,
           .width = numberIn<std::uint32_t>(fields[3]),
           .height = numberIn<std::uint32_t>(fields[4]),
           .thumbnailWidth = numberIn<std::uint32_t>(fields[5]),
           .thumbnailHeight = numberIn<std::uint32_t>(fields[6])};
  return true;
}

}  // namespace

SendArguments sendArguments(Arguments& arguments, std::size_t first) {
  const auto id = static_cast<long long>(arguments.number(first));
  const auto type = static_cast<client::MessageType>(arguments.word(first + 1));
  const TextArgument text = arguments.text(first + 2);
  const ByteView data = arguments.bytes(first + 3);
  SendArguments sent{.message = {}, .options = optionsOf(arguments.number(first + 4))};
  if (arguments.failed() || text.data == nullptr) {
    return sent;
  }
  client::MessageView message{.id = id, .type = type, .text = messageText(text)};
  if (type == client::MessageType::File || type == client::MessageType::Image) {
    if (!readMedia(arguments, first + 5, data, message.media.emplace())) {
      return sent;
    }
  } else {
    message.raw = data;
  }
  sent.message = message;
  return sent;
}

TextSend textSend(Arguments& arguments, std::size_t index) {
  const double* column = arguments.environment().columns().arguments();
  const TextArgument text = arguments.text(index);
  TextSend send{.handle = static_cast<std::uint32_t>(column[0]),
                .sent = {.message = {}, .options = optionsOf(column[2])}};
  if (text.data != nullptr) {
    send.sent.message.id = static_cast<long long>(column[1]);
    send.sent.message.type = client::MessageType::Text;
    send.sent.message.text = messageText(text);
  }
  return send;
}

}  // namespace rtm::binding
