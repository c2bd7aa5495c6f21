#include "client/service.hpp"

#include <time.h>

#include <chrono>
#include <cstring>
#include <deque>
#include <future>
#include <random>
#include <utility>

#include "base/identifiers.hpp"
#include "base/json.hpp"
#include "client/channel.hpp"
#include "client/message.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr int kInvalidParameters = -2;  // setParameters alone answers with a negative value (spec sources S-1)
constexpr int kLogFailure = 1;

/// Released services whose pointer a sloppy program may still hand in once more (spec sources S-7): kept as empty
/// shells for a while, so that the second release is a look into a list and not into freed memory.
void keepShell(std::shared_ptr<Service> service) {
  static std::mutex mutex;
  static auto* const shells = new std::deque<std::shared_ptr<Service>>;
  constexpr std::size_t kShells = 64;
  std::shared_ptr<Service> dropped;
  const std::lock_guard lock(mutex);
  shells->push_back(std::move(service));
  if (shells->size() > kShells) {
    dropped = std::move(shells->front());
    shells->pop_front();
  }
}

}  // namespace

IRtmService* createService(Dispatch dispatch) {
  return Service::create(dispatch);
}

void pauseDelivery(IRtmService& service) {
  static_cast<Service&>(service).pauseDelivery();
}
void resumeDelivery(IRtmService& service) {
  static_cast<Service&>(service).resumeDelivery();
}

void gatherSends(IRtmService& service) {
  static_cast<Service&>(service).gatherSends();
}

void flushSends(IRtmService& service, bool alone) {
  static_cast<Service&>(service).flushSends(alone);
}

void observeLink(IRtmService& service, LinkObserver* observer) {
  static_cast<Service&>(service).observeLink(observer);
}
std::string lastFailure(IRtmService& service) {
  return static_cast<Service&>(service).lastFailure();
}

IRtmService* Service::create(Dispatch dispatch) {
  Process* process = Process::instance();
  if (process == nullptr) return nullptr;
  const auto service = std::make_shared<Service>(*process, dispatch);
  service->self_ = service;
  live_services::add(service.get());
  return service.get();
}

Service::Service(Process& process, Dispatch dispatch)
    : process_(process),
      dispatch_(dispatch),
      delivery_(std::make_shared<Delivery>(dispatch == Dispatch::Strand ? process.makeStrand() : nullptr)),
      media_(process.loop(), *this) {
  // The table of SDK 1.5.0, until a server says what holds there. As rules in force, so that a first login still counts
  // when its server confirms them.
  for (const wire::RateGroup group : {wire::RateGroup::Login, wire::RateGroup::RenewToken}) {
    const auto index = static_cast<std::size_t>(group);
    ratesInForce_[index] = {.group = static_cast<std::uint32_t>(group), .count = 2, .windowMs = 1000};
    rates_[index].configure(2, 1000);
  }
}

Service::~Service() = default;

int Service::initialize(const char* appId, IRtmServiceEventHandler* eventHandler) {
  const std::lock_guard lock(mutex_);
  if (released_) return INIT_ERR_FAILURE;
  if (initialized_) return INIT_ERR_ALREADY_INITIALIZED;
  if (appId == nullptr || !isValidAppId(appId)) return INIT_ERR_INVALID_APP_ID;
  if (eventHandler == nullptr) return INIT_ERR_INVALID_ARGUMENT;
  appId_ = appId;
  if (dispatch_ == Dispatch::Strand && logFile_ == nullptr) {
    logPath_ = "agorartm.log";
    logFile_ = LogFile::open(logPath_, logKilobytes_);  // an unwritable working directory means no log, as before
  }
  if (config_.endpoints.empty()) {
    if (const std::string problem = applyEnvironment(config_); !problem.empty()) log(LogLevel::Error, problem);
  }
  delivery_->add(eventHandler);
  initialized_ = true;
  log(LogLevel::Info, "initialized, version " + std::string(getRtmSdkVersion()));
  return INIT_ERR_OK;
}

void Service::addEventHandler(IRtmServiceEventHandler* eventHandler) {
  if (initialized_ && eventHandler != nullptr) delivery_->add(eventHandler);
}

void Service::removeEventHandler(IRtmServiceEventHandler* eventHandler) {
  if (initialized_ && eventHandler != nullptr) delivery_->remove(eventHandler);
}

void Service::release(bool sync) {
  if (!live_services::remove(this)) return;  // a second release
  delivery_->close(sync);
  const std::shared_ptr<Service> keep = shared_from_this();
  const auto gone = std::make_shared<std::promise<void>>();
  std::shared_ptr<CallManager> calls;  // dies outside the lock; its user's hold, if any, is an empty shell from here on
  {
    const std::lock_guard lock(mutex_);
    released_ = true;
    initialized_ = false;  // a program that goes on calling is told so, and logs nobody in
    if (machine_.mayLogout()) machine_.logout();
    machine_ = ConnectionMachine();
    loggedIn_ = false;
    ++attempt_;  // nothing that is under way counts any more
    for (const auto& [id, channel] : channels_) {
      channel->state = Channel::State::Out;
    }
    pending_.clear();
    media_.forgetAll();
    calls.swap(calls_);
    if (calls != nullptr) calls->onServiceReleased();
    self_.reset();
  }
  // Says goodbye (the user is offline at once, not after the grace period) and lets go of the network. The second post
  // runs after the turn in which the goodbye left.
  const bool posted = process_.loop().post([this, keep, gone, sync] {
    media_.dropTransfers();
    {
      const std::lock_guard lock(mutex_);
      flush();  // what was accepted before the release leaves before the goodbye
      const std::lock_guard outboxLock(outboxMutex_);
      outbox_.clear([](const OutboxEnd&) {});
    }
    if (session_ != nullptr) {
      if (session_->link() != nullptr && established_) session_->link()->send(wire::Logout{});
      session_->finish();
      session_.reset();
    }
    {
      const std::lock_guard lock(mutex_);
      logFile_.reset();  // what is left of this service has no say in the size of a log that others share
    }
    if (sync) {
      if (!process_.loop().post([gone] { gone->set_value(); })) gone->set_value();
    }
  });
  if (sync && posted && !process_.loop().onLoopThread()) gone->get_future().wait();
  keepShell(keep);
}

IMessage* Service::createMessage() {
  return createMessage("");
}

IMessage* Service::createMessage(const char* message) {
  return new TextMessage(
      {.messageId = nextMessageId(), .type = MESSAGE_TYPE_TEXT, .text = message != nullptr ? message : ""});
}

IMessage* Service::createMessage(const uint8_t* rawData, int length) {
  return createMessage(rawData, length, "");
}

IMessage* Service::createMessage(const uint8_t* rawData, int length, const char* description) {
  if (length < 0 || (rawData == nullptr && length > 0)) return nullptr;
  MessageData data{.messageId = nextMessageId(), .type = MESSAGE_TYPE_RAW};
  if (length > 0) data.raw.assign(reinterpret_cast<const char*>(rawData), static_cast<std::size_t>(length));
  if (description != nullptr) data.text = description;
  return new TextMessage(std::move(data));
}

int Service::setParameters(const char* parameters) {
  if (parameters == nullptr) return kInvalidParameters;
  std::string error;
  const std::optional<JsonValue> value = parseJson(parameters, &error);
  const std::lock_guard lock(mutex_);
  if (value) error = applyParameters(config_, *value);
  if (!error.empty()) {
    log(LogLevel::Error, "setParameters: " + error);
    return kInvalidParameters;
  }
  const std::lock_guard outboxLock(outboxMutex_);
  peerTimeoutMs_ = config_.timing.peerMessage;
  channelTimeoutMs_ = config_.timing.channelMessage;
  return 0;
}

int Service::setLogFile(const char* logfile) {
  if (logfile == nullptr || *logfile != '/' || !isValidUtf8(logfile)) return kLogFailure;
  const std::lock_guard lock(mutex_);
  if (released_) return kLogFailure;
  std::shared_ptr<LogFile> file = LogFile::open(logfile, logKilobytes_);
  if (file == nullptr) return kLogFailure;
  logFile_ = std::move(file);
  logPath_ = logfile;
  return 0;
}

int Service::setLogFilter(LOG_FILTER_TYPE filter) {
  if ((static_cast<unsigned>(filter) & ~static_cast<unsigned>(LOG_FILTER_MASK)) != 0) return kLogFailure;
  logFilter_ = filter;
  return 0;
}

int Service::setLogFileSize(int fileSizeInKBytes) {
  if (fileSizeInKBytes < LogFile::kMinKilobytes || fileSizeInKBytes > LogFile::kMaxKilobytes) return kLogFailure;
  const std::lock_guard lock(mutex_);
  logKilobytes_ = fileSizeInKBytes;
  if (logFile_ != nullptr) logFile_->setSize(fileSizeInKBytes);
  return 0;
}

void Service::log(LogLevel level, std::string_view line) const {
  if ((logFilter_.load(std::memory_order_relaxed) & static_cast<unsigned>(level)) == 0) return;
  if (logFile_ != nullptr)
    logFile_->write(level, userId_.empty() ? std::string(line) : userId_ + ": " + std::string(line));
  if (const LogSink observer = logObserver()) observer(level, line);
}

bool Service::acceptCall(wire::RateGroup group) {
  const std::lock_guard lock(outboxMutex_);
  return rates_[static_cast<std::size_t>(group)].accept(steadyMs());
}

void Service::pauseDelivery() {
  if (pauses_.fetch_add(1) != 0) return;
  withSession([](Connection& session) { session.setPaused(true); });
}

void Service::resumeDelivery() {
  if (pauses_.fetch_sub(1) != 1) return;
  withSession([](Connection& session) { session.setPaused(false); });
}

std::uint64_t Service::steadyMs() {
  // The clock of uv_now(), so that both may be compared.
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

std::uint64_t Service::coarseMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

double Service::random() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

}  // namespace rtm::client

namespace agora::rtm {

IRtmService* AGORA_CALL createRtmService() {
  return ::rtm::client::createService(::rtm::client::Dispatch::Strand);
}

const char* AGORA_CALL getRtmSdkVersion() {
  return "1.5.0";
}

}  // namespace agora::rtm
