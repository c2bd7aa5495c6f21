#include "server/bridge/bridge_callout.hpp"

#include <algorithm>

#include "server/bridge/bridge_records.hpp"

namespace rtm::server {

BridgeCallout::BridgeCallout(std::shared_ptr<Bridge> bridge, std::span<const std::string> events)
    : bridge_(std::move(bridge)) {
  std::transform(
      kCalloutEventNames.begin(), kCalloutEventNames.end(), asked_.begin(),
      [&events](std::string_view name) { return std::find(events.begin(), events.end(), name) != events.end(); });
}

void BridgeCallout::ask(LoopHost& home, const CalloutQuestion& question, MoveFunction<void(CalloutAnswer)> done) {
  const auto fill = [&question](RecordWriter& out) {
    fillAuthorize(out, kCalloutEventNames[static_cast<std::size_t>(question.event)], question.app, question.user,
                  question.channel, question.address);
  };
  bridge_->ask(home, Operation::Authorize, fill, [finish = std::move(done)](RecordReader* in) mutable {
    CalloutAnswer answer;
    if (const auto given = readAnswer<CalloutRecord>(in)) {
      answer = {.allowed = given->allowed,
                .known = given->known,
                .roles = {given->roles.begin(), given->roles.end()},
                .failure = std::string(given->failure)};
    } else {
      answer.failure = "too many requests wait for JavaScript";
    }
    finish(std::move(answer));
  });
}

}  // namespace rtm::server
