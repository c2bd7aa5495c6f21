#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/log.hpp"
#include "binding/mailbox/mailbox.hpp"

namespace rtm::binding {

/// Starts (stops) sending the lines of the client's log to a mailbox, as events of object 0. The client has one
/// observer for the whole process; every environment that asked gets the lines.
void observeClientLog(const std::shared_ptr<Mailbox>& mailbox, bool on);

/// Puts one line into a mailbox. Above the low-water mark lines are dropped, because a log must never hold up messages.
void pushLogLine(Mailbox& mailbox, std::uint32_t object, LogLevel level, std::string_view line);

}  // namespace rtm::binding
