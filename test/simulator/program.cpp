#include "simulator/program.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "client/attributes/attributes.hpp"
#include "client/channels/channels.hpp"
#include "client/messages/messages.hpp"
#include "client/presence/presence.hpp"
#include "simulated/client_process.hpp"
#include "simulated/loops.hpp"

namespace rtm::simulator {

using history::Outcome;
using history::What;
using simulated::Loops;
using simulated::require;

namespace {

/// A text that names the message and has `size` bytes or more.
std::string textOf(long long message, std::size_t size) {
  std::string text = "m" + std::to_string(message);
  if (text.size() < size) text.append(size - text.size(), '.');
  return text;
}

client::MessageView viewOf(long long message, std::string_view text) {
  client::MessageView view;
  view.id = message;
  view.type = client::MessageType::Text;
  view.text = text;
  return view;
}

void checkText(const client::MessageView& message) {
  require(message.text == textOf(message.id, message.text.size()), "a text arrives unchanged");
}

}  // namespace

struct Program::Membership final : client::ChannelEvents {
  Membership(Program& itsProgram, std::string itsName) : program(itsProgram), name(std::move(itsName)) {}

  void onJoinSuccess() override {
    joining = false;
    joined = true;
    program.tell({.what = What::Joined, .channel = name});
  }
  void onJoinFailure(client::JoinCode /*code*/) override {
    joining = false;
    end();  // also the end of a membership that a new session could not restore
  }
  void onLeave(client::LeaveCode /*code*/) override {
    end();
    left = true;
  }
  void onSendResult(long long id, client::ChannelMessageCode code) override {
    using enum client::ChannelMessageCode;
    program.ended(id, code == Ok ? Outcome::Delivered : code == SentTimeout ? Outcome::Unknown : Outcome::Failed);
  }
  void onSendUnsent(long long id, client::ChannelMessageCode /*code*/) override { program.ended(id, Outcome::Unsent); }
  void onMessage(std::string_view sender, const client::MessageView& message) override {
    checkText(message);
    program.tell({.what = What::Receive, .message = message.id, .to = std::string(sender), .channel = name});
  }
  void onMembers(std::span<const std::string_view> users, client::MembersCode /*code*/) override {
    members.assign(users.begin(), users.end());
    std::ranges::sort(members);
  }

  void end() {
    if (std::exchange(joined, false)) program.tell({.what = What::Left, .channel = name});
  }

  Program& program;
  const std::string name;
  std::shared_ptr<client::Channel> channel;
  std::vector<std::string> members;
  bool joining = false;
  bool joined = false;
  bool left = false;
};

Program::Program(Host& host, std::string user, history::Process process, Record record)
    : host_(host), user_(std::move(user)), process_(process), record_(std::move(record)) {
  tell({.what = What::Start});
  Loops::setMachine(&host_);
  client_ = client::Client::create(client::Dispatch::Direct, *this);
  Loops::setMachine(nullptr);
  const std::string endpoint = "memory://127.0.0.1:" + std::to_string(kServerPort);
  require(client_->setParameters(R"({"rtm.endpoints": ")" + endpoint + R"("})"), "the parameters are good");
  require(client_->initialize(kAppId) == client::InitCode::Ok, "the client is initialized");
}

Program::~Program() {
  client_->release(false);
  client_.reset();
  simulated::endClientProcess(host_);
}

void Program::tell(history::Event event) {
  if (dead_) return;
  event.process = process_;
  event.user = user_;
  record_(std::move(event));
}

void Program::ended(long long message, Outcome outcome) {
  std::erase(open_, message);
  tell({.what = What::Result, .message = message, .outcome = outcome});
}

void Program::logIn() {
  if (client_->login("", user_) == client::LoginCode::Ok) loggingIn_ = true;
}

void Program::logOut(bool drain, bool calm) {
  calm_ = calm && connected();
  tell({.what = What::LogOut, .clean = calm_});
  // A logout without a link ends inside.
  loggingOut_ = true;
  if (client_->logout(drain) != client::LogoutCode::Ok) loggingOut_ = false;
}

bool Program::send(const std::string& to, long long message, std::size_t size, bool stored) {
  const std::string text = textOf(message, size);
  // Before the call: an event may come inside.
  tell({.what = What::Send, .message = message, .to = to, .stored = stored});
  open_.push_back(message);
  const auto code = client_->messages().send(to, viewOf(message, text), {.offline = stored});
  if (code == client::PeerMessageCode::Ok) return true;
  ended(message, Outcome::Unsent);
  return false;
}

bool Program::sendTo(const std::string& channel, long long message, std::size_t size) {
  const std::string text = textOf(message, size);
  tell({.what = What::Send, .message = message, .channel = channel});
  open_.push_back(message);
  const auto code = membership(channel).channel->send(viewOf(message, text));
  if (code == client::ChannelMessageCode::Ok) return true;
  ended(message, Outcome::Unsent);
  return false;
}

void Program::withdraw(long long message) {
  client_->messages().withdraw(message);
}

Program::Membership& Program::membership(const std::string& channel) {
  std::unique_ptr<Membership>& known = channels_[channel];
  if (known == nullptr) {
    known = std::make_unique<Membership>(*this, channel);
    known->channel = client_->channels().open(channel, known.get());
  }
  return *known;
}

void Program::join(const std::string& channel) {
  Membership& to = membership(channel);
  if (std::exchange(to.left, false) && simulated::nextRandom() % 2 == 0) {  // some programs make a new object
    to.channel->release();
    to.channel = client_->channels().open(channel, &to);
  }
  if (to.channel->join() == client::JoinCode::Ok) to.joining = true;
}

void Program::leave(const std::string& channel) {
  Membership& from = membership(channel);
  if (from.channel->leave() == client::LeaveCode::Ok) from.end();  // what comes from now on need not come
}

bool Program::member(const std::string& channel) const {
  const auto found = channels_.find(channel);
  return found != channels_.end() && found->second->joined;
}

void Program::setPaused(bool paused) {
  if (std::exchange(paused_, paused) == paused) return;
  paused ? client_->pauseDelivery() : client_->resumeDelivery();
}

void Program::queryMembers(const std::string& channel) {
  Membership& of = membership(channel);
  of.members.clear();
  of.channel->queryMembers();
}

const std::vector<std::string>& Program::members(const std::string& channel) const {
  return channels_.at(channel)->members;
}

void Program::watch(const std::vector<std::string>& users) {
  if (watches_ || watching_ != 0) return;
  const std::vector<std::string_view> names(users.begin(), users.end());
  client_->presence().subscribe(names, watching_);
}

bool Program::sees(const std::string& user, client::PeerState state) const {
  const auto found = states_.find(user);
  return watches_ && found != states_.end() && found->second == state;
}

void Program::setMood(int mood) {
  const std::string value = std::to_string(mood);
  const client::AttributeView entry{.key = "mood", .value = value};
  client::RequestId id = 0;
  if (client_->attributes().setUser(std::span(&entry, 1), id) != client::AttributeCode::Ok) return;
  mood_.reset();
  moods_[id] = value;
}

void Program::readMood(const std::string& user) {
  moodsRead_[user] = "?";
  client::RequestId id = 0;
  client_->attributes().readUser(user, id);
}

std::string Program::readMoodOf(const std::string& user) const {
  const auto found = moodsRead_.find(user);
  return found == moodsRead_.end() ? "?" : found->second;
}

void Program::onSubscriptionResult(client::RequestId request, client::SubscriptionCode code) {
  if (request != watching_) return;
  watching_ = 0;
  watches_ = code == client::SubscriptionCode::Ok;
}

void Program::onPeersChanged(std::span<const client::PeerStatus> states) {
  for (const client::PeerStatus& each : states) states_[std::string(each.userId)] = each.state;
}

void Program::onUserAttributesWritten(client::RequestId request, client::AttributeWrite /*write*/,
                                      client::AttributeCode code) {
  const auto written = moods_.find(request);
  if (written == moods_.end()) return;
  const std::string value = written->second;
  moods_.erase(written);
  // Several writes under way, or one without an answer: the next one that is answered alone tells.
  if (code == client::AttributeCode::Ok && moods_.empty()) mood_ = value;
}

void Program::onUserAttributes(client::RequestId /*request*/, std::string_view user,
                               std::span<const client::AttributeView> attributes, client::AttributeCode code) {
  if (code != client::AttributeCode::Ok) return;
  std::string mood;
  for (const client::AttributeView& each : attributes) {
    if (each.key == "mood") mood = each.value;
  }
  moodsRead_[std::string(user)] = mood;
}

void Program::onConnectionState(client::ConnectionState state, client::ConnectionReason /*reason*/) {
  state_ = state;
  if (state == client::ConnectionState::Reconnecting) calm_ = false;
  if (state == client::ConnectionState::Aborted) endSession(false);
}

void Program::endSession(bool clean) {
  for (const auto& [name, membership] : channels_) membership->end();
  watches_ = false;
  watching_ = 0;
  states_.clear();
  mood_ = "";
  moods_.clear();
  tell({.what = What::LoggedOut, .clean = clean});
}

void Program::onEstablished(const client::Established& established) {
  const bool resumed = established.how == client::Established::How::Resume;
  tell({.what = resumed ? What::Resumed : What::LoggedIn});
  if (established.peerMissed) tell({.what = What::Missed});
  for (const std::string_view channel : established.channelsMissed) {
    tell({.what = What::Missed, .channel = std::string(channel)});
  }
}

void Program::onLoginSuccess() {
  loggingIn_ = false;
}

void Program::onLoginFailure(client::LoginCode /*code*/) {
  loggingIn_ = false;
}

void Program::onLogout(client::LogoutCode /*code*/) {
  loggingIn_ = false;
  loggingOut_ = false;
  endSession(calm_);
}

void Program::onPeerSendResult(long long id, client::PeerMessageCode code) {
  using enum client::PeerMessageCode;
  switch (code) {
    case Ok:
      return ended(id, Outcome::Delivered);
    case CachedByServer:
      return ended(id, Outcome::Cached);
    case PeerUnreachable:
      return ended(id, Outcome::Unreachable);
    case SentTimeout:
      return ended(id, Outcome::Unknown);
    default:
      return ended(id, Outcome::Failed);
  }
}

void Program::onPeerSendUnsent(long long id, client::PeerMessageCode /*code*/) {
  ended(id, Outcome::Unsent);
}

void Program::onPeerMessage(std::string_view sender, const client::MessageView& message) {
  checkText(message);
  tell({.what = What::Receive, .message = message.id, .to = std::string(sender)});
}

}  // namespace rtm::simulator
