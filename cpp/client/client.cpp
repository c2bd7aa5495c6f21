#include "client/client.hpp"

#include <future>
#include <utility>

#include "base/identifiers.hpp"
#include "base/json.hpp"
#include "client/client_parts.hpp"
#include "client/service_context.hpp"
#include "client/version.hpp"
#include "client/why_no_id.hpp"

namespace rtm::client {

std::shared_ptr<Client> Client::create(Dispatch dispatch, ClientEvents& events) {
  const std::shared_ptr<Process> process = Process::join(dispatch);
  if (process == nullptr) return nullptr;
  auto delivery = std::make_shared<Delivery>(dispatch == Dispatch::Strand ? process->makeStrand() : nullptr);
  auto client = std::make_shared<Client>(std::make_unique<ClientParts>(process, std::move(delivery), events));
  client->parts_->common.client = client;
  client->parts_->self = client;
  clientBegins();
  return client;
}

Client::Client(std::unique_ptr<ClientParts> parts) : parts_(std::move(parts)) {}

Client::~Client() = default;

InitCode Client::initialize(std::string_view appId) {
  ClientCommon& common = parts_->common;
  const std::lock_guard lock(common.lock);
  if (parts_->released || !common.access.alive()) return InitCode::Failure;
  if (common.access.initialized()) return InitCode::AlreadyInitialized;
  if (!common.delivery->direct()) common.log.openDefault("agorartm.log");
  if (!isValidAppId(appId)) {
    common.log.error("initialize: App ID: " + whyNoAppId(appId));
    return InitCode::InvalidAppId;
  }
  if (common.config.endpoints.empty()) {
    if (const std::string problem = applyEnvironment(common.config); !problem.empty()) {
      common.log.error("initialize: " + problem);
      parts_->session.noteFailure(problem);
      return InitCode::Failure;
    }
  }
  parts_->session.session().setAppId(appId);
  common.access.setInitialized(true);
  common.log.info("initialized, version " + std::string(kSdkVersion));
  return InitCode::Ok;
}

bool Client::alive() const {
  return parts_->common.access.alive();
}

bool Client::initialized() const {
  return parts_->common.access.initialized();
}

bool Client::loggedIn() const {
  return parts_->common.access.loggedIn();
}

bool Client::setParameters(std::string_view json) {
  ClientCommon& common = parts_->common;
  std::string error;
  OtherParameters others;
  const std::optional<JsonValue> value = parseJson(json, &error);
  if (!common.access.alive()) error = "the process in which the service was made has ended, or forked this one";
  const std::lock_guard lock(common.lock);
  if (value && error.empty()) error = applyParameters(common.config, others, *value);
  if (!error.empty()) {
    common.log.error("setParameters: " + error);
    return false;
  }
  if (others.logFilter) common.log.setFilter(*others.logFilter);
  for (const std::string& key : others.unknown) {
    common.log.warning("setParameters: unknown and without effect: " + parts_->session.session().printable(key));
  }
  common.queue.setTimeouts(common.config.timing.peerMessage, common.config.timing.channelMessage);
  return true;
}

LoginCode Client::login(std::string_view token, std::string_view userId) {
  return parts_->session.login(token, userId);
}

LogoutCode Client::logout(bool drain) {
  return parts_->session.logout(drain);
}

RenewTokenCode Client::renewToken(std::string_view token) {
  return parts_->session.renewToken(token);
}

std::string Client::lastFailure() const {
  return parts_->session.lastFailure();
}

bool Client::withdraw(RequestId request) {
  const std::lock_guard lock(parts_->common.lock);
  const auto ended = parts_->common.queue.withdraw(OutboxKind::Request, static_cast<std::uint64_t>(request));
  if (ended) parts_->endRequest(*ended, true);
  return ended.has_value();
}

Messages& Client::messages() {
  return parts_->messages;
}

Channels& Client::channels() {
  return parts_->channels;
}

Presence& Client::presence() {
  return parts_->presence;
}

Attributes& Client::attributes() {
  return parts_->attributes;
}

History& Client::history() {
  return parts_->history;
}

Invitations& Client::invitations() {
  return parts_->invitations;
}

Media& Client::media() {
  return parts_->media;
}

ClientLog& Client::log() {
  return parts_->common.log;
}

void Client::pauseDelivery() {
  parts_->session.pauseDelivery();
}

void Client::resumeDelivery() {
  parts_->session.resumeDelivery();
}

void Client::gatherSends() {
  parts_->common.queue.gatherSends();
}

void Client::flushSends(bool alone) {
  parts_->common.queue.flushSends(alone);
}

void Client::release(bool sync) {
  const std::shared_ptr<Client> keep = shared_from_this();
  ClientCommon& common = parts_->common;
  if (!common.access.ours()) return;  // a child of fork(): the parent owns everything that could be ended
  {
    const std::lock_guard lock(common.lock);
    if (std::exchange(parts_->released, true)) return;
  }
  clientEnds();
  const bool waited = common.delivery->close(sync, [&common] {
    common.log.warning("release() has waited 5 s for a running callback of this service, and still waits");
  });
  if (!waited) {
    common.log.warning(
        "release: called in a callback for which a callback of this service waits, so it does not wait for that");
  }
  {
    const std::lock_guard lock(common.lock);
    common.access.setInitialized(false);  // later calls fail as not initialized, and cannot log in
    common.log.seal();
    parts_->session.release();
    parts_->channels.onSessionOver();
    common.requests.clear();
    parts_->media.forgetAll();
    parts_->invitations.forgetAll();
    parts_->self.reset();
  }
  // Says goodbye (the user is offline at once, not after the grace period) and leaves the network. The second post
  // runs after the turn in which the goodbye left.
  const auto gone = std::make_shared<std::promise<void>>();
  const std::shared_ptr<Process> process = parts_->process;
  net::IoLoop& loop = process->loop();
  const bool waits = sync && !loop.onLoopThread();
  const auto last = [gone, process, waits] {
    gone->set_value();
    if (!waits) process->leave();
  };
  const bool posted = loop.post([this, keep, last, &loop] {
    parts_->media.dropTransfers();
    parts_->session.sayGoodbye();
    parts_->common.log.close();
    if (!loop.post(last)) last();
  });
  if (!posted) last();
  if (!waits) return;
  gone->get_future().wait();
  process->leave();
}

}  // namespace rtm::client
