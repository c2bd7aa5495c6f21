// The operations of BridgeClient on channels, presence and history whose answers need more than to be read.

#include <utility>

#include "server/bridge/bridge_client.hpp"
#include "server/bridge/bridge_records.hpp"
#include "server/bridge/history_page.hpp"
#include "server/model/channel_frames.hpp"

namespace rtm::server {

void BridgeClient::join(JoinRequest request, MoveFunction<void(JoinOutcome)> done) {
  const auto fill = [&request](RecordWriter& out) { fillJoin(out, request); };
  ask(Operation::Join, fill, [this, asked = request, finish = std::move(done)](RecordReader* in) mutable {
    JoinOutcome outcome;
    if (auto answer = readAnswer<JoinAnswer>(in)) {
      outcome = std::move(answer->outcome);
      for (const ReplayMessage& message : answer->replay) {
        outcome.replay.push_back(messageFrame(asked.channelId, message));
      }
      if (answer->missedAttributes) {
        outcome.replay.push_back(attributesFrame(asked.channelId, *answer->missedAttributes));
      }
    } else {
      outcome.failed = true;
      // The join may have succeeded. A client that joins again is told that it is not a member.
      const ScopedName user{asked.app, asked.userId};
      if (!asked.again) leave({asked.app, asked.channelId}, user, asked.fence, [](bool) {});
    }
    finish(std::move(outcome));
  });
}

void BridgeClient::members(const ScopedName& channel, const ScopedName& user, std::uint64_t fence, std::size_t limit,
                           MoveFunction<void(MembersOutcome)> done) {
  const auto fill = [&](RecordWriter& out) { fillMembers(out, channel, user, fence, limit); };
  ask(Operation::Members, fill, [finish = std::move(done)](RecordReader* in) mutable {
    MembersOutcome outcome;
    if (in != nullptr) {
      in->list([&outcome](RecordReader& item) {
        outcome.member = true;
        readTexts(item, outcome.userIds);
      });
    }
    if (in == nullptr || !in->complete()) {
      outcome = {};
      outcome.failed = true;
    }
    finish(std::move(outcome));
  });
}

void BridgeClient::presence(AppNumber app, std::vector<std::string> userIds,
                            MoveFunction<void(std::vector<wire::PresenceState>)> done) {
  const std::size_t asked = userIds.size();
  const auto fill = [&](RecordWriter& out) { fillPresence(out, app, userIds); };
  ask(Operation::Presence, fill, [asked, finish = std::move(done)](RecordReader* in) mutable {
    std::vector<wire::PresenceState> states;
    if (in != nullptr) {
      in->list([&](RecordReader& item) { states.push_back(static_cast<wire::PresenceState>(item.byte())); });
    }
    if (in == nullptr || !in->complete() || states.size() != asked) states.clear();
    finish(std::move(states));
  });
}

void BridgeClient::queryHistory(HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  const auto fill = [&filter](RecordWriter& out) { fillEngineHistory(out, filter.app, filter); };
  ask(Operation::EngineHistory, fill,
      [finish = std::move(done)](RecordReader* in) mutable { finish(readHistoryPage(in)); });
}

}  // namespace rtm::server
