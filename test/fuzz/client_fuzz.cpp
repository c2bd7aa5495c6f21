// A client and a malicious server, in one thread and without sockets: the input chooses the calls of the program, what
// the server sends in between (good answers, good frames that nobody asked for, mutated ones, noise), when it hangs up,
// and how the time goes on. Whatever it does:
//   - what the client sends decodes, and is of a kind that clients send;
//   - every call that was accepted has exactly one end, and nothing ends that was not called;
//   - no event comes after the release;
//   - the memory of the client stays in proportion to what the server has sent.
//
// fuzz: test/simulated/claims.cpp test/simulated/loops.cpp test/fuzz/host/wires.cpp test/fuzz/host/frames.cpp
// Without the schedule of libFuzzer that prefers rare features: it took a quarter of the time.
// libFuzzer: -entropic=0
#include <sanitizer/allocator_interface.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/attributes/attributes.hpp"
#include "client/channels/channels.hpp"
#include "client/client.hpp"
#include "client/history/history.hpp"
#include "client/invitations/invitations.hpp"
#include "client/media/media.hpp"
#include "client/messages/messages.hpp"
#include "client/presence/presence.hpp"
#include "host/input.hpp"
#include "host/wires.hpp"
#include "simulated/loops.hpp"

namespace {

using namespace rtm;
using fuzz::framed;
using fuzz::Input;
using simulated::Loops;
using simulated::require;
using wire::FrameKind;

const std::string kAppId(32, '0');
constexpr std::size_t kMostSteps = 400;
constexpr std::size_t kMostWires = 4;
constexpr std::uint64_t kMostMs = 10'000;
/// Longer than anything waits with the times below.
constexpr std::uint64_t kAllOverMs = 6000;
constexpr std::size_t kMostBytes = std::size_t{24} * 1024 * 1024;
constexpr const char* kParameters =
    R"({"rtm.endpoints": "memory://127.0.0.1:1", "rtm.timing": {"login_ms": 1200, "logout_ms": 500,
    "handshake_ms": 600, "peer_message_ms": 1000, "channel_message_ms": 1000, "request_ms": 500, "presence_ms": 1000,
    "outage_ms": 400, "token_warning_ms": 1000, "invitation_send_ms": 1500, "invitation_ms": 3000,
    "acceptance_ms": 1000, "media_idle_ms": 1500, "media_progress_ms": 100}})";

constexpr std::array kOfClients{FrameKind::Hello,
                                FrameKind::Login,
                                FrameKind::Resume,
                                FrameKind::ChannelPositions,
                                FrameKind::Logout,
                                FrameKind::Bye,
                                FrameKind::Ping,
                                FrameKind::RenewToken,
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
                                FrameKind::MediaOpen,
                                FrameKind::MediaData,
                                FrameKind::MediaEnd,
                                FrameKind::MediaStored,
                                FrameKind::MediaCancel,
                                FrameKind::HistoryQuery};

constexpr std::array kOfServers{FrameKind::Result,
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
                                FrameKind::HistoryResult,
                                FrameKind::Pong,
                                FrameKind::Bye,
                                FrameKind::HelloOk,
                                FrameKind::LoginResult,
                                FrameKind::ResumeResult};

/// How often something was asked for, and how often it has ended.
struct Tally {
  int asked = 0;
  int ended = 0;
};

/// What the program knows of its calls. Events may come inside the call, so asked and ended are compared at the end.
class Calls {
 public:
  void asked(const std::string& what) { ++all_[what].asked; }
  void ended(const std::string& what) { ++all_[what].ended; }
  /// An end with content belongs to one call.
  void asked(const char* what, long long id) { asked(what + std::to_string(id)); }
  void ended(const char* what, long long id) { ended(what + std::to_string(id)); }
  void check() const {
    for (const auto& [what, tally] : all_) {
      if (tally.asked == tally.ended) continue;
      std::fprintf(stderr, "%s: asked %d times, ended %d times\n", what.c_str(), tally.asked, tally.ended);
      require(false, "every accepted call has exactly one end");
    }
  }

 private:
  std::map<std::string, Tally> all_;
};

class Room final : public client::ChannelEvents {
 public:
  Room(Calls& calls, std::string name) : calls_(calls), name_(std::move(name)) {}

  void onJoinSuccess() override { calls_.ended(name_ + " join"); }
  void onJoinFailure(client::JoinCode) override { calls_.ended(name_ + " join"); }
  void onLeave(client::LeaveCode code) override {
    if (std::exchange(leaving, false)) return calls_.ended(name_ + " leave");
    require(code == client::LeaveCode::Kicked, "who has not left was put out");
  }
  void onSendResult(long long id, client::ChannelMessageCode) override { calls_.ended("channel message ", id); }
  void onMembers(std::span<const std::string_view>, client::MembersCode) override { calls_.ended(name_ + " members"); }

  std::shared_ptr<client::Channel> channel;
  bool leaving = false;

 private:
  Calls& calls_;
  const std::string name_;
};

/// The program: all events of the client and of its invitations.
class Program final : public client::ClientEvents, public client::InvitationEvents {
 public:
  void onConnectionState(client::ConnectionState, client::ConnectionReason) override { heard(); }
  void onLoginSuccess() override { loginEnded(); }
  void onLoginFailure(client::LoginCode) override { loginEnded(); }
  void onLogout(client::LogoutCode) override {
    heard();
    calls.ended("logout");
    if (std::exchange(loggingIn, false)) calls.ended("login");  // its end is that of the login, too
  }
  void onRenewTokenResult(std::string_view token, client::RenewTokenCode) override {
    heard();
    calls.ended("renew " + std::string(token));
  }
  void onPeerSendResult(long long id, client::PeerMessageCode) override { end("peer message ", id); }
  void onPeerMessage(std::string_view, const client::MessageView&) override { heard(); }
  void onMemberCounts(client::RequestId id, std::span<const client::MemberCount>, client::MemberCountCode) override {
    end("request ", id);
  }
  void onPresenceQueryResult(client::RequestId id, std::span<const client::PeerStatus>,
                             client::PresenceQueryCode) override {
    end("request ", id);
  }
  void onSubscriptionResult(client::RequestId id, client::SubscriptionCode) override { end("request ", id); }
  void onSubscriptionList(client::RequestId id, std::span<const std::string_view>,
                          client::SubscriptionListCode) override {
    end("request ", id);
  }
  void onUserAttributesWritten(client::RequestId id, client::AttributeWrite, client::AttributeCode) override {
    end("request ", id);
  }
  void onUserAttributes(client::RequestId id, std::string_view, std::span<const client::AttributeView>,
                        client::AttributeCode) override {
    end("request ", id);
  }
  void onChannelAttributesWritten(client::RequestId id, client::AttributeWrite, client::AttributeCode) override {
    end("request ", id);
  }
  void onChannelAttributes(client::RequestId id, std::span<const client::ChannelAttributeView>,
                           client::AttributeCode) override {
    end("request ", id);
  }
  void onHistoryResult(client::RequestId id, std::span<const client::HistoryMessage>, unsigned,
                       client::HistoryCode) override {
    end("request ", id);
  }
  void onDownloadedToMemory(client::RequestId id, ByteView, client::DownloadCode) override { end("request ", id); }
  void onMediaCancelled(client::RequestId id, client::CancelMediaCode) override { end("cancel ", id); }

  void onLocalCanceled(const Local& invitation) override { localEnded(invitation); }
  void onLocalFailure(const Local& invitation, client::LocalInvitationError) override { localEnded(invitation); }
  void onLocalAccepted(const Local& invitation) override { localEnded(invitation); }
  void onLocalRefused(const Local& invitation) override { localEnded(invitation); }
  void onRemoteReceived(const Remote& invitation) override {
    heard();
    remotes.push_back(invitation->number());
    calls.asked("call of another user ", static_cast<long long>(invitation->number()));
  }
  void onRemoteAccepted(const Remote& invitation) override { remoteEnded(invitation); }
  void onRemoteRefused(const Remote& invitation) override { remoteEnded(invitation); }
  void onRemoteCanceled(const Remote& invitation) override { remoteEnded(invitation); }
  void onRemoteFailure(const Remote& invitation, client::RemoteInvitationError) override { remoteEnded(invitation); }

  Calls calls;
  bool loggingIn = false;
  bool released = false;
  std::vector<std::uint64_t> remotes;  ///< numbers

 private:
  void heard() const { require(!released, "no event comes after the release"); }
  void end(const char* what, long long id) {
    heard();
    calls.ended(what, id);
  }
  void loginEnded() {
    heard();
    require(std::exchange(loggingIn, false), "a login ends once");
    calls.ended("login");
  }
  void localEnded(const Local& invitation) { end("invitation ", static_cast<long long>(invitation->tag())); }
  void remoteEnded(const Remote& invitation) {
    end("call of another user ", static_cast<long long>(invitation->number()));
  }
};

/// What the server looks into.
using Heeded = wire::MessageList<wire::Hello, wire::Login, wire::Resume, wire::Ping, wire::PeerSend, wire::Join>;

/// The server's end of one connection.
struct Line {
  explicit Line(std::shared_ptr<fuzz::Wire> itsWire) : wire(std::move(itsWire)) { heard.setLimit(wire::kMaxFrameBody); }
  std::shared_ptr<fuzz::Wire> wire;
  wire::FrameDecoder heard;
};

class Play {
 public:
  explicit Play(Input& input) : input_(input), manners_(input.byte()) {
    Loops::begin(simulated::Posts::Wait);
    client_ = client::Client::create(client::Dispatch::Direct, program_);
    require(client_->setParameters(kParameters), "the parameters are good");
    require(client_->initialize(kAppId) == client::InitCode::Ok, "the client is initialized");
    require(client_->invitations().open(program_), "invitations are open");
    rooms_[0] = std::make_unique<Room>(program_.calls, "room");
    rooms_[1] = std::make_unique<Room>(program_.calls, "lobby");
    rooms_[0]->channel = client_->channels().open("room", rooms_[0].get());
    rooms_[1]->channel = client_->channels().open("lobby", rooms_[1].get());
    logIn();
    run(0);
  }

  void run() {
    const std::size_t before = __sanitizer_get_current_allocated_bytes();
    for (std::size_t steps = 0; steps < kMostSteps && !input_.over(); ++steps) {
      const std::uint8_t choice = input_.byte();
      if ((choice & 0x40) != 0) {
        call(choice & 0x1F);
      } else {
        serve(choice & 0x1F);
      }
      if ((choice & 0x80) != 0) continue;  // with what comes next, in one turn
      run(0);
    }
    // Nobody answers any more: what still waits ends by its time.
    wires_.refuse((manners_ & 1) != 0);
    silent_ = true;
    for (const Line& line : lines_) {
      if ((manners_ & 2) != 0) line.wire->cut();
    }
    run(kAllOverMs);
    const std::size_t now = __sanitizer_get_current_allocated_bytes();
    require(now <= before || now - before <= kMostBytes, "the memory of the client is bounded");
    if (client_->logout() == client::LogoutCode::Ok) program_.calls.asked("logout");
    run(kAllOverMs);
    program_.calls.check();
    for (const auto& room : rooms_) room->channel->release();
    client_->release(false);
    program_.released = true;
    run(kAllOverMs);
  }

 private:
  std::string_view user() {
    static constexpr std::array<std::string_view, 4> kUsers{"ann", "ben", "me", ""};
    return input_.oneOf(kUsers);
  }
  Room& room() { return *rooms_[input_.byte() & 1]; }

  void logIn() {
    const bool loggingIn = std::exchange(program_.loggingIn, true);
    if (client_->login("", "me") == client::LoginCode::Ok) {
      program_.calls.asked("login");
    } else {
      program_.loggingIn = loggingIn;
    }
  }

  /// Time goes on by `ms`; the server hears what comes meanwhile.
  void run(std::uint64_t ms) {
    do {
      const std::uint64_t slice = std::min<std::uint64_t>(ms, 500);
      Loops::advance(slice);
      ms -= slice;
      // An answer may call for more.
      for (int rounds = 0; hear() && rounds < 8; ++rounds) Loops::settle();
    } while (ms > 0);
  }

  // ---- the program

  template <typename Code>
  void asked(Code code, client::RequestId id) {
    if (code == Code::Ok) program_.calls.asked("request ", id);
  }

  client::MessageView message() {
    static const Bytes kRaw(20, 7);
    client::MessageView view;
    view.id = ++lastMessage_;
    view.type = input_.flag() ? client::MessageType::Raw : client::MessageType::Text;
    view.text = "hello";
    view.raw = view.type == client::MessageType::Raw ? ByteView(kRaw) : ByteView();
    return view;
  }

  void call(std::uint8_t choice) {
    const std::array<std::string_view, 2> users{user(), "ann"};
    const std::array<std::string_view, 2> keys{"key", "other"};
    const std::array<client::AttributeView, 2> entries{{{"key", "value"}, {"other", "value"}}};
    client::RequestId id = 0;
    switch (choice) {
      case 0:
        return logIn();
      case 1:
        // Counted before the call: a logout without a link ends inside.
        if (client_->logout() == client::LogoutCode::Ok) program_.calls.asked("logout");
        return;
      case 2: {
        const std::string token(input_.flag() ? 1 : 2000, 't');
        if (client_->renewToken(token) == client::RenewTokenCode::Ok) program_.calls.asked("renew " + token);
        return;
      }
      case 3:
      case 4: {
        const client::MessageView view = message();
        const client::SendOptions options{.offline = input_.flag(), .history = input_.flag()};
        if (client_->messages().send(users[0], view, options) == client::PeerMessageCode::Ok) {
          program_.calls.asked("peer message ", view.id);
        }
        return;
      }
      case 5:
      case 6: {
        Room& to = room();
        const client::MessageView view = message();
        if (to.channel->send(view) == client::ChannelMessageCode::Ok) program_.calls.asked("channel message ", view.id);
        return;
      }
      case 7:
      case 8:
        return join(room());
      case 9: {
        Room& from = room();
        if (from.channel->leave() != client::LeaveCode::Ok) return;
        from.leaving = true;
        return program_.calls.asked((&from == rooms_[0].get() ? "room" : "lobby") + std::string(" leave"));
      }
      case 10: {
        Room& of = room();
        if (of.channel->queryMembers() != client::MembersCode::Ok) return;
        return program_.calls.asked((&of == rooms_[0].get() ? "room" : "lobby") + std::string(" members"));
      }
      case 11: {
        const auto code = client_->channels().queryMemberCounts(keys, id);
        return asked(code, id);
      }
      case 12: {
        const auto code = client_->presence().query(users, id);
        return asked(code, id);
      }
      case 13: {
        const auto code = client_->presence().subscribe(users, id);
        return asked(code, id);
      }
      case 14: {
        const auto code = client_->presence().unsubscribe(users, id);
        return asked(code, id);
      }
      case 15: {
        const auto code = client_->presence().listSubscriptions(id);
        return asked(code, id);
      }
      case 16: {
        client::Attributes& attributes = client_->attributes();
        const auto code = input_.flag() ? attributes.setUser(entries, id) : attributes.mergeUser(entries, id);
        return asked(code, id);
      }
      case 17: {
        client::Attributes& attributes = client_->attributes();
        const auto code = input_.flag() ? attributes.deleteUser(keys, id) : attributes.clearUser(id);
        return asked(code, id);
      }
      case 18: {
        client::Attributes& attributes = client_->attributes();
        const auto code =
            input_.flag() ? attributes.readUser(users[0], id) : attributes.readUserKeys(users[0], keys, id);
        return asked(code, id);
      }
      case 19: {
        client::Attributes& attributes = client_->attributes();
        const auto code = input_.flag() ? attributes.setChannel("room", entries, true, id)
                                        : attributes.mergeChannel("room", entries, false, id);
        return asked(code, id);
      }
      case 20: {
        client::Attributes& attributes = client_->attributes();
        const auto code = input_.flag() ? attributes.deleteChannel("room", keys, true, id)
                                        : attributes.clearChannel("room", false, id);
        return asked(code, id);
      }
      case 21: {
        client::Attributes& attributes = client_->attributes();
        const auto code =
            input_.flag() ? attributes.readChannel("room", id) : attributes.readChannelKeys("room", keys, id);
        return asked(code, id);
      }
      case 22: {
        const client::HistoryQuery query{.source = users[0], .destination = {}, .startMs = 0, .endMs = 1};
        const auto code = client_->history().query(query, id);
        return asked(code, id);
      }
      case 23:
        return invite(users[0]);
      case 24:
        return actOnInvitation();
      case 25:
        return answerInvitation();
      case 26: {
        const auto code = client_->media().downloadToMemory("0123456789abcdef", id);
        if (code == client::DownloadCode::Ok) lastTask_ = id;
        return asked(code, id);
      }
      case 27:
        if (client_->media().cancel(lastTask_, client::MediaDirection::Download) == client::CancelMediaCode::Ok) {
          program_.calls.asked("cancel ", lastTask_);
        }
        return;
      case 28:
        if (pauses_ < 3) client_->pauseDelivery();
        pauses_ = std::min(pauses_ + 1, 3);
        return;
      case 29:
        if (pauses_ > 0) client_->resumeDelivery();
        pauses_ = std::max(pauses_ - 1, 0);
        return;
      default:
        return logIn();
    }
  }

  void join(Room& to) {
    if (to.channel->join() != client::JoinCode::Ok) return;
    program_.calls.asked((&to == rooms_[0].get() ? "room" : "lobby") + std::string(" join"));
  }

  void invite(std::string_view callee) {
    auto invitation = client_->invitations().create(callee, ++lastInvitation_);
    if (invitation == nullptr) return;
    if (client_->invitations().send(invitation, "lunch?", "room") != client::InvitationCode::Ok) return;
    program_.calls.asked("invitation ", static_cast<long long>(lastInvitation_));
    locals_.push_back(std::move(invitation));
  }
  void actOnInvitation() {
    if (locals_.empty()) return;
    const auto& invitation = input_.oneOf(locals_);
    if (input_.flag()) {
      client_->invitations().cancel(invitation);
    } else {
      client_->invitations().send(invitation, "again", "");
    }
  }
  void answerInvitation() {
    if (program_.remotes.empty()) return;
    const std::uint64_t number = input_.oneOf(program_.remotes);
    if (input_.flag()) {
      client_->invitations().accept(number, "yes");
    } else {
      client_->invitations().refuse(number, "no");
    }
  }

  // ---- the server

  Line* line() {
    if (lines_.empty()) return nullptr;
    return &lines_[input_.below(lines_.size())];
  }

  void serve(std::uint8_t choice) {
    if (choice == 11) return wires_.refuse(input_.flag());
    if (choice == 12 || choice == 13) return pass();
    Line* const to = line();
    if (to == nullptr) return;
    switch (choice) {
      case 0:
        return to->wire->send(framed(helloOk()));
      case 1:
        return loggedIn(*to);
      case 2:
        return resumed(*to);
      case 3: {  // a content for the messages to come
        wire::Content content;
        fuzz::InputFiller filler(input_, words_);
        filler.fill(content);
        words_.blobs[input_.below(words_.blobs.size())] = wire::testing::encoded(content);
        return;
      }
      case 4:
        return to->wire->send(fuzz::anyFrame(input_, words_, static_cast<FrameKind>(input_.byte())));
      case 5:
      case 6: {
        Bytes frame = fuzz::anyFrame(input_, words_, input_.oneOf(kOfServers));
        fuzz::mutate(input_, frame);
        return to->wire->send(std::move(frame));
      }
      case 7: {
        const ByteView raw = input_.bytes(input_.byte());
        return to->wire->send(Bytes(raw.begin(), raw.end()));
      }
      case 8:
        return to->wire->cut();
      case 9:
        return to->wire->finish();
      case 10:
        return to->wire->stall(input_.flag());
      case 14:
        return to->wire->send(signal());
      default:
        return to->wire->send(fuzz::anyFrame(input_, words_, kOfServers[(choice + input_.byte()) % kOfServers.size()]));
    }
  }

  void pass() {
    const std::uint64_t ms = std::min(std::uint64_t{10} << input_.below(8), kMostMs - waited_);
    waited_ += ms;
    run(ms);
  }

  static wire::HelloOk helloOk() { return {.version = 1, .capabilities = 7, .area = 0, .serverVersion = "fuzz"}; }
  void loggedIn(const Line& to) {
    wire::LoginResult result;
    const Bytes token(16, 7);
    result.sessionId = ++lastSession_;
    result.resumeToken = token;
    result.inboxEpoch = 1;
    result.heartbeatMs = 500;
    result.graceMs = 2000;
    if ((manners_ & 4) != 0) {
      result.limits.emplace();
      fuzz::InputFiller filler(input_, words_);
      filler.fill(*result.limits);
    }
    to.wire->send(framed(result));
  }
  void resumed(const Line& to) {
    wire::ResumeResult result;
    const Bytes token(16, 8);
    fuzz::InputFiller filler(input_, words_);
    result.resumed = true;
    result.resumeToken = token;
    result.inboxComplete = input_.flag();
    filler.fill(result.channels);
    result.acceptedSeq = filler.number();
    to.wire->send(framed(result));
  }
  /// A signal of an invitation from another user.
  Bytes signal() {
    wire::Content content;
    content.messageId = 1;
    content.type = wire::ContentType::Invitation;
    wire::InvitationSignal& call = content.invitation.emplace();
    // Calls of other users have small numbers here; those of the client are drawn at random.
    const std::uint8_t which = input_.byte();
    call.invitationId = which < 0x80 || ownCalls_.empty() ? 1 + which % 6 : ownCalls_[which % ownCalls_.size()];
    call.action = static_cast<wire::InvitationAction>(input_.below(8));
    call.content = "lunch?";
    const Bytes encoded = wire::testing::encoded(content);
    wire::PeerMessage message;
    message.offset = ++lastOffset_;
    message.senderId = input_.flag() ? "ann" : "ben";
    message.content = encoded;
    return framed(message);
  }

  /// Takes what the client has sent. True: an answer was sent.
  bool hear() {
    for (auto fresh = wires_.accept(); fresh != nullptr; fresh = wires_.accept()) {
      lines_.emplace_back(std::move(fresh));
      if (lines_.size() <= kMostWires) continue;
      lines_.front().wire->cut();
      lines_.erase(lines_.begin());
    }
    bool answered = false;
    for (Line& line : lines_) {
      const Bytes bytes = line.wire->take();
      const auto status = line.heard.feed(bytes, [&](FrameKind kind, ByteView body) {
        require(std::ranges::find(kOfClients, kind) != kOfClients.end(), "what comes is of a kind that clients send");
        require(fuzz::decodes(kind, body), "what the client sends decodes");
        wire::testing::visitKind(Heeded{}, kind, [&](auto message) {
          wire::decode(body, message);
          answered = answer(line, message) || answered;
        });
        return true;
      });
      require(status == wire::FrameDecoder::Status::Ok, "the client sends no frame over the limit");
    }
    return answered;
  }

  /// A server that is polite where its manners say so.
  template <typename M>
  bool answer(const Line& to, const M& message) {
    if (silent_) return false;
    if constexpr (std::is_same_v<M, wire::PeerSend>) {
      wire::Content content;
      if (wire::decode(message.content, content) && content.invitation && ownCalls_.size() < 8) {
        ownCalls_.push_back(content.invitation->invitationId);
      }
    }
    const bool handshakes = (manners_ & 8) == 0;
    if constexpr (std::is_same_v<M, wire::Hello>) {
      if (handshakes) to.wire->send(framed(helloOk()));
      return handshakes;
    } else if constexpr (std::is_same_v<M, wire::Login>) {
      if (handshakes) loggedIn(to);
      return handshakes;
    } else if constexpr (std::is_same_v<M, wire::Resume>) {
      if (handshakes) resumed(to);
      return handshakes;
    } else if constexpr (std::is_same_v<M, wire::Ping>) {
      if (handshakes) to.wire->send(framed(wire::Pong{.token = message.token}));
      return handshakes;
    } else if constexpr (std::is_same_v<M, wire::Join>) {
      const bool joins = (manners_ & 16) == 0;
      if (joins) {
        wire::JoinResult result;
        result.requestId = message.requestId;
        result.epoch = 1;
        result.memberCount = 1;
        to.wire->send(framed(result));
      }
      return joins;
    } else {
      return false;
    }
  }

  Input& input_;
  const std::uint8_t manners_;  ///< of the server; see answer() and run()
  fuzz::Wires wires_;
  fuzz::Words words_{.texts = {"room", "ann", "ben", "me", "lobby", "key", "other", "0123456789abcdef", "value",
                               "memory://127.0.0.1:1", std::string(64, 'x'), ""},
                     .blobs = {Bytes(), Bytes(16, 7), Bytes(32), Bytes(16, 8)},
                     .numbers = {}};
  Program program_;
  std::array<std::unique_ptr<Room>, 2> rooms_;
  std::shared_ptr<client::Client> client_;
  std::vector<Line> lines_;
  std::vector<client::InvitationEvents::Local> locals_;
  std::vector<std::uint64_t> ownCalls_;  ///< the numbers of the client's invitations
  bool silent_ = false;
  int pauses_ = 0;
  long long lastMessage_ = 0;
  std::uint64_t lastInvitation_ = 0;
  client::RequestId lastTask_ = 0;
  std::uint64_t lastSession_ = 0;
  std::uint64_t lastOffset_ = 0;
  std::uint64_t waited_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(ByteView(data, size));
  Play(input).run();
  return 0;
}
