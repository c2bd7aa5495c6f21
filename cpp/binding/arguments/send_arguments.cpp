#include "binding/arguments/send_arguments.hpp"

#include <cstdlib>
#include <utility>

#include "binding/environment/native_environment.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr std::uint32_t kOffline = 1;  // as in lib/session/outgoing.ts
constexpr std::uint32_t kHistory = 2;

SendMessageOptions optionsOf(std::uint32_t flags) {
  SendMessageOptions options;
  options.enableOfflineMessaging = (flags & kOffline) != 0;
  options.enableHistoricalMessaging = (flags & kHistory) != 0;
  return options;
}

}  // namespace

TextSend::TextSend(Arguments& arguments, std::size_t index)
    : TextSend(arguments, arguments.environment().columns().arguments(), arguments.text(index)) {}

/// The column: handle, message id, flags (lib/native/environment.ts).
TextSend::TextSend(Arguments& arguments, const double* column, const TextArgument& text)
    : handle(static_cast<std::uint32_t>(column[0])),
      options(optionsOf(static_cast<std::uint32_t>(column[2]))),
      message_(static_cast<long long>(column[1]), MESSAGE_TYPE_TEXT, text.view(), {}),
      usable_(!arguments.failed() && text.data != nullptr && text.wellFormed) {}

SendArguments::SendArguments(Arguments& arguments, std::size_t first) {
  const auto id = static_cast<long long>(arguments.number(first));
  const auto type = static_cast<MESSAGE_TYPE>(arguments.word(first + 1));
  const TextArgument text = arguments.text(first + 2);
  const ByteView raw = arguments.bytes(first + 3);
  options = optionsOf(arguments.word(first + 4));
  if (arguments.failed() || type == MESSAGE_TYPE_UNDEFINED || text.data == nullptr || !text.wellFormed) {
    return;
  }
  if (type == MESSAGE_TYPE_FILE || type == MESSAGE_TYPE_IMAGE) {
    client::MessageData data{.messageId = id, .type = type, .text = std::string(text.view())};
    data.thumbnail = asText(raw);
    readMedia(arguments, first + 5, std::move(data));
  } else {
    message_.emplace<client::BorrowedMessage>(id, type, text.view(), raw);
  }
}

/// media id, file name, size, width, height, width and height of the thumbnail (lib/session/outgoing.ts).
void SendArguments::readMedia(Arguments& arguments, std::size_t index, client::MessageData data) {
  constexpr std::size_t kFields = 7;
  const std::vector<const char*> fields = arguments.cStrings(index);
  if (arguments.failed() || fields.size() != kFields) {
    return;
  }
  if (fields[0] == Arguments::kUnusable || fields[1] == Arguments::kUnusable) {
    return;
  }
  data.mediaId = fields[0];
  data.fileName = fields[1];
  const auto number = [&](std::size_t at) { return static_cast<int>(std::strtol(fields[at], nullptr, 10)); };
  data.size = std::strtoll(fields[2], nullptr, 10);
  data.width = number(3);
  data.height = number(4);
  data.thumbnailWidth = number(5);
  data.thumbnailHeight = number(6);
  if (data.type == MESSAGE_TYPE_IMAGE) {
    message_.emplace<client::ImageMessage>(std::move(data));
  } else {
    message_.emplace<client::FileMessage>(std::move(data));
  }
}

const IMessage* SendArguments::message() const {
  if (const auto* text = std::get_if<client::BorrowedMessage>(&message_)) {
    return text;
  }
  if (const auto* file = std::get_if<client::FileMessage>(&message_)) {
    return file;
  }
  return std::get_if<client::ImageMessage>(&message_);
}

}  // namespace rtm::binding
