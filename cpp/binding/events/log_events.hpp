#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/log.hpp"
#include "binding/environment/mailbox.hpp"

namespace rtm::binding {

/// Sends the lines of the client's log to a mailbox, as events of object 0, or no longer. The client has one observer
/// for the whole process, but each environment may want the lines: all that asked get them.
void observeClientLog(const std::shared_ptr<Mailbox>& mailbox, bool on);

/// Puts one line into a mailbox. Under pressure lines are dropped: a log must never hold up messages.
void pushLogLine(Mailbox& mailbox, std::uint32_t object, LogLevel level, std::string_view line);

}  // namespace rtm::binding
