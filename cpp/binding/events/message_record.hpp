#pragma once

#include "binding/mailbox/mailbox.hpp"
#include "client/api/message.hpp"

namespace rtm::binding {

/// Writes the fields of a message of any type.
void writeMessage(Record& record, const client::MessageView& message);

}  // namespace rtm::binding
