// What crosses between the loops of a server and JavaScript. The input plays JavaScript: it takes operations, and
// answers with records that are whole, cut, of another kind, too many or for nobody, while the loops ask on. Whatever
// comes back:
//   - a reader stays within its record, and what it has read whole can be written and is read again;
//   - the operations that JavaScript takes are whole records;
//   - each question ends once, and nothing is told to a loop that has stopped listening.
//
// fuzz: test/simulated/claims.cpp test/simulated/ids.cpp
// fuzz: cpp/server/bridge/bridge.cpp cpp/server/bridge/bridge_callout.cpp cpp/server/bridge/bridge_client.cpp
// fuzz: cpp/server/bridge/bridge_client_channels.cpp cpp/server/bridge/bridge_client_operations.cpp
// fuzz: cpp/server/bridge/bridge_media_catalog.cpp cpp/server/bridge/bridge_news.cpp cpp/server/bridge/bridge_store.cpp
// Without the schedule of libFuzzer that prefers rare features: it took a third of the time.
// libFuzzer: -entropic=0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/input.hpp"
#include "server/bridge/bridge.hpp"
#include "server/bridge/bridge_callout.hpp"
#include "server/bridge/bridge_engine.hpp"
#include "server/bridge/bridge_media_catalog.hpp"
#include "server/bridge/bridge_records.hpp"
#include "server/bridge/bridge_store.hpp"
#include "simulated/claims.hpp"
#include "wire/frame.hpp"

namespace {

using namespace rtm;
using namespace rtm::server;
using fuzz::Input;
using simulated::require;

constexpr std::size_t kMostSteps = 300;
constexpr std::uint32_t kLoops = 2;
/// Few, so that inputs reach the bound.
constexpr std::size_t kMostWaiting = 4096;

// ---- records alone

template <typename Record>
void readOnly(ByteView bytes) {
  Record record;
  RecordReader in(bytes);
  read(in, record);
  require(in.left() <= bytes.size(), "a reader stays within its record");
}

/// Of a kind that both sides read and write.
template <typename Record>
void roundTrip(ByteView bytes) {
  Record record;
  RecordReader in(bytes);
  read(in, record);
  if (!in.complete()) return;
  Bytes first;
  RecordWriter out(first);
  write(out, record);
  Record again;
  RecordReader back{ByteView(first)};
  read(back, again);
  require(back.complete(), "what was written is read whole");
  Bytes second;
  RecordWriter rewritten(second);
  write(rewritten, again);
  require(first == second, "writing twice gives the same bytes");
}

template <typename... Record>
void readEach(ByteView bytes) {
  (readOnly<Record>(bytes), ...);
}

void records(ByteView bytes) {
  roundTrip<SessionAddress>(bytes);
  roundTrip<OfflineMessage>(bytes);
  roundTrip<HistoryRecord>(bytes);
  roundTrip<MediaRecord>(bytes);
  readEach<OpenOutcome, ResumeAnswer, ReplayMessage, StoredAttribute, JoinAnswer, AttributesOutcome,
           ChannelWriteOutcome, CalloutRecord, OfflineAnswer, HistoryAnswer, SendResultsNews, PeerMessageNews,
           ChannelMessageNews, MemberEventNews, MemberCountNews, ChannelAttributesNews, PresenceNews, KickedNews,
           EndSessionNews, DropSessionNews, SuspendNews>(bytes);
}

// ---- the bridge

/// A loop that runs when the input says so.
class Loop final : public LoopHost {
 public:
  std::uint64_t now() const override { return clock; }
  std::uint64_t wallClockMs() const override { return 1'700'000'000'000 + clock; }
  void post(Task task) override { tasks_.push_back(std::move(task)); }
  void requestTurnEnd() override { turnEnd = true; }
  bool run() {
    const bool any = !tasks_.empty();
    for (std::size_t left = tasks_.size(); left > 0; --left) {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    return any;
  }
  std::uint64_t clock = 1000;
  bool turnEnd = false;

 private:
  std::deque<Task> tasks_;
};

struct Carry final : SessionCarry {};

/// A gateway that knows which sessions it has.
class Sink final : public EngineSink {
 public:
  bool onSendResults(std::uint64_t sessionId, std::uint64_t, std::uint64_t, std::uint32_t) override {
    return has(sessionId);
  }
  void onPeerMessage(std::uint64_t, ByteView frame) override { told(frame); }
  void onChannelFrame(const ChannelFrame& frame) override { told(frame.frame.bytes()); }
  void onPresence(const ScopedName&, wire::PresenceState) override { has(0); }
  bool onKick(std::uint64_t sessionId, std::string_view) override { return has(sessionId); }
  bool onSessionEnd(std::uint64_t sessionId, SessionEnd reason) override {
    require(reason <= SessionEnd::GraceOver, "a session ends for a known reason");
    return has(sessionId);
  }
  std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId) override {
    if (!has(sessionId)) return nullptr;
    sessions.erase(sessionId);
    return std::make_unique<Carry>();
  }
  void onSuspend(std::uint32_t) override { has(0); }
  void onResume() override { has(0); }

  std::set<std::uint64_t> sessions;
  bool detached = false;

 private:
  bool has(std::uint64_t sessionId) const {
    require(!detached, "a loop that has stopped listening hears nothing");
    return sessions.contains(sessionId);
  }
  void told(ByteView frame) const {
    has(0);
    require(frame.size() >= wire::kFrameHeaderSize, "what is told to clients is a frame");
  }
};

/// What JavaScript answers, or tells, as a line of letters: b byte, w word, n number, t text, y bytes, d 16 bytes, D 32
/// bytes, L(…) a list.
struct Shape {
  std::uint8_t number;
  std::string_view fields;
};
constexpr Shape shapeOf(Operation operation, std::string_view fields) {
  return {static_cast<std::uint8_t>(operation), fields};
}
constexpr Shape shapeOf(NewsKind kind, std::string_view fields) {
  return {static_cast<std::uint8_t>(kind), fields};
}
constexpr std::array kAnswers{shapeOf(Operation::AppendOffline, ""),
                              shapeOf(Operation::LoadOffline, "L(ntnny)"),
                              shapeOf(Operation::RemoveOffline, ""),
                              shapeOf(Operation::AppendHistory, ""),
                              shapeOf(Operation::QueryHistory, "wL(ttbnt)"),
                              shapeOf(Operation::FindMedia, "L(tttnDbn)"),
                              shapeOf(Operation::AddMedia, ""),
                              shapeOf(Operation::TakeExpiredMedia, "L(tttnDbn)"),
                              shapeOf(Operation::FindListedMedia, "L(tttnDbn)"),
                              shapeOf(Operation::OpenSession, "bndnn"),
                              shapeOf(Operation::ResumeSession, "bndbL(wn)"),
                              shapeOf(Operation::Join, "bnnwbL(ntny)L(L(tttn))"),
                              shapeOf(Operation::Leave, "b"),
                              shapeOf(Operation::Members, "L(L(t))"),
                              shapeOf(Operation::MemberCount, "w"),
                              shapeOf(Operation::Presence, "L(b)"),
                              shapeOf(Operation::Watch, ""),
                              shapeOf(Operation::WriteUserAttributes, "w"),
                              shapeOf(Operation::UserAttributes, "bL(tttn)"),
                              shapeOf(Operation::WriteChannelAttributes, "wn"),
                              shapeOf(Operation::ChannelAttributes, "bL(tttn)"),
                              shapeOf(Operation::EngineHistory, "wL(ttbnt)"),
                              shapeOf(Operation::CloseUser, "b"),
                              shapeOf(Operation::Kick, "b"),
                              shapeOf(Operation::Authorize, "bbL(t)t")};
constexpr std::array kNews{shapeOf(NewsKind::SendResults, "nnnw"),
                           shapeOf(NewsKind::PeerMessage, "nntnnby"),
                           shapeOf(NewsKind::ChannelMessage, "wtnntnny"),
                           shapeOf(NewsKind::MemberEvent, "wtL(t)L(t)w"),
                           shapeOf(NewsKind::MemberCount, "wtw"),
                           shapeOf(NewsKind::ChannelAttributes, "wtL(tttn)"),
                           shapeOf(NewsKind::Presence, "wtb"),
                           shapeOf(NewsKind::Kicked, "nt"),
                           shapeOf(NewsKind::EndSession, "nb"),
                           shapeOf(NewsKind::DropSession, "n"),
                           shapeOf(NewsKind::Suspend, "w"),
                           shapeOf(NewsKind::Resume, "")};

class Play {
 public:
  explicit Play(Input& input) : input_(input), filler_(input, words_) {
    Bridge::Options options;
    options.ring = [this] { rung_ = true; };
    options.mostBytes = kMostWaiting;
    options.loops = kLoops;
    bridge_ = std::make_shared<Bridge>(std::move(options));
    engine_ = std::make_unique<BridgeEngine>(bridge_, kLoops, 3);
    store_ = std::make_unique<BridgeStore>(bridge_);
    catalog_ = std::make_unique<BridgeMediaCatalog>(bridge_);
    static const std::array<std::string, 2> kEvents{"login", "join"};
    callout_ = std::make_unique<BridgeCallout>(bridge_, kEvents);
    for (std::uint32_t i = 0; i < kLoops; ++i) ports_[i] = &engine_->attach(i, loops_[i], sinks_[i]);
    catalog_->attach(loops_[0]);
  }

  void run() {
    for (std::size_t steps = 0; steps < kMostSteps && !input_.over(); ++steps) {
      const std::uint8_t choice = input_.byte();
      if ((choice & 0x80) != 0) {
        ask(choice % 27);
      } else {
        reply(choice % 12);
      }
    }
    end();
  }

 private:
  // ---- the loops

  template <typename... Outcome>
  auto once() {
    const std::size_t place = ended_.size();
    ended_.push_back(0);
    return [this, place](Outcome...) { require(++ended_[place] == 1, "a question ends once"); };
  }
  std::uint32_t oneLoop() { return static_cast<std::uint32_t>(input_.below(kLoops)); }
  ScopedName name() {
    names_.push_back(filler_.text());
    return {AppNumber{input_.byte()}, names_.back()};
  }
  std::vector<std::string> texts() {
    std::vector<std::string> all(input_.below(4));
    for (std::string& text : all) text = filler_.text();
    return all;
  }

  void ask(std::uint8_t choice) {
    const std::uint32_t loop = oneLoop();
    EngineClient& port = *ports_[loop];
    LoopHost& home = loops_[loop];
    const SessionAddress address{loop, 1 + input_.below(4)};
    const std::string text = filler_.text();
    const std::string other = filler_.text();
    const std::string content = filler_.blob();
    switch (choice) {
      case 0:
        return port.sendToPeer({.app = {},
                                .sender = address,
                                .seq = filler_.number(),
                                .senderId = text,
                                .receiverId = other,
                                .content = asBytes(content)});
      case 1:
        return port.publish({.app = {},
                             .sender = address,
                             .seq = filler_.number(),
                             .senderId = text,
                             .channelId = other,
                             .content = asBytes(content)});
      case 2:
        return port.acknowledge({.app = {}, .userId = text, .fence = filler_.number(), .offset = 1});
      case 3:
        return port.openSession({.app = {}, .userId = text, .address = address, .capabilities = 7},
                                [done = once<OpenOutcome>(), &sink = sinks_[loop], address](OpenOutcome outcome) {
                                  done(outcome);
                                  if (outcome.status == OpenStatus::Opened) {
                                    sink.sessions.insert(address.sessionId);
                                  }
                                });
      case 4:
      case 5: {
        ResumeRequest request;
        request.userId = text;
        request.address = address;
        return port.resumeSession(std::move(request),
                                  [done = once<int>(), &sink = sinks_[loop], address](const ResumeOutcome& outcome) {
                                    done(0);
                                    if (outcome.status == ResumeStatus::Resumed)
                                      sink.sessions.insert(address.sessionId);
                                  });
      }
      case 6: {
        JoinRequest request;
        request.channelId = text;
        request.userId = other;
        request.address = address;
        request.again = input_.flag();
        return port.join(std::move(request), [done = once<int>()](const JoinOutcome&) { done(0); });
      }
      case 7:
        return port.leave(name(), name(), 1, once<bool>());
      case 8:
        return port.members(name(), name(), 1, 5, [done = once<int>()](const MembersOutcome&) { done(0); });
      case 9:
        return port.memberCount(name(), once<std::optional<std::uint32_t>>());
      case 10:
        return port.presence({}, texts(), [done = once<int>()](const std::vector<wire::PresenceState>&) { done(0); });
      case 11:
        return port.watch({}, texts(), once<>());
      case 12:
        return port.unwatch({}, texts());
      case 13:
      case 14: {
        AttributeWriteRequest request;
        request.owner = text;
        request.write.entries = {{other, text}};
        if (choice == 13) return port.writeUserAttributes(std::move(request), once<std::uint32_t>());
        return port.writeChannelAttributes(std::move(request),
                                           [done = once<int>()](const ChannelWriteOutcome&) { done(0); });
      }
      case 15:
        return port.userAttributes(name(), texts(), [done = once<int>()](const AttributesOutcome&) { done(0); });
      case 16:
        return port.channelAttributes(name(), texts(), [done = once<int>()](const AttributesOutcome&) { done(0); });
      case 17:
        return port.queryHistory({}, [done = once<int>()](const HistoryPage&) { done(0); });
      case 18:
        return port.kick(name(), text, once<bool>());
      case 19:
        return port.closeUser(name(), SessionEnd::Banned, once<bool>());
      case 20:
        return store_->appendOffline(home, name(),
                                     {.senderId = text, .timeMs = filler_.number(), .content = Bytes(content.size())},
                                     once<bool>());
      case 21:
        return store_->loadOffline(home, name(), 1, [done = once<int>()](const OfflinePage&) { done(0); });
      case 22:
        return store_->queryHistory(home, {}, [done = once<int>()](const HistoryPage&) { done(0); });
      case 23:
        return catalog_->find(text, other, 1, [done = once<int>()](const std::optional<MediaRecord>&) { done(0); });
      case 24:
        return catalog_->takeExpired(1, 9, [done = once<int>()](const std::vector<MediaRecord>&) { done(0); });
      case 25:
        return catalog_->listed(texts(), other, [done = once<int>()](const MediaListing&) { done(0); });
      default:
        return callout_->ask(home, {.event = CalloutEvent::Join, .user = text, .channel = other},
                             [done = once<int>()](const CalloutAnswer&) { done(0); });
    }
  }

  // ---- JavaScript

  struct Taken {
    std::uint8_t operation = 0;
    std::uint64_t request = 0;
  };

  void take() {
    const Bytes batch = bridge_->takeOperations();
    RecordReader records{ByteView(batch)};
    while (records.left() > 0) {
      RecordReader record(records.bytes());
      Taken taken{.operation = record.byte(), .request = record.number()};
      require(records.ok() && record.ok(), "the operations are whole records");
      check(taken.operation, record.raw(record.left()));
      if (taken.request != 0) taken_.push_back(taken);
    }
  }
  /// Of operations whose fields this side can read, too.
  static void check(std::uint8_t operation, ByteView fields) {
    RecordReader in(fields);
    if (operation == static_cast<std::uint8_t>(Operation::AppendOffline)) {
      OfflineMessage message;
      readName(in);
      read(in, message);
      require(in.complete(), "an offline message is read as it was written");
    }
  }

  void fields(RecordWriter& out, std::string_view& shape) {
    while (!shape.empty() && shape.front() != ')') {
      const char next = shape.front();
      shape.remove_prefix(1);
      if (next == 'b') out.byte(input_.byte() % 6);
      if (next == 'w') out.word(static_cast<std::uint32_t>(filler_.number()));
      if (next == 'n') out.number(filler_.number());
      if (next == 't') out.text(filler_.text());
      if (next == 'y') out.text(filler_.blob());
      if (next == 'd') out.raw(Bytes(16, 5));
      if (next == 'D') out.raw(Bytes(32, 5));
      if (next != 'L') continue;
      shape.remove_prefix(1);  // the bracket
      const std::string_view item = shape;
      const std::size_t count = input_.below(4);
      out.word(static_cast<std::uint32_t>(count));
      for (std::size_t i = 0; i < count; ++i) {
        shape = item;
        fields(out, shape);
      }
      if (count == 0) skip(shape);
      shape.remove_prefix(1);  // the other bracket
    }
  }
  static void skip(std::string_view& shape) {
    for (int depth = 0; depth > 0 || shape.front() != ')'; shape.remove_prefix(1)) {
      if (shape.front() == '(') ++depth;
      if (shape.front() == ')') --depth;
    }
  }

  void answer(Bytes& batch) {
    if (taken_.empty()) return;
    const Taken& taken = input_.oneOf(taken_);
    Bytes record;
    RecordWriter out(record);
    const std::uint8_t how = input_.byte();
    out.byte(static_cast<std::uint8_t>(how % 8 == 7 ? AnswerKind::Failed : AnswerKind::Done)).number(taken.request);
    const auto shape = std::find_if(kAnswers.begin(), kAnswers.end(),
                                    [&](const Shape& each) { return each.number == taken.operation; });
    if (how < 0xE0 && shape != kAnswers.end()) {
      std::string_view left = shape->fields;
      fields(out, left);
    } else {
      out.raw(input_.bytes(input_.byte()));
    }
    if (how >= 0xC0 && how < 0xE0 && !record.empty()) record.resize(9 + input_.byte() % record.size());
    RecordWriter(batch).bytes(record);
  }
  void tell(Bytes& batch) {
    const Shape& shape = input_.oneOf(kNews);
    const std::uint8_t to = input_.byte();
    tell(batch, shape, to < 0xC0 ? to % 2 : to < 0xF0 ? kAllLoops : to);
  }
  void tell(Bytes& batch, const Shape& shape, std::uint32_t to) {
    Bytes record;
    RecordWriter out(record);
    out.byte(shape.number).word(to);
    std::string_view left = shape.fields;
    fields(out, left);
    RecordWriter(batch).bytes(record);
  }

  void reply(std::uint8_t choice) {
    Bytes batch;
    switch (choice) {
      case 0:
      case 1:
        return take();
      case 2:
      case 3:
      case 4:
        for (std::size_t left = 1 + input_.below(3); left > 0; --left) answer(batch);
        break;
      case 5:
      case 6:
        for (std::size_t left = 1 + input_.below(3); left > 0; --left) tell(batch);
        break;
      case 7: {
        answer(batch);
        tell(batch);
        if (!batch.empty()) batch[input_.byte() % batch.size()] ^= input_.byte();
        break;
      }
      case 8: {
        const ByteView raw = input_.bytes(input_.byte());
        batch.assign(raw.begin(), raw.end());
        break;
      }
      case 9: {
        const std::uint32_t loop = oneLoop();
        loops_[loop].run();
        if (std::exchange(loops_[loop].turnEnd, false)) ports_[loop]->onTurnEnd();
        return;
      }
      case 10:
        loops_[0].clock += 100U * input_.byte();
        loops_[1].clock = loops_[0].clock;
        ports_[0]->onTick();
        return ports_[1]->onTick();
      default: {
        const std::uint32_t loop = oneLoop();
        if (sinks_[loop].sessions.empty()) return;
        const std::uint64_t session = *sinks_[loop].sessions.begin();
        sinks_[loop].sessions.erase(session);
        return ports_[loop]->sessionEnded(name(), session);
      }
    }
    bridge_->receive(batch);
  }

  void runAll() {
    while (loops_[0].run() || loops_[1].run()) {
    }
  }

  void end() {
    runAll();
    for (std::size_t before = taken_.size() + 1; before != taken_.size();) {
      before = taken_.size();
      take();
    }
    for (const Taken& taken : taken_) {
      Bytes batch;
      Bytes record;
      RecordWriter(record).byte(static_cast<std::uint8_t>(AnswerKind::Failed)).number(taken.request);
      RecordWriter(batch).bytes(record);
      bridge_->receive(batch);  // refused if it was answered before
      runAll();
    }
    for (const int count : ended_) require(count == 1, "each question has ended");
    // News on their way to loops that stop listening, and news behind that.
    for (const bool detached : {false, true}) {
      Bytes batch;
      for (const Shape& shape : kNews) tell(batch, shape, kAllLoops);
      bridge_->receive(batch);
      for (std::uint32_t i = 0; i < kLoops && !detached; ++i) {
        engine_->detach(i);
        sinks_[i].detached = true;
      }
    }
    runAll();
    store_->close();
    bridge_->close();
  }

  Input& input_;
  fuzz::Words words_{.texts = {"ann", "ben", "room", "", "\xc3\xa4"},
                     .blobs = {Bytes(), Bytes(3), Bytes(300)},
                     .numbers = {~std::uint64_t{0}}};
  fuzz::InputFiller filler_;
  std::array<Loop, kLoops> loops_;
  std::array<Sink, kLoops> sinks_;
  std::array<EngineClient*, kLoops> ports_{};
  std::shared_ptr<Bridge> bridge_;
  std::unique_ptr<BridgeEngine> engine_;
  std::unique_ptr<BridgeStore> store_;
  std::unique_ptr<BridgeMediaCatalog> catalog_;
  std::unique_ptr<BridgeCallout> callout_;
  std::deque<std::string> names_;
  std::vector<Taken> taken_;
  std::deque<int> ended_;  ///< how often each question has ended
  bool rung_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (size > 0 && data[0] == 0) {
    records(Bytes(bytes.begin() + 1, bytes.end()));  // of its own size, so that the sanitizer sees its end
    return 0;
  }
  Input input(bytes);
  Play(input).run();
  return 0;
}
