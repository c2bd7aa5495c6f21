#pragma once

#include <string_view>

#include "IAgoraRtmService.h"
#include "binding/environment/mailbox.hpp"

namespace rtm::binding {

/// A C string of the SDK as text; null is empty.
inline std::string_view orEmpty(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// Writes a text or raw message.
void writeMessage(Record& record, const agora::rtm::IMessage& message);
void writeFileMessage(Record& record, const agora::rtm::IFileMessage& message);
void writeImageMessage(Record& record, const agora::rtm::IImageMessage& message);

/// Writes a list of channel attributes.
void writeAttributes(Record& record, const agora::rtm::IRtmChannelAttribute* const attributes[], int count);

}  // namespace rtm::binding
