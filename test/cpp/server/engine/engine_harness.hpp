#pragma once

// A whole engine under a clock of its own: loops that run when told, gateways that record what they hear. Every engine
// has to pass the suites built on this harness (engine_*_test.cpp); an EngineCase says how to make an engine.

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/engine/memory/memory_engine.hpp"
#include "wire/frame.hpp"

namespace rtm::server {

inline constexpr AppNumber kApp{1};
inline constexpr AppNumber kOtherApp{2};

/// Ids that count: known, different, never zero.
class CountingIds final : public IdSource {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    ++count_;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(count_ >> (i % 8 * 8));
  }

 private:
  std::uint64_t count_ = 0;
};

struct EngineSetup {
  EngineParameters parameters;
  std::shared_ptr<MessageStore> store;  ///< null: the engine's own
};

struct EngineCase {
  std::string name;
  std::uint32_t loops = 1;
  std::function<std::unique_ptr<Engine>(const EngineSetup&, IdSource&)> make;
};

inline std::vector<EngineCase> engineCases() {
  const auto memory = [](const EngineSetup& setup, IdSource& ids) {
    return std::unique_ptr<Engine>(std::make_unique<MemoryEngine>(setup.parameters, setup.store, ids));
  };
  return {{"MemoryOneLoop", 1, memory}, {"MemoryTwoLoops", 2, memory}, {"MemoryFiveLoops", 5, memory}};
}

struct FakeCarry final : SessionCarry {
  std::string note;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> results;  ///< not looked at yet
};

/// Everything that one session heard.
struct FakeSession {
  AppNumber app{};
  std::string user;
  std::uint64_t fence = 0;
  std::set<std::string> channels;
  bool away = false;  ///< no link: what arrives is dropped
};

/// One loop and its gateway.
class FakeLoop final : public LoopHost, public EngineSink {
 public:
  FakeLoop(std::uint32_t loopIndex, const std::uint64_t& clock) : index(loopIndex), clock_(clock) {}

  std::uint64_t now() const override { return clock_; }
  std::uint64_t wallClockMs() const override { return 1'700'000'000'000 + clock_; }
  void post(Task task) override { tasks_.push_back(std::move(task)); }
  void requestTurnEnd() override { turnEnd_ = true; }

  bool onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count,
                     std::uint32_t code) override {
    if (sessions.find(sessionId) == sessions.end()) return false;
    for (std::uint64_t i = 0; i < count; ++i) results[sessionId].emplace_back(firstSeq + i, code);
    return true;
  }
  /// Where a field of this tag with a varint stands at the end of the text; npos: nowhere.
  static std::size_t fieldAtEnd(const std::string& text, char tag) {
    const auto more = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0x80) != 0; };
    if (text.empty() || more(text.size() - 1)) return std::string::npos;
    std::size_t first = text.size() - 1;
    while (first > 0 && more(first - 1)) --first;
    return first > 0 && text[first - 1] == tag ? first - 1 : std::string::npos;
  }
  /// Content of tests is bare text. What the server wrote behind it is left out, but for an earlier place: "text as 7".
  static std::string textOf(ByteView content) {
    std::string text(asText(content));
    if (const std::size_t number = fieldAtEnd(text, 'H'); number != std::string::npos) text.resize(number);
    constexpr std::size_t kEpochBytes = 9;
    const std::size_t offset = fieldAtEnd(text, '@');
    if (offset == std::string::npos || offset < kEpochBytes || text[offset - kEpochBytes] != '9') return text;
    wire::Content place;
    const std::size_t at = offset - kEpochBytes;
    if (!wire::decode(asBytes(text).subspan(at), place)) return text;
    return text.substr(0, at) + " as " + std::to_string(place.earlierOffset);
  }
  void onPeerMessage(std::uint64_t sessionId, ByteView frame) override {
    const auto found = sessions.find(sessionId);
    if (found == sessions.end() || found->second.away) return;
    wire::PeerMessage message;
    ASSERT_TRUE(wire::decode(frame.subspan(wire::kFrameHeaderSize), message));
    inbox[sessionId].push_back({message.offset, std::string(message.senderId), textOf(message.content),
                                message.flags == static_cast<std::uint32_t>(wire::SendFlag::Offline)});
  }
  void onChannelFrame(const ChannelFrame& frame) override {
    const ByteView body = frame.frame.bytes().subspan(wire::kFrameHeaderSize);
    std::string line;
    if (frame.kind == ChannelFrame::Kind::Message) {
      wire::ChannelMessage message;
      ASSERT_TRUE(wire::decode(body, message));
      line = std::to_string(message.offset) + ":" + std::string(asText(message.content));
    } else if (frame.kind == ChannelFrame::Kind::MemberCount) {
      line = "#" + std::to_string(frame.memberCount);
    } else if (frame.kind == ChannelFrame::Kind::Attributes) {
      wire::ChannelAttributesEvent event;
      ASSERT_TRUE(wire::decode(body, event));
      line = "attributes";
      for (const wire::Attribute& entry : event.entries) {
        line += " " + std::string(entry.key) + "=" + std::string(entry.value);
      }
    } else {
      wire::MemberEvent event;
      ASSERT_TRUE(wire::decode(body, event));
      for (const auto name : event.left) line += "-" + std::string(name);
      for (const auto name : event.joined) line += "+" + std::string(name);
    }
    for (const auto& [sessionId, session] : sessions) {
      const bool member =
          session.app == frame.channel.app && session.channels.contains(std::string(frame.channel.name));
      if (member && sessionId != frame.excludedSession) heard[sessionId].push_back(line);
    }
  }
  void onPresence(const ScopedName& user, wire::PresenceState state) override {
    presence.push_back(std::string(user.name) + "=" + std::to_string(static_cast<int>(state)));
  }
  bool onKick(std::uint64_t sessionId, std::string_view channelId) override {
    const auto found = sessions.find(sessionId);
    if (found == sessions.end() || found->second.channels.erase(std::string(channelId)) == 0) return false;
    kicks[sessionId].emplace_back(channelId);
    client->leave({found->second.app, channelId}, {found->second.app, found->second.user}, found->second.fence,
                  [](bool) {});
    return true;
  }
  bool onSessionEnd(std::uint64_t sessionId, SessionEnd reason) override {
    const auto found = sessions.find(sessionId);
    if (found == sessions.end()) return false;
    const FakeSession session = found->second;
    sessions.erase(found);
    ends[sessionId].push_back(reason);
    auto finish = [this, session, sessionId] {
      for (const std::string& channel : session.channels) {
        client->leave({session.app, channel}, {session.app, session.user}, session.fence, [](bool) {});
      }
      client->sessionEnded({session.app, session.user}, sessionId);
    };
    if (holdEnds) {
      heldEnds.push_back(finish);
    } else {
      finish();
    }
    return true;
  }
  std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId) override {
    const auto found = sessions.find(sessionId);
    if (found == sessions.end()) return nullptr;
    auto carry = std::make_unique<FakeCarry>();
    carry->note = found->second.user;
    carry->results = std::exchange(results[sessionId], {});
    sessions.erase(found);
    return carry;
  }

  /// Runs what has been posted, then the end of the turn. False: there was nothing to do.
  bool turn() {
    if (tasks_.empty() && !turnEnd_) return false;
    for (Task& task : std::exchange(tasks_, {})) task();
    while (std::exchange(turnEnd_, false)) client->onTurnEnd();
    return true;
  }

  const std::uint32_t index;
  EngineClient* client = nullptr;
  std::map<std::uint64_t, FakeSession> sessions;
  std::map<std::uint64_t, std::vector<std::pair<std::uint64_t, std::uint32_t>>> results;  ///< seq, code
  struct Message {
    std::uint64_t offset;
    std::string sender;
    std::string text;
    bool offline = false;
    friend bool operator==(const Message&, const Message&) = default;
  };
  std::map<std::uint64_t, std::vector<Message>> inbox;
  std::map<std::uint64_t, std::vector<std::string>> heard;  ///< of channels: "1:text", "+joined-left", "#count"
  std::map<std::uint64_t, std::vector<std::string>> kicks;  ///< channels
  std::map<std::uint64_t, std::vector<SessionEnd>> ends;
  std::vector<std::string> presence;  ///< of users this loop watches: "bob=0"
  bool holdEnds = false;
  std::vector<std::function<void()>> heldEnds;

 private:
  const std::uint64_t& clock_;
  std::deque<Task> tasks_;
  bool turnEnd_ = false;
};

/// A session that the test has opened.
struct Opened {
  OpenOutcome outcome;
  SessionAddress address;
  std::string user;
};

class EngineTest : public ::testing::TestWithParam<EngineCase> {
 protected:
  void SetUp() override { build({}); }
  void build(EngineSetup setup) {
    setup.parameters.loops = GetParam().loops;
    loops_.clear();
    engine_ = GetParam().make(setup, ids_);
    for (std::uint32_t i = 0; i < setup.parameters.loops; ++i) loops_.push_back(std::make_unique<FakeLoop>(i, clock_));
    for (auto& loop : loops_) loop->client = &engine_->attach(loop->index, *loop, *loop);
  }
  void TearDown() override {
    for (auto& loop : loops_) engine_->detach(loop->index);
  }

  FakeLoop& loop(std::uint32_t number) { return *loops_[number % loops_.size()]; }
  /// Runs until no loop has anything left to do.
  void run() {
    for (bool busy = true; busy;) {
      busy = false;
      for (auto& each : loops_) busy = each->turn() || busy;
    }
  }
  void pass(std::uint64_t ms) {
    for (const std::uint64_t end = clock_ + ms; clock_ < end;) {
      clock_ += std::min<std::uint64_t>(100, end - clock_);
      for (auto& each : loops_) each->client->onTick();
      run();
    }
  }

  /// Time passes while the process stands still.
  void jump(std::uint64_t ms) {
    clock_ += ms;
    for (auto& each : loops_) each->client->onTick();
    run();
  }

  /// Logs in on a loop; the session is known to its gateway when this returns.
  Opened open(const std::string& user, std::uint32_t on = 0, AppNumber app = kApp, std::uint64_t capabilities = 7) {
    auto opened = submitOpen(user, on, app, capabilities);
    run();
    return *opened;
  }
  std::shared_ptr<Opened> submitOpen(const std::string& user, std::uint32_t on = 0, AppNumber app = kApp,
                                     std::uint64_t capabilities = 7) {
    auto opened = std::make_shared<Opened>();
    FakeLoop& where = loop(on);
    opened->address = {where.index, ++lastSession_};
    opened->user = user;
    where.client->openSession({app, user, opened->address, capabilities}, [&where, opened, app](OpenOutcome outcome) {
      opened->outcome = outcome;
      if (outcome.status != OpenStatus::Opened) return;
      where.sessions[opened->address.sessionId] = {app, opened->user, outcome.fence, {}, false};
    });
    return opened;
  }
  FakeLoop& home(const Opened& session) { return loop(session.address.loop); }
  static ScopedName nameOf(const Opened& session) { return {kApp, session.user}; }

  void send(const Opened& from, const std::string& to, std::uint64_t seq, const std::string& text,
            std::uint64_t capabilities = 0, std::uint32_t flags = 0) {
    home(from).client->sendToPeer({.app = kApp,
                                   .sender = from.address,
                                   .seq = seq,
                                   .senderId = from.user,
                                   .receiverId = to,
                                   .flags = flags,
                                   .serverTimeMs = home(from).wallClockMs(),
                                   .requiredCapabilities = capabilities,
                                   .content = asBytes(text)});
  }
  void acknowledge(const Opened& session, std::uint64_t offset) {
    home(session).client->acknowledge(
        {.app = kApp, .userId = session.user, .fence = session.outcome.fence, .offset = offset});
  }
  void publish(const Opened& from, const std::string& channel, std::uint64_t seq, const std::string& text,
               std::uint32_t flags = 0) {
    home(from).client->publish({.app = kApp,
                                .sender = from.address,
                                .fence = from.outcome.fence,
                                .seq = seq,
                                .senderId = from.user,
                                .channelId = channel,
                                .flags = flags,
                                .serverTimeMs = home(from).wallClockMs(),
                                .requiredCapabilities = 0,
                                .content = asBytes(text)});
  }
  JoinOutcome join(const Opened& session, const std::string& channel, bool again = false, std::uint64_t epoch = 0,
                   std::uint64_t offset = 0) {
    JoinOutcome result;
    FakeLoop& where = home(session);
    where.client->join({kApp, channel, session.user, session.address, session.outcome.fence, again, epoch, offset},
                       [&](JoinOutcome outcome) {
                         result = std::move(outcome);
                         if (result.joined) where.sessions[session.address.sessionId].channels.insert(channel);
                       });
    run();
    return result;
  }
  bool leave(const Opened& session, const std::string& channel) {
    bool left = false;
    const auto known = home(session).sessions.find(session.address.sessionId);
    if (known != home(session).sessions.end()) known->second.channels.erase(channel);
    home(session).client->leave({kApp, channel}, nameOf(session), session.outcome.fence, [&](bool was) { left = was; });
    run();
    return left;
  }
  std::uint32_t count(const std::string& channel) {
    std::uint32_t result = 0;
    loop(0).client->memberCount({kApp, channel}, [&](std::optional<std::uint32_t> n) { result = n.value_or(0); });
    run();
    return result;
  }
  void loseLink(const Opened& session, std::uint64_t graceMs = 30'000) {
    home(session).sessions[session.address.sessionId].away = true;
    home(session).client->linkLost(nameOf(session), session.outcome.fence, graceMs);
    run();
  }
  /// Resumes on a loop; on success `session` is what it is now, and delivery goes on.
  ResumeOutcome resume(Opened& session, std::uint32_t on, std::uint64_t offset = 0) {
    ResumeOutcome result;
    FakeLoop& where = loop(on);
    const SessionAddress to{where.index, session.address.sessionId};
    where.client->resumeSession(resumeRequest(session, to, offset),
                                [&](ResumeOutcome outcome) { result = takeResumed(session, to, std::move(outcome)); });
    run();
    if (result.status == ResumeStatus::Resumed) {
      where.client->startDelivery(nameOf(session), session.outcome.fence);
      run();
    }
    return result;
  }
  static ResumeRequest resumeRequest(const Opened& session, const SessionAddress& to, std::uint64_t offset) {
    return {kApp, session.user, to, session.outcome.resumeToken, 7, session.outcome.inboxEpoch, offset};
  }
  ResumeOutcome takeResumed(Opened& session, const SessionAddress& to, ResumeOutcome outcome) {
    if (outcome.status != ResumeStatus::Resumed) return outcome;
    FakeSession& here = loop(to.loop).sessions[to.sessionId];
    here.app = kApp;
    here.user = session.user;
    here.fence = outcome.fence;
    here.away = false;
    if (outcome.carry) loop(to.loop).results[to.sessionId] = static_cast<FakeCarry&>(*outcome.carry).results;
    session.address = to;
    session.outcome.fence = outcome.fence;
    session.outcome.resumeToken = outcome.resumeToken;
    return outcome;
  }

  auto resultsOf(const Opened& session) { return std::exchange(home(session).results[session.address.sessionId], {}); }
  auto inboxOf(const Opened& session) { return std::exchange(home(session).inbox[session.address.sessionId], {}); }
  auto heardBy(const Opened& session) { return std::exchange(home(session).heard[session.address.sessionId], {}); }
  std::vector<SessionEnd> endsOf(const Opened& session) { return home(session).ends[session.address.sessionId]; }

  std::uint64_t clock_ = 1000;
  CountingIds ids_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::unique_ptr<FakeLoop>> loops_;
  std::uint64_t lastSession_ = 100;
};

using Results = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
using Lines = std::vector<std::string>;

#define RTM_ENGINE_SUITE(Suite)                                                \
  INSTANTIATE_TEST_SUITE_P(Engines, Suite, ::testing::ValuesIn(engineCases()), \
                           [](const auto& test) { return test.param.name; })

}  // namespace rtm::server
