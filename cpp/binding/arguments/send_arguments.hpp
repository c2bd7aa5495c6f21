#pragma once

#include <cstddef>
#include <cstdint>

#include "binding/arguments/arguments.hpp"
#include "client/api/message.hpp"

namespace rtm::binding {

/// A message to send; its views live as long as the arguments.
struct SendArguments {
  /// Of type Undefined for a null message, and for a text that UTF-8 cannot hold unaltered: the core then answers with
  /// InvalidMessage, unless an earlier check fails first.
  client::MessageView message;
  client::SendOptions options;
};

/// Reads the last arguments of a send: message id, type (0: a null message), text, raw data or thumbnail or undefined,
/// flags, and for a file or image message its other fields as texts.
SendArguments sendArguments(Arguments& arguments, std::size_t first);

/// A text to a peer or channel.
struct TextSend {
  std::uint32_t handle = 0;
  SendArguments sent;
};

/// Reads the text at `index`, and the rest from the column of arguments: handle, message id, flags.
TextSend textSend(Arguments& arguments, std::size_t index);

}  // namespace rtm::binding
