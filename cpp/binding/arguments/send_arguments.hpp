#pragma once

#include <variant>

#include "IAgoraRtmService.h"
#include "binding/arguments/arguments.hpp"
#include "client/factory.hpp"
#include "client/message.hpp"

namespace rtm::binding {

/// The last arguments of every send: message id, type (0: a null message), text, raw data or thumbnail or undefined,
/// flags, and for a file or image message its other fields as texts.
class SendArguments {
 public:
  SendArguments(Arguments& arguments, std::size_t first);

  /// The message for the core. Null for a text that UTF-8 cannot hold unaltered: the core then answers with
  /// INVALID_MESSAGE, unless an earlier check fails first.
  const agora::rtm::IMessage* message() const;

  agora::rtm::SendMessageOptions options;

 private:
  void readMedia(Arguments& arguments, std::size_t index, client::MessageData data);

  std::variant<std::monostate, client::BorrowedMessage, client::FileMessage, client::ImageMessage> message_;
};

/// The arguments of a send of a text: the text at `index`, the rest in the column of arguments.
class TextSend {
 public:
  TextSend(Arguments& arguments, std::size_t index);

  /// Null for a text that UTF-8 cannot hold unaltered, as above.
  const agora::rtm::IMessage* message() const { return usable_ ? &message_ : nullptr; }

  std::uint32_t handle = 0;
  agora::rtm::SendMessageOptions options;

 private:
  TextSend(Arguments& arguments, const double* column, const TextArgument& text);

  client::BorrowedMessage message_;
  bool usable_;
};

}  // namespace rtm::binding
