#pragma once

#include <variant>

#include "IAgoraRtmService.h"
#include "binding/arguments/arguments.hpp"
#include "client/factory.hpp"
#include "client/message.hpp"

namespace rtm::binding {

/// The tail of every send: message id, type (0: a null message), text, raw data or thumbnail or undefined, flags, and
/// of a file or image message its other fields as texts.
class SendArguments {
 public:
  SendArguments(Call& call, std::size_t first);

  /// What to hand to the core. A text that UTF-8 cannot hold unaltered counts as no message, so that the core answers
  /// with INVALID_MESSAGE, after the checks that come before.
  const agora::rtm::IMessage* message() const;

  agora::rtm::SendMessageOptions options;

 private:
  void readMedia(Call& call, std::size_t index, client::MessageData data);

  std::variant<std::monostate, client::BorrowedMessage, client::FileMessage, client::ImageMessage> message_;
};

/// The arguments of a send of a text: the text at `index`, the rest in the port's column of arguments.
class TextSend {
 public:
  TextSend(Call& call, std::size_t index);

  /// Null for a text that UTF-8 cannot hold unaltered, as above.
  const agora::rtm::IMessage* message() const { return usable_ ? &message_ : nullptr; }

  std::uint32_t handle = 0;
  agora::rtm::SendMessageOptions options;

 private:
  TextSend(Call& call, const double* column, const TextArgument& text);

  client::BorrowedMessage message_;
  bool usable_;
};

}  // namespace rtm::binding
