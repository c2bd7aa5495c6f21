// A whole server with two loops, in one thread and without sockets: the input chooses what several clients send, in
// which order, when they are cut, and how the time goes on. Whatever they do:
//   - what the server sends decodes, is of a kind that servers send, and nothing comes behind a BYE;
//   - nobody resumes a session without a secret that the server gave;
//   - a user who does nothing wrong is answered, and gets its messages;
//   - no session, no channel, no open file and no memory is left when all are gone.
//
// fuzz: test/simulated/claims.cpp test/simulated/loops.cpp test/fuzz/host/wires.cpp test/fuzz/host/frames.cpp
// fuzz: test/simulated/ids.cpp test/simulated/files.cpp
// Without the schedule of libFuzzer that prefers rare features: it took more than half of the time.
// libFuzzer: -entropic=0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/input.hpp"
#include "host/wires.hpp"
#include "server/server.hpp"
#include "simulated/files.hpp"
#include "simulated/loops.hpp"

namespace {

using namespace rtm;
using fuzz::framed;
using fuzz::Input;
using simulated::Loops;
using simulated::require;
using wire::FrameKind;

const std::string kOpenApp(32, '0');
const std::string kTokenApp(32, '1');
/// Nobody finds this name by chance: a login with it elsewhere would end the session of the witness, and rightly so.
const std::string kWitness = "witness-5f0c2d9be1a7";
constexpr std::size_t kMostSteps = 400;
/// Of the clock of one input: each 50 ms of it cost two sweeps.
constexpr std::uint64_t kMostMs = 4000;
constexpr std::uint32_t kUnreachableMs = 1000;
constexpr std::uint32_t kGraceMs = 1200;
/// Longer than anything of a client who is gone lives with the times above.
constexpr std::uint64_t kAllOverMs = 4000;

constexpr std::array kOfClients{FrameKind::Ping,
                                FrameKind::PeerSend,
                                FrameKind::ChannelSend,
                                FrameKind::InboxAck,
                                FrameKind::Join,
                                FrameKind::Leave,
                                FrameKind::GetMembers,
                                FrameKind::GetMemberCounts,
                                FrameKind::PresenceQuery,
                                FrameKind::PresenceSubscribe,
                                FrameKind::PresenceUnsubscribe,
                                FrameKind::UserAttributesWrite,
                                FrameKind::UserAttributesRead,
                                FrameKind::ChannelAttributesWrite,
                                FrameKind::ChannelAttributesRead,
                                FrameKind::MediaUpload,
                                FrameKind::MediaDownload,
                                FrameKind::MediaCancel,
                                FrameKind::HistoryQuery,
                                FrameKind::RenewToken,
                                FrameKind::Logout,
                                FrameKind::ChannelPositions,
                                FrameKind::MediaData,
                                FrameKind::MediaEnd};

constexpr std::array kOfServers{FrameKind::HelloOk,
                                FrameKind::LoginResult,
                                FrameKind::ResumeResult,
                                FrameKind::Bye,
                                FrameKind::Pong,
                                FrameKind::Result,
                                FrameKind::SendResults,
                                FrameKind::PeerMessage,
                                FrameKind::ChannelMessage,
                                FrameKind::JoinResult,
                                FrameKind::Members,
                                FrameKind::MemberEvent,
                                FrameKind::MemberCount,
                                FrameKind::ChannelKicked,
                                FrameKind::MemberCounts,
                                FrameKind::PresenceStates,
                                FrameKind::PresenceEvent,
                                FrameKind::UserAttributes,
                                FrameKind::ChannelAttributes,
                                FrameKind::ChannelAttributesEvent,
                                FrameKind::MediaTicket,
                                FrameKind::MediaOpened,
                                FrameKind::MediaData,
                                FrameKind::MediaEnd,
                                FrameKind::MediaStored,
                                FrameKind::HistoryResult};

Bytes textContent(std::string_view text) {
  wire::Content content;
  content.messageId = 7;
  content.type = wire::ContentType::Text;
  content.text = text;
  return wire::testing::encoded(content);
}

/// What a client keeps of a login.
struct Secrets {
  std::string app;
  std::string user;
  std::uint64_t sessionId = 0;
  Bytes token;
  std::uint64_t inboxEpoch = 0;
};

/// What all clients of an input share.
struct World {
  fuzz::Words words{.texts = {"ann", "ben", "cem", kWitness, "a", "b", "closed", "", "an invalid \"id\"",
                              std::string(65, 'c'), kOpenApp, kTokenApp, "key", "value"},
                    .blobs = {textContent("hello"), textContent(""), Bytes(), Bytes(32)},
                    .numbers = {}};
  std::vector<Secrets> secrets;
  std::vector<Bytes> tickets;
};

/// What clients look into.
using Heeded = wire::MessageList<wire::Bye, wire::LoginResult, wire::ResumeResult, wire::MediaTicket, wire::PeerMessage,
                                 wire::SendResults>;

/// One client and its connection.
class Peer {
 public:
  Peer(World& world, std::shared_ptr<fuzz::Wire> wire) : world_(world), wire_(std::move(wire)) {
    heard_.setLimit(wire::kMaxFrameBody);
  }
  virtual ~Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  fuzz::Wire& wire() { return *wire_; }
  bool gone() const { return bye_ || wire_->ended(); }
  void send(Bytes bytes) { wire_->send(std::move(bytes)); }

  void logIn(const std::string& app, const std::string& user, std::string_view token = {}) {
    app_ = app;
    user_ = user;
    send(framed(wire::Login{.appId = app, .userId = user, .token = token}));
  }
  void mayResume(const std::string& app, const std::string& user) {
    app_ = app;
    user_ = user;
    hasSecret_ = true;
  }

  void hear() {
    const Bytes bytes = wire_->take();
    const auto status = heard_.feed(bytes, [this](FrameKind kind, ByteView body) {
      require(!bye_, "nothing comes behind a BYE");
      require(std::ranges::find(kOfServers, kind) != kOfServers.end(), "what comes is of a kind that servers send");
      require(fuzz::decodes(kind, body), "what the server sends decodes");
      wire::testing::visitKind(Heeded{}, kind, [&](auto message) {
        wire::decode(body, message);
        on(message);
      });
      return true;
    });
    require(status == wire::FrameDecoder::Status::Ok, "the server sends no frame over the limit");
  }

 protected:
  template <typename M>
  void on(const M& message) {
    if constexpr (std::is_same_v<M, wire::Bye>) {
      bye_ = true;
    } else if constexpr (std::is_same_v<M, wire::LoginResult>) {
      if (message.code == 0) remember(message.sessionId, message.resumeToken, message.inboxEpoch);
    } else if constexpr (std::is_same_v<M, wire::ResumeResult>) {
      require(!message.resumed || hasSecret_, "nobody resumes without a secret");
      if (message.resumed) remember(0, message.resumeToken, 0);
    } else if constexpr (std::is_same_v<M, wire::MediaTicket>) {
      if (message.code != 0) return;
      world_.tickets.emplace_back(message.ticket.begin(), message.ticket.end());
      world_.words.texts.emplace_back(message.mediaId);
    } else if constexpr (std::is_same_v<M, wire::PeerMessage>) {
      onMessage(message);
    } else {
      onResults(message);
    }
  }
  virtual void onMessage(const wire::PeerMessage& /*message*/) {}
  virtual void onResults(const wire::SendResults& /*results*/) {}

 private:
  void remember(std::uint64_t sessionId, ByteView token, std::uint64_t inboxEpoch) {
    if (user_ == kWitness) return;  // nobody else knows its secrets
    Secrets fresh{.app = app_,
                  .user = user_,
                  .sessionId = sessionId,
                  .token = Bytes(token.begin(), token.end()),
                  .inboxEpoch = inboxEpoch};
    if (sessionId == 0) {
      // After a resume the rest is as before.
      const auto known = std::find_if(world_.secrets.rbegin(), world_.secrets.rend(),
                                      [this](const Secrets& each) { return each.user == user_ && each.app == app_; });
      if (known == world_.secrets.rend()) return;
      fresh.sessionId = known->sessionId;
      fresh.inboxEpoch = known->inboxEpoch;
    } else {
      world_.words.numbers.push_back(sessionId);
    }
    world_.secrets.push_back(std::move(fresh));
  }

  World& world_;
  std::shared_ptr<fuzz::Wire> wire_;
  wire::FrameDecoder heard_;
  std::string app_;
  std::string user_;
  bool hasSecret_ = false;
  bool bye_ = false;
};

/// The user who does nothing wrong.
class Witness final : public Peer {
 public:
  using Peer::Peer;

  void start() {
    send(framed(wire::Hello{.version = 1, .capabilities = 7, .sdkVersion = "witness"}));
    logIn(kOpenApp, kWitness);
    Loops::settle();
    hear();
  }
  /// Sends itself a message, which must come back at once.
  void ask() {
    expected_ = "alive " + std::to_string(++seq_);
    const Bytes content = textContent(expected_);
    send(framed(wire::PeerSend{.seq = seq_, .peerId = kWitness, .flags = 0, .content = content}));
    listen();
    listen();  // the result comes once the message is acknowledged
    require(!gone(), "the witness stays connected");
    require(answered_ == seq_, "the witness has the result of its send");
    require(expected_.empty(), "the witness has its message");
  }
  void ping() {
    send(framed(wire::Ping{.token = 1}));
    listen();
  }

 private:
  void listen() {
    Loops::settle();
    hear();
    if (seen_ <= acknowledged_) return;
    acknowledged_ = seen_;
    send(framed(wire::InboxAck{.offset = seen_, .refused = {}}));
    Loops::settle();
    hear();
  }
  void onMessage(const wire::PeerMessage& message) override {
    require(message.offset > seen_, "the inbox counts upwards");
    seen_ = message.offset;
    wire::Content content;
    if (message.senderId == kWitness && wire::decode(message.content, content) && content.text == expected_) {
      expected_.clear();
    }
  }
  void onResults(const wire::SendResults& results) override {
    for (std::size_t i = 0; i + 2 < results.ranges.size(); i += 3) {
      require(results.ranges[i + 2] == 0, "what the witness sends arrives");
      answered_ = results.ranges[i] + results.ranges[i + 1] - 1;
    }
  }

  std::string expected_;
  std::uint64_t seq_ = 0;
  std::uint64_t answered_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t acknowledged_ = 0;
};

server::ServerOptions options(Input& input) {
  server::ServerOptions options;
  options.schemes = {"memory"};
  options.tls = false;
  options.port = 1;
  options.loops = 2;
  options.heartbeatMs = 500;
  options.unreachableMs = kUnreachableMs;
  options.graceMs = kGraceMs;
  options.loginTimeoutMs = 1000;
  options.mediaIdleMs = kGraceMs;
  options.mediaFolder = simulated::emptyFolder();
  options.engineParameters.attributeAfterlifeMs = kGraceMs;
  options.engineParameters.noticeLimit = 2;  // one channel can be small and large
  options.limits = input.flag() ? server::Limits::sdk() : server::Limits::off();
  options.limits.memoryBytes = std::uint64_t{256} * 1024 * 1024;
  options.apps = {{.appId = kOpenApp,
                   .certificates = {},
                   .rules = {{.allow = false, .actions = {"join"}, .channels = {"closed*"}},
                             {.allow = false, .actions = {"send"}, .users = {"cem"}, .to = {"ann"}}}},
                  {.appId = kTokenApp, .certificates = {std::string(32, '2')}}};
  return options;
}

class Play {
 public:
  explicit Play(Input& input) : input_(input) {
    Loops::begin(simulated::Posts::Run);
    auto started = server::Server::start(options(input));
    require(started.ok(), "the server starts");
    server_ = std::move(started.value());
    Loops::setPosts(simulated::Posts::Wait);
    witness_ = std::make_unique<Witness>(world_, wires_.connect(0, "127.0.0.1"));
    witness_->start();
  }

  void run() {
    for (std::size_t steps = 0; steps < kMostSteps && !input_.over(); ++steps) {
      const std::uint8_t choice = input_.byte();
      step(choice & 0x1F);
      if ((choice & 0x80) != 0) continue;  // with what comes next, in one turn
      Loops::settle();
      for (const auto& peer : peers_) {
        if (peer) peer->hear();
      }
      witness_->hear();
    }
    Loops::settle();
    witness_->ask();
    end();
  }

 private:
  /// The client that acts now, connected anew if need be.
  Peer& peer() {
    std::unique_ptr<Peer>& chosen = peers_[input_.below(peers_.size())];
    if (chosen && !chosen->gone()) return *chosen;
    static const std::array<std::string, 4> kAddresses{"127.0.0.1", "127.0.0.1", "192.0.2.1", "2001:db8::1"};
    const std::uint8_t how = input_.byte();
    chosen = std::make_unique<Peer>(world_, wires_.connect(how & 1, kAddresses[how >> 1 & 3]));
    if ((how & 0x80) != 0) return *chosen;
    chosen->send(framed(wire::Hello{.version = 1, .capabilities = 7, .sdkVersion = "fuzz"}));
    if ((how & 0x40) == 0) chosen->logIn(kOpenApp, world_.words.texts[(how >> 3) % 3]);
    return *chosen;
  }

  void step(std::uint8_t choice) {
    switch (choice) {
      case 0:
        peer().send(framed(wire::Hello{.version = 1, .capabilities = input_.byte(), .sdkVersion = "fuzz"}));
        break;
      case 1:
      case 2: {
        Peer& who = peer();
        const bool nobody = input_.below(8) == 7;
        who.logIn(input_.below(8) == 7 ? kTokenApp : kOpenApp, nobody ? "" : world_.words.texts[input_.below(3)],
                  input_.below(4) == 3 ? "006no token" : "");
        break;
      }
      case 3:
      case 4:
      case 5:
        resume(peer());
        break;
      case 6:
        sendTo(peer(), fuzz::anyFrame(input_, world_.words, static_cast<FrameKind>(input_.byte())));
        break;
      case 7: {
        Peer& who = peer();
        Bytes frame = fuzz::anyFrame(input_, world_.words, input_.oneOf(kOfClients));
        fuzz::mutate(input_, frame);
        sendTo(who, std::move(frame));
        break;
      }
      case 8: {
        Peer& who = peer();
        const ByteView raw = input_.bytes(input_.byte());
        sendTo(who, Bytes(raw.begin(), raw.end()));
        break;
      }
      case 9: {
        Peer& who = peer();
        const Bytes frame = fuzz::anyFrame(input_, world_.words, input_.oneOf(kOfClients));
        const std::size_t cut = std::min<std::size_t>(input_.byte(), frame.size());
        sendTo(who, Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(cut)));
        sendTo(who, Bytes(frame.begin() + static_cast<std::ptrdiff_t>(cut), frame.end()));
        break;
      }
      case 10:
        peer().wire().cut();
        break;
      case 11:
        peer().wire().finish();
        break;
      case 12: {
        Peer& who = peer();
        who.wire().stall(input_.flag());
        break;
      }
      case 13:
        wait(std::uint64_t{10} << input_.below(8));
        break;
      case 14:
        if (witnessed_++ < 20) witness_->ask();
        break;
      case 15:
        transfer(peer());
        break;
      case 16:
        command();
        break;
      default: {
        Peer& who = peer();
        sendTo(who,
               fuzz::anyFrame(input_, world_.words, kOfClients[(choice - 17U + input_.byte()) % kOfClients.size()]));
      }
    }
  }

  void sendTo(Peer& who, Bytes bytes) {
    const std::string_view text = asText(ByteView(bytes));
    const bool login = bytes.size() > 3 && (bytes[3] == static_cast<std::uint8_t>(FrameKind::Login) ||
                                            bytes[3] == static_cast<std::uint8_t>(FrameKind::Resume));
    if (login && text.find(kWitness) != std::string_view::npos) return;
    for (const Secrets& known : world_.secrets) {
      if (text.find(asText(ByteView(known.token))) != std::string_view::npos) who.mayResume(known.app, known.user);
    }
    who.send(std::move(bytes));
  }

  void resume(Peer& who) {
    if (world_.secrets.empty()) return;
    const Secrets& known = input_.oneOf(world_.secrets);
    const std::uint8_t changes = input_.byte();
    Bytes token = known.token;
    if ((changes & 1) != 0 && !token.empty()) token[input_.below(token.size())] ^= 1U;
    wire::Resume wanted{.appId = (changes & 2) != 0 ? kTokenApp : known.app,
                        .userId = (changes & 4) != 0 ? std::string_view("cem") : known.user,
                        .token = {},
                        .sessionId = known.sessionId + ((changes & 8) != 0 ? 1 : 0),
                        .resumeToken = token,
                        .inboxEpoch = known.inboxEpoch + ((changes & 16) != 0 ? 1 : 0),
                        .inboxOffset = input_.byte(),
                        .channels = {},
                        .firstUnansweredSeq = input_.below(40)};
    if ((changes & 32) != 0) {
      wanted.channels.push_back({.channelId = "a", .epoch = wire::Fixed64{input_.below(3)}, .offset = input_.below(9)});
    }
    const bool own = (changes & 1) == 0 && wanted.userId == known.user && wanted.appId == known.app;
    if (own) who.mayResume(known.app, known.user);
    who.send(framed(wanted));
  }

  /// A connection that carries a body.
  void transfer(Peer& who) {
    if (world_.tickets.empty()) return;
    const Bytes& ticket = input_.oneOf(world_.tickets);
    who.send(framed(wire::MediaOpen{.ticket = ticket, .offset = input_.below(4) * 10U}));
    const Bytes body(input_.below(60));
    if (!body.empty()) who.send(framed(wire::MediaData{.data = body}));
    const Bytes digest(input_.below(2) * 32U);
    if (input_.flag()) who.send(framed(wire::MediaEnd{.sha256 = digest}));
  }

  /// What the owner of the server may do at any time.
  void command() {
    const std::string user = world_.words.texts[input_.below(3)];
    switch (input_.below(6)) {
      case 0:
        return server_->disconnect(kOpenApp, user);
      case 1:
        return server_->ban(kOpenApp, user, ~std::uint64_t{0});
      case 2:
        return server_->unban(kOpenApp, user);
      case 3:
        return server_->kickFromChannel(kOpenApp, input_.flag() ? "a" : "b", user);
      case 4:
        require(server_->setRules(kOpenApp, {}).ok(), "rules are taken");
        break;
      default:
        require(server_
                    ->setRules(kOpenApp, {{.allow = false, .actions = {"join", "publish"}, .channels = {"a"}},
                                          {.allow = false, .actions = {"login"}, .users = {"ben"}}})
                    .ok(),
                "rules are taken");
    }
  }

  /// Time goes on; the witness shows that it lives.
  void wait(std::uint64_t ms) {
    ms = std::min(ms, kMostMs - waited_);
    waited_ += ms;
    goOn(ms);
  }
  void goOn(std::uint64_t ms) {
    while (ms > 0) {
      const std::uint64_t slice = std::min<std::uint64_t>(ms, 500);
      Loops::advance(slice);
      witness_->ping();
      require(!witness_->gone(), "the witness stays connected");
      ms -= slice;
    }
  }

  void end() {
    for (auto& peer : peers_) {
      if (!peer) continue;
      peer->hear();
      peer->wire().stall(false);
      peer->wire().cut();
      Loops::settle();
      peer->hear();
      peer.reset();
    }
    for (std::uint64_t ms = 0; ms < kAllOverMs && !allGone(); ms += 200) goOn(200);
    require(server_->stats().sessions == 1, "no session is left but the witness's");
    require(server_->stats().channels == 0, "no channel is left");
    require(simulated::openFiles() == 0, "no file is left open");
    witness_->send(framed(wire::Logout{.requestId = 1}));
    Loops::settle();
    require(server_->stats().sessions == 0, "a logout ends a session");
    witness_->wire().cut();
    Loops::settle();
    checkMemory();
    Loops::setPosts(simulated::Posts::Run);
    server_.reset();
    simulated::forgetFiles();
  }
  bool allGone() const {
    const server::ServerStats stats = server_->stats();
    const bool attributes = stats.memory[static_cast<std::size_t>(server::MemoryCategory::ChannelAttributes)] != 0;
    return stats.sessions == 1 && stats.channels == 0 && simulated::openFiles() == 0 && !attributes;
  }
  /// Stored messages and queues are counted now and then only.
  void checkMemory() const {
    using enum server::MemoryCategory;
    const server::ServerStats stats = server_->stats();
    for (const auto category : {Sessions, Inboxes, Held, ChannelAttributes, UserAttributes, Channels, Watches, Rings}) {
      require(stats.memory[static_cast<std::size_t>(category)] == 0, "nobody pays for memory who is gone");
    }
  }

  Input& input_;
  World world_;
  fuzz::Wires wires_;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<Witness> witness_;
  std::array<std::unique_ptr<Peer>, 3> peers_;
  std::uint64_t waited_ = 0;
  int witnessed_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(ByteView(data, size));
  Play(input).run();
  return 0;
}
