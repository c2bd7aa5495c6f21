// The operations of BridgeClient on channels, presence, attributes and history.

#include <utility>

#include "server/bridge/bridge_client.hpp"
#include "server/bridge/bridge_records.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {

// ---- channels ---------------------------------------------------------------------------------------------------

void BridgeClient::join(JoinRequest request, MoveFunction<void(JoinOutcome)> done) {
  const auto fill = [&request](RecordWriter& out) {
    writeName(out, {request.app, request.channelId});
    out.text(request.userId);
    writeAddress(out, request.address);
    out.number(request.fence).flag(request.again).number(request.epoch).number(request.offset);
  };
  engine_.bridge_->ask(*host_, Operation::Join, fill,
                       [this, asked = request, finish = std::move(done)](RecordReader* in) mutable {
                         if (sink_ == nullptr) return;
                         JoinOutcome outcome;
                         if (in != nullptr) {
                           outcome.joined = in->flag();
                           outcome.epoch = in->number();
                           outcome.offset = in->number();
                           outcome.memberCount = in->word();
                           outcome.complete = in->flag();
                           in->list([&](RecordReader& item) {
                             wire::ChannelMessage message = readChannelMessage(item, asked.channelId);
                             message.content = item.bytes();
                             outcome.replay.push_back(SharedFrame::encode(message));
                           });
                           in->list([&](RecordReader& item) {
                             outcome.replay.push_back(attributesFrame(asked.channelId, readAttributes(item)));
                           });
                         }
                         if (in == nullptr || !in->complete()) {
                           outcome = {};
                           outcome.failed = true;
                           // The join may have succeeded. A client that joins anew is told that it is not a member.
                           const ScopedName user{asked.app, asked.userId};
                           if (!asked.again) leave({asked.app, asked.channelId}, user, asked.fence, [](bool) {});
                         }
                         finish(std::move(outcome));
                       });
}

void BridgeClient::leave(const ScopedName& channel, const ScopedName& user, std::uint64_t fence,
                         MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) {
    writeName(out, channel);
    out.text(user.name).number(fence);
  };
  ask(Operation::Leave, fill, flagTo(std::move(done)));
}

void BridgeClient::members(const ScopedName& channel, const ScopedName& user, std::uint64_t fence, std::size_t limit,
                           MoveFunction<void(MembersOutcome)> done) {
  const auto fill = [&](RecordWriter& out) {
    writeName(out, channel);
    out.text(user.name).number(fence).word(static_cast<std::uint32_t>(limit));
  };
  ask(Operation::Members, fill, [finish = std::move(done)](RecordReader* in) mutable {
    MembersOutcome outcome;
    if (in != nullptr) {
      outcome.member = in->flag();
      outcome.userIds = readTexts(*in);
    }
    if (in == nullptr || !in->complete()) {
      outcome = {};
      outcome.failed = true;
    }
    finish(std::move(outcome));
  });
}

void BridgeClient::memberCount(const ScopedName& channel, MoveFunction<void(std::optional<std::uint32_t>)> done) {
  const auto fill = [&](RecordWriter& out) { writeName(out, channel); };
  ask(Operation::MemberCount, fill, [finish = std::move(done)](RecordReader* in) mutable {
    std::optional<std::uint32_t> count;
    if (in != nullptr) count = in->word();
    if (in != nullptr && !in->complete()) count.reset();
    finish(count);
  });
}

// ---- presence and attributes ------------------------------------------------------------------------------------

void BridgeClient::presence(AppNumber app, std::vector<std::string> userIds,
                            MoveFunction<void(std::vector<wire::PresenceState>)> done) {
  const std::size_t asked = userIds.size();
  const auto fill = [&](RecordWriter& out) {
    out.word(placeOf(app));
    writeTexts(out, userIds);
  };
  ask(Operation::Presence, fill, [asked, finish = std::move(done)](RecordReader* in) mutable {
    std::vector<wire::PresenceState> states;
    if (in != nullptr) {
      in->list([&](RecordReader& item) { states.push_back(static_cast<wire::PresenceState>(item.byte())); });
    }
    if (in == nullptr || !in->complete() || states.size() != asked) states.clear();
    finish(std::move(states));
  });
}

void BridgeClient::watch(AppNumber app, std::vector<std::string> userIds, Task done) {
  const auto fill = [&](RecordWriter& out) {
    out.word(index_).word(placeOf(app));
    writeTexts(out, userIds);
  };
  ask(Operation::Watch, fill, [finish = std::move(done)](RecordReader*) mutable { finish(); });
}

void BridgeClient::unwatch(AppNumber app, std::vector<std::string> userIds) {
  tell(Operation::Unwatch, [&](RecordWriter& out) {
    out.word(index_).word(placeOf(app));
    writeTexts(out, userIds);
  });
}

void BridgeClient::noteSilence(const ScopedName& user, std::uint64_t fence, bool silent) {
  tell(Operation::NoteSilence, [&](RecordWriter& out) {
    writeName(out, user);
    out.number(fence).flag(silent);
  });
}

void BridgeClient::write(Operation operation, const AttributeWriteRequest& request,
                         MoveFunction<void(std::uint32_t)> done) {
  const auto fill = [&request](RecordWriter& out) {
    out.word(placeOf(request.app)).text(request.owner).text(request.writerId).number(request.sessionId);
    out.number(request.fence).word(request.requestId).number(request.serverTimeMs).flag(request.notify);
    out.word(static_cast<std::uint32_t>(request.write.action));
    out.word(static_cast<std::uint32_t>(request.write.entries.size()));
    for (const auto& [key, value] : request.write.entries) out.text(key).text(value);
  };
  ask(operation, fill, [finish = std::move(done)](RecordReader* in) mutable {
    const std::uint32_t code = in != nullptr ? in->word() : code::attributes::kFailure;
    finish(in != nullptr && !in->complete() ? code::attributes::kFailure : code);
  });
}

void BridgeClient::read(Operation operation, const ScopedName& owner, const std::vector<std::string>& keys,
                        MoveFunction<void(AttributesOutcome)> done) {
  const auto fill = [&](RecordWriter& out) {
    writeName(out, owner);
    writeTexts(out, keys);
  };
  ask(operation, fill, [finish = std::move(done)](RecordReader* in) mutable {
    AttributesOutcome outcome;
    if (in != nullptr) {
      outcome.found = in->flag();
      outcome.entries = readAttributes(*in);
    }
    if (in == nullptr || !in->complete()) {
      outcome = {};
      outcome.failed = true;
    }
    finish(std::move(outcome));
  });
}

void BridgeClient::writeUserAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) {
  write(Operation::WriteUserAttributes, request, std::move(done));
}

void BridgeClient::userAttributes(const ScopedName& user, std::vector<std::string> keys,
                                  MoveFunction<void(AttributesOutcome)> done) {
  read(Operation::UserAttributes, user, keys, std::move(done));
}

void BridgeClient::writeChannelAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) {
  write(Operation::WriteChannelAttributes, request, std::move(done));
}

void BridgeClient::channelAttributes(const ScopedName& channel, std::vector<std::string> keys,
                                     MoveFunction<void(AttributesOutcome)> done) {
  read(Operation::ChannelAttributes, channel, keys, std::move(done));
}

void BridgeClient::queryHistory(HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  const auto fill = [&filter](RecordWriter& out) { writeHistoryFilter(out, filter); };
  ask(Operation::EngineHistory, fill,
      [finish = std::move(done)](RecordReader* in) mutable { finish(readHistoryPage(in)); });
}

}  // namespace rtm::server
