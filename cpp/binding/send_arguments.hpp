#pragma once

#include <optional>

#include "IAgoraRtmService.h"
#include "binding/call.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

/// The tail of every send: message id, type (0: a null message), text, raw data or undefined, flags.
struct SendArguments {
  SendArguments(Call& call, std::size_t first);

  /// What to hand to the core. A text that UTF-8 cannot hold unaltered counts as no message, so that the core answers
  /// with INVALID_MESSAGE, after the checks that come before.
  const agora::rtm::IMessage* message() const { return message_ ? &*message_ : nullptr; }

  agora::rtm::SendMessageOptions options;

 private:
  std::optional<client::BorrowedMessage> message_;
};

inline SendArguments::SendArguments(Call& call, std::size_t first) {
  constexpr std::uint32_t kOffline = 1;  // as in lib/sdk/arguments.ts
  constexpr std::uint32_t kHistory = 2;
  const auto id = static_cast<long long>(call.number(first));
  const auto type = static_cast<agora::rtm::MESSAGE_TYPE>(call.word(first + 1));
  const TextArgument text = call.text(first + 2);
  const ByteView raw = call.bytes(first + 3);
  const std::uint32_t flags = call.word(first + 4);
  options.enableOfflineMessaging = (flags & kOffline) != 0;
  options.enableHistoricalMessaging = (flags & kHistory) != 0;
  if (!call.failed() && type != agora::rtm::MESSAGE_TYPE_UNDEFINED && text.data != nullptr && text.wellFormed) {
    message_.emplace(id, type, text.view(), raw);
  }
}

}  // namespace rtm::binding
