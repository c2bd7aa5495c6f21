#include "sdk/rtm_service.hpp"

#include <set>
#include <utility>

#include "base/identifiers.hpp"
#include "base/process_life.hpp"
#include "client/api/plain_results.hpp"
#include "client/channels/channels.hpp"
#include "client/client_log.hpp"
#include "client/messages/messages.hpp"
#include "client/service_context.hpp"
#include "client/version.hpp"
#include "sdk/arguments.hpp"
#include "sdk/channel_attribute.hpp"
#include "sdk/channel_object.hpp"
#include "sdk/kept_for_release.hpp"
#include "sdk/message.hpp"

namespace rtm::sdk {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// Services between creation and release: a second release of the same pointer is told by this list, so that it is a
/// look into a list and not into freed memory.
struct LiveServices {
  ProcessMutex mutex{&LiveServices::forget};
  std::set<const RtmService*> services;

  static LiveServices& all() {
    static LiveServices* const kept = new LiveServices;  // never destroyed: threads may ask until the process ends
    return *kept;
  }
  /// In a child of fork() the services of the parent are dead, and a release of one does nothing.
  static void forget() { all().services.clear(); }
};

LiveServices& liveServices() {
  return LiveServices::all();
}

bool removeLive(const RtmService* service) {
  const std::lock_guard lock(liveServices().mutex);
  return liveServices().services.erase(service) != 0;
}

/// Released services whose pointer a sloppy program may still hand in once more: kept as empty shells for a while.
void keepShell(std::shared_ptr<RtmService> service) {
  static auto* const shells = new KeptForRelease<std::shared_ptr<RtmService>, 64>;
  shells->keep(std::move(service));
}

}  // namespace

IRtmService* RtmService::create(client::Dispatch dispatch) {
  const auto service = std::make_shared<RtmService>();
  service->client_ = client::Client::create(dispatch, *service->events_);
  if (service->client_ == nullptr) return nullptr;
  service->self_ = service;
  const std::lock_guard lock(liveServices().mutex);
  liveServices().services.insert(service.get());
  return service.get();
}

int RtmService::initialize(const char* appId, IRtmServiceEventHandler* eventHandler) {
  if (eventHandler == nullptr) {  // refused, but only if nothing else is wrong
    if (released_) return INIT_ERR_FAILURE;
    if (client_->initialized()) return INIT_ERR_ALREADY_INITIALIZED;
    return isValidAppId(orEmpty(appId)) ? INIT_ERR_INVALID_ARGUMENT : INIT_ERR_INVALID_APP_ID;
  }
  const client::InitCode code = client_->initialize(orEmpty(appId));
  if (code == client::InitCode::Ok) events_->add(eventHandler);
  return static_cast<int>(code);
}

void RtmService::addEventHandler(IRtmServiceEventHandler* eventHandler) {
  if (client_->initialized() && eventHandler != nullptr) events_->add(eventHandler);
}

void RtmService::removeEventHandler(IRtmServiceEventHandler* eventHandler) {
  if (client_->initialized() && eventHandler != nullptr) events_->remove(eventHandler);
}

void RtmService::release(bool sync) {
  if (!removeLive(this)) return;  // a second release
  released_ = true;
  const std::shared_ptr<RtmService> keep = std::move(self_);
  std::shared_ptr<CallManager> calls;
  {
    const std::lock_guard lock(objectMutex_);
    calls.swap(calls_);
  }
  if (calls != nullptr) calls->onServiceReleased();
  client_->release(sync);
  events_->close();
  keepShell(keep);
}

int RtmService::login(const char* token, const char* userId) {
  return static_cast<int>(client_->login(orEmpty(token), orEmpty(userId)));
}

int RtmService::logout() {
  return static_cast<int>(client_->logout());
}

int RtmService::renewToken(const char* token) {
  return static_cast<int>(client_->renewToken(orEmpty(token)));
}

int RtmService::sendMessageToPeer(const char* peerId, const IMessage* message) {
  return sendMessageToPeer(peerId, message, SendMessageOptions());
}

int RtmService::sendMessageToPeer(const char* peerId, const IMessage* message, const SendMessageOptions& options) {
  return static_cast<int>(client_->messages().send(orEmpty(peerId), viewOf(message), toOptions(options)));
}

IChannel* RtmService::createChannel(const char* channelId, IChannelEventHandler* eventHandler) {
  ChannelObject* object = nullptr;
  std::shared_ptr<client::Channel> channel;
  {
    const std::lock_guard lock(objectMutex_);
    channel = client_->channels().open(orEmpty(channelId), nullptr);
    if (channel == nullptr) return nullptr;
    object = static_cast<ChannelObject*>(channel->attachment());
    if (object == nullptr) {
      const auto made = std::make_shared<ChannelObject>(channel, eventHandler);
      channel->attach(made, made.get());
      return made.get();
    }
  }
  // The id is in use: the same object, with the new handler if there is one.
  if (eventHandler != nullptr) object->setHandler(eventHandler);
  return object;
}

IRtmCallManager* RtmService::getRtmCallManager(IRtmCallEventHandler* eventHandler) {
  if (!client_->initialized() || eventHandler == nullptr) return nullptr;
  std::shared_ptr<CallManager> manager;
  {
    const std::lock_guard lock(objectMutex_);
    if (released_) return nullptr;
    if (calls_ == nullptr || calls_->released()) {
      const auto made = std::make_shared<CallManager>(client_, eventHandler);
      // Waits for no event: the invitations of the client are closed as long as there is no manager.
      if (!client_->invitations().open(*made)) return nullptr;
      made->holdItself();
      calls_ = made;
      return made.get();
    }
    manager = calls_;
  }
  manager->replaceHandler(eventHandler);
  return manager.get();
}

IMessage* RtmService::createMessage() {
  return createMessage("");
}

IMessage* RtmService::createMessage(const char* message) {
  return new TextMessage(
      {.messageId = client::nextMessageId(), .type = MESSAGE_TYPE_TEXT, .text = message != nullptr ? message : ""});
}

IMessage* RtmService::createMessage(const uint8_t* rawData, int length) {
  return createMessage(rawData, length, "");
}

IMessage* RtmService::createMessage(const uint8_t* rawData, int length, const char* description) {
  if (length < 0 || (rawData == nullptr && length > 0)) return nullptr;
  MessageData data{.messageId = client::nextMessageId(), .type = MESSAGE_TYPE_RAW};
  if (length > 0) data.raw.assign(reinterpret_cast<const char*>(rawData), static_cast<std::size_t>(length));
  data.text = orEmpty(description);
  return new TextMessage(std::move(data));
}

IRtmChannelAttribute* RtmService::createChannelAttribute() {
  return ChannelAttribute::forUser();
}

int RtmService::setParameters(const char* parameters) {
  return parameters != nullptr && client_->setParameters(parameters) ? 0 : client::kInvalidParameters;
}

int RtmService::setLogFile(const char* logfile) {
  return client_->alive() && client_->log().setFile(std::string(orEmpty(logfile))) ? 0 : client::kLogFailure;
}

int RtmService::setLogFilter(LOG_FILTER_TYPE filter) {
  return client_->alive() && client_->log().setFilter(static_cast<unsigned>(filter)) ? 0 : client::kLogFailure;
}

int RtmService::setLogFileSize(int fileSizeInKBytes) {
  return client_->alive() && client_->log().setKilobytes(fileSizeInKBytes) ? 0 : client::kLogFailure;
}

ServiceExtensions& extensionsOf(IRtmService& service) {
  return static_cast<RtmService&>(service);
}

}  // namespace rtm::sdk

namespace agora::rtm {

IRtmService* AGORA_CALL createRtmService() {
  return ::rtm::sdk::RtmService::create(::rtm::client::Dispatch::Strand);
}

const char* AGORA_CALL getRtmSdkVersion() {
  return ::rtm::client::kSdkVersion;
}

SET_RTM_SERVICE_CONTEXT_ERR_CODE AGORA_CALL setRtmServiceContext(const RtmServiceContext& context) {
  const auto areas = static_cast<std::uint32_t>(context.areaCode);
  const bool tcpOnly = context.proxyType == RTM_TCP_PROXY;
  return ::rtm::client::setServiceContext({areas, tcpOnly}) ? SET_RTM_SERVICE_CONTEXT_ERR_OK
                                                            : SET_RTM_SERVICE_CONTEXT_ERR_FAILURE;
}

}  // namespace agora::rtm
