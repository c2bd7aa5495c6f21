#include "binding/events/log_events.hpp"

#include <mutex>
#include <vector>

#include "binding/events/event_records.hpp"
#include "client/process_settings.hpp"

namespace rtm::binding {
namespace {

struct Observers {
  std::mutex mutex;
  std::vector<std::weak_ptr<Mailbox>> list;
};

Observers& observers() {
  static auto* const kept = new Observers;  // the core may log until the very end of the process
  return *kept;
}

void onLine(LogLevel level, std::string_view line) {
  const std::lock_guard lock(observers().mutex);
  for (const std::weak_ptr<Mailbox>& observer : observers().list) {
    if (const std::shared_ptr<Mailbox> mailbox = observer.lock()) {
      pushLogLine(*mailbox, 0, level, line);
    }
  }
}

}  // namespace

void observeClientLog(const std::shared_ptr<Mailbox>& mailbox, bool on) {
  bool wanted = false;
  {
    const std::lock_guard lock(observers().mutex);
    auto& list = observers().list;
    std::erase_if(list, [&](const std::weak_ptr<Mailbox>& each) { return each.expired() || each.lock() == mailbox; });
    if (on) {
      list.push_back(mailbox);
    }
    wanted = !list.empty();
  }
  client::setLogObserver(wanted ? LogSink(&onLine) : LogSink());
}

void pushLogLine(Mailbox& mailbox, std::uint32_t object, LogLevel level, std::string_view line) {
  if (mailbox.pressure().bytes < Mailbox::kLowWater) {
    mailbox.push(EventKind::Log, object,
                 [&](Record& record) { records::writeLog(record, static_cast<std::uint32_t>(level), line); });
  }
}

}  // namespace rtm::binding
