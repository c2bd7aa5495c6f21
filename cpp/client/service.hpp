#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "IAgoraRtmService.h"
#include "base/log_file.hpp"
#include "base/rate_window.hpp"
#include "client/call_manager.hpp"
#include "client/config.hpp"
#include "client/connection/connection.hpp"
#include "client/connection/connection_machine.hpp"
#include "client/extensions.hpp"
#include "client/factory.hpp"
#include "client/handed_over.hpp"
#include "client/media/media_tasks.hpp"
#include "client/requests/requests.hpp"
#include "client/runtime/delivery.hpp"
#include "client/runtime/process.hpp"
#include "client/sending/outbox.hpp"
#include "wire/size_limits.hpp"

namespace rtm::client {

class Channel;

/// One SDK instance. Its parts by file: service.cpp (life, settings), service_login.cpp (connection),
/// service_messages.cpp, service_channels.cpp, service_frames.cpp (what the server says), service_presence.cpp,
/// service_attributes.cpp, service_calls.cpp, service_media.cpp.
///
/// Threads. Calls come from any thread, frames and timers from the I/O thread. `mutex_` guards everything but the
/// outbox and what belongs to it, which has `outboxMutex_`, so that a send never waits for a batch of received frames.
/// Lock order: mutex_, then outboxMutex_; for the delivery lock see delivery.hpp. Nothing is called under outboxMutex_.
class Service final : public agora::rtm::IRtmService,
                      public IHistory,
                      private Connection::Owner,
                      private CallManager::Service,
                      private MediaTasks::Service,
                      public std::enable_shared_from_this<Service> {
 public:
  /// The service keeps itself alive until release(). Null if the process has no I/O thread.
  static agora::rtm::IRtmService* create(Dispatch dispatch);
  Service(Process& process, Dispatch dispatch);
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // IRtmService, in vtable order.
  int initialize(const char* appId, agora::rtm::IRtmServiceEventHandler* eventHandler) override;
  void addEventHandler(agora::rtm::IRtmServiceEventHandler* eventHandler) override;
  void removeEventHandler(agora::rtm::IRtmServiceEventHandler* eventHandler) override;
  void release(bool sync) override;
  int login(const char* token, const char* userId) override;
  int logout() override;
  int renewToken(const char* token) override;
  int sendMessageToPeer(const char* peerId, const agora::rtm::IMessage* message) override;
  int downloadMediaToMemory(const char* mediaId, long long& requestId) override;
  int downloadMediaToFile(const char* mediaId, const char* filePath, long long& requestId) override;
  int cancelMediaDownload(long long requestId) override;
  int cancelMediaUpload(long long requestId) override;
  int sendMessageToPeer(const char* peerId, const agora::rtm::IMessage* message,
                        const agora::rtm::SendMessageOptions& options) override;
  agora::rtm::IChannel* createChannel(const char* channelId, agora::rtm::IChannelEventHandler* eventHandler) override;
  agora::rtm::IRtmCallManager* getRtmCallManager(agora::rtm::IRtmCallEventHandler* eventHandler) override;
  agora::rtm::IMessage* createMessage() override;
  agora::rtm::IMessage* createMessage(const char* message) override;
  agora::rtm::IMessage* createMessage(const uint8_t* rawData, int length) override;
  agora::rtm::IMessage* createMessage(const uint8_t* rawData, int length, const char* description) override;
  agora::rtm::IFileMessage* createFileMessageByMediaId(const char* mediaId) override;
  agora::rtm::IImageMessage* createImageMessageByMediaId(const char* mediaId) override;
  int createFileMessageByUploading(const char* filePath, long long& requestId) override;
  int createImageMessageByUploading(const char* filePath, long long& requestId) override;
  agora::rtm::IRtmChannelAttribute* createChannelAttribute() override;
  int setParameters(const char* parameters) override;
  int queryPeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) override;
  int subscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) override;
  int unsubscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) override;
  int queryPeersBySubscriptionOption(agora::rtm::PEER_SUBSCRIPTION_OPTION option, long long& requestId) override;
  int setLocalUserAttributes(const agora::rtm::RtmAttribute* attributes, int numberOfAttributes,
                             long long& requestId) override;
  int addOrUpdateLocalUserAttributes(const agora::rtm::RtmAttribute* attributes, int numberOfAttributes,
                                     long long& requestId) override;
  int deleteLocalUserAttributesByKeys(const char* attributeKeys[], int numberOfKeys, long long& requestId) override;
  int clearLocalUserAttributes(long long& requestId) override;
  int getUserAttributes(const char* userId, long long& requestId) override;
  int getUserAttributesByKeys(const char* userId, const char* attributeKeys[], int numberOfKeys,
                              long long& requestId) override;
  int setChannelAttributes(const char* channelId, const agora::rtm::IRtmChannelAttribute* attributes[],
                           int numberOfAttributes, const agora::rtm::ChannelAttributeOptions& options,
                           long long& requestId) override;
  int addOrUpdateChannelAttributes(const char* channelId, const agora::rtm::IRtmChannelAttribute* attributes[],
                                   int numberOfAttributes, const agora::rtm::ChannelAttributeOptions& options,
                                   long long& requestId) override;
  int deleteChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                    const agora::rtm::ChannelAttributeOptions& options, long long& requestId) override;
  int clearChannelAttributes(const char* channelId, const agora::rtm::ChannelAttributeOptions& options,
                             long long& requestId) override;
  int getChannelAttributes(const char* channelId, long long& requestId) override;
  int getChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                 long long& requestId) override;
  int getChannelMemberCount(const char* channelIds[], int channelCount, long long& requestId) override;
  int setLogFile(const char* logfile) override;
  int setLogFilter(agora::rtm::LOG_FILTER_TYPE filter) override;
  int setLogFileSize(int fileSizeInKBytes) override;

  // What IChannel's methods come down to.
  int joinChannel(Channel& channel);
  int leaveChannel(Channel& channel);
  int sendToChannel(Channel& channel, const agora::rtm::IMessage* message,
                    const agora::rtm::SendMessageOptions& options);
  int getChannelMembers(Channel& channel);
  void releaseChannel(Channel& channel);

  // IHistory (extensions.hpp, service_history.cpp).
  void setHistoryHandler(IHistoryEventHandler* handler) override;
  int queryHistory(const HistoryQuery& query, long long& requestId) override;

  // factory.hpp
  void observeLink(LinkObserver* observer);
  std::string lastFailure() const;
  void pauseDelivery();
  void resumeDelivery();
  void gatherSends() { gathering_ = true; }
  void flushSends(bool alone);

 private:
  // Connection::Owner: the I/O thread.
  void onAttemptLost(const std::string& line) override;
  void onConnectFailed(std::uint64_t attempt, net::ConnectError error, const std::string& detail) override;
  void onLinkUp(std::uint64_t attempt) override;
  bool onFrame(std::uint64_t attempt, wire::FrameKind kind, ByteView body) override;
  void onBatchEnd(std::uint64_t attempt) override;
  void onDrained(std::uint64_t attempt) override;
  void onLinkDown(std::uint64_t attempt, const std::string& detail, std::uint64_t silentMs) override;
  std::uint64_t onNetworkChange() override;
  void onTimer(Connection::Owner::TimerKind kind) override;
  bool onDeadlineTick(std::uint64_t nowMs) override;

  // CallManager::Service (service_calls.cpp).
  std::mutex& callLock() override { return mutex_; }
  bool callsAllowed() const override {
    return machine_.loggedIn() && machine_.phase() != ConnectionMachine::Phase::Aborted;
  }
  const Timing& callTiming() const override { return config_.timing; }
  const wire::CallLimits& callLimits() const override { return limits_.calls; }
  std::uint64_t callClockMs() const override { return steadyMs(); }
  bool sendSignal(const std::string& peerId, const wire::CallSignal& signal, std::uint64_t token) override;
  void watchCalls() override;
  void forgetCallManager() override { calls_.reset(); }

  // MediaTasks::Service (service_media.cpp).
  std::mutex& mediaLock() override { return mutex_; }
  long long askForTicket(const MediaJob& job, long long task) override;
  void forgetTicket(long long requestId) override;
  void onMediaLoop(MoveFunction<void(Connection&)> work) override { withSession(std::move(work)); }
  void mediaProgress(long long id, MediaDirection direction, std::uint64_t size, std::uint64_t moved) override;
  void mediaEnded(MediaOutcome outcome) override;
  void mediaLog(LogLevel level, const std::string& line) override { log(level, line); }
  std::uint64_t mediaClockMs() const override { return steadyMs(); }
  double mediaRandom() const override { return random(); }

  // Everything below is called with mutex_ held, unless it says otherwise.

  void run(const Effects& effects);
  void withSession(MoveFunction<void(Connection&)> work);  ///< posts to the I/O thread
  Connection::Target target();
  void forgetSession();
  void restoreSession();

  // service_links.cpp
  void linkFailed(LogLevel level, const std::string& why);
  void serverRefused(LOGIN_ERR_CODE code);
  void takeTold(const wire::Bye& bye);
  std::string printable(std::string_view text) const;
  std::vector<net::Endpoint> allowedEndpoints() const;
  bool anotherServer() const;
  void reportEstablished(LinkObserver::How how, bool complete);
  std::uint64_t handshakeMs() const;

  // service_frames.cpp
  bool handleFrame(wire::FrameKind kind, ByteView body);
  bool handleHelloOk(const wire::HelloOk& hello);
  bool handleLoginResult(const wire::LoginResult& result);
  bool handleResumeResult(const wire::ResumeResult& result);
  bool handleBye(const wire::Bye& bye);
  bool malformed(wire::FrameKind kind);
  void sendLogin(net::Link& link);
  void tokenRefused(LOGIN_ERR_CODE code);
  EndedLink endedLink(std::uint64_t silentMs = 0);
  void adoptLimits(const wire::Limits& limits);
  void watchToken(std::uint32_t lifeMs);

  // service_messages.cpp
  bool handleSendResults(const wire::SendResults& results);
  bool handlePeerMessage(const wire::PeerMessage& message);
  void reportSend(const OutboxEnd& ended, std::uint32_t code);
  enum class EndedBy { Timeout, Loss };
  void endEntries(const std::vector<OutboxEnd>& ended, EndedBy how);
  void throttleDelivery();
  void scheduleFlush();                   ///< any lock state; posts at most one flush at a time
  bool gather(std::size_t contentBytes);  ///< outboxMutex_ held; true: wait for flushSends()
  bool writeHere();                       ///< outboxMutex_ held; true: nothing is left for the I/O thread to do
  void flush();                           ///< I/O thread, mutex_ held
  void openGate();                        ///< I/O thread, mutex_ held, not in a callback of the link
  void closeGate();                       ///< no other thread sends over the present link any more

  // service_channels.cpp
  bool handleJoinResult(const wire::JoinResult& result);
  bool handleMembers(const wire::Members& members);
  bool handleMemberEvent(const wire::MemberEvent& event);
  bool handleMemberCount(const wire::MemberCount& count);
  bool handleChannelKicked(const wire::ChannelKicked& kicked);
  bool handleChannelMessage(const wire::ChannelMessage& message);
  void reportMemberCount(const std::shared_ptr<Channel>& channel, std::uint32_t count);
  void endChannelMessages(const Channel& channel);
  void leaveQuietly(const std::string& channelId);
  std::shared_ptr<Channel> findChannel(std::string_view id) const;
  std::size_t joinedChannels() const;

  // Requests. startRequest() gives the request its id and appends it; false: the outbox is full.
  template <typename Request>
  bool startRequest(Request& request, RequestKind kind, PendingRequest pending, long long& requestId);
  /// The same with outboxMutex_ held, and without a flush.
  static constexpr std::uint64_t kNoDeadline = ~std::uint64_t{0};
  template <typename Request>
  bool enterRequest(Request& request, RequestKind kind, PendingRequest pending, long long& requestId);
  void dropOwnRequests();
  /// Takes a request out of the table and the outbox; empty if it has ended before.
  std::optional<PendingRequest> takePending(std::uint64_t requestId);
  void finishRequest(std::uint64_t requestId, std::uint32_t code);
  void concludeRequest(PendingRequest& pending, int code);

  // service_presence.cpp
  bool handleMemberCounts(const wire::MemberCounts& counts);
  bool handlePresenceStates(const wire::PresenceStates& states);
  bool handlePresenceEvent(const wire::PresenceEvent& event);
  void restoreSubscriptions();
  void settleSubscriptions();
  template <typename Request>
  void resubscribe(const std::vector<std::string>& users);
  void concludePresence(const PendingRequest& pending, int code);

  // service_history.cpp
  bool handleHistoryResult(const wire::HistoryResult& result);
  void concludeHistory(const PendingRequest& pending, int code);

  // service_attributes.cpp
  int attributeCallAllowed() const;
  int writeUserAttributes(wire::AttributeAction action, RequestKind kind, PendingRequest pending, long long& requestId);
  int readUserAttributes(const char* userId, PendingRequest pending, long long& requestId);
  int writeChannelAttributes(const char* channelId, wire::AttributeAction action, bool notifyMembers, RequestKind kind,
                             PendingRequest pending, long long& requestId);
  int readChannelAttributes(const char* channelId, PendingRequest pending, long long& requestId);
  bool handleUserAttributes(const wire::UserAttributes& attributes);
  bool handleChannelAttributes(const wire::ChannelAttributes& attributes);
  bool handleChannelAttributesEvent(const wire::ChannelAttributesEvent& event);
  void rememberUserAttributes(const PendingRequest& pending);
  void restoreUserAttributes();
  void concludeAttributes(const PendingRequest& pending, int code);

  // service_media.cpp
  int upload(const char* filePath, bool image, long long& requestId);  ///< takes the lock
  int download(const char* mediaId, std::string filePath, long long& requestId);
  int startMedia(MediaJob job, long long& requestId);
  int cancelMedia(long long requestId, MediaDirection direction);  ///< takes the lock
  bool handleMediaTicket(const wire::MediaTicket& ticket);
  std::uint64_t maxMediaBytes() const;

  /// Calls `call(IRtmServiceEventHandler&)` for each handler, in the dispatch mode of the service.
  template <typename Call>
  void notify(Call call) {
    delivery_->run([delivery = delivery_.get(), call = std::move(call)]() mutable { delivery->forEachHandler(call); });
  }

  bool acceptCall(wire::RateGroup group);  ///< counts a call against its window (takes outboxMutex_)
  void log(LogLevel level, std::string_view line) const;
  static std::uint64_t steadyMs();
  /// The same clock as of the last tick of the kernel, up to 10 ms ago: a fifth of the price. For sends.
  static std::uint64_t coarseMs();
  static double random();

  Process& process_;
  const Dispatch dispatch_;
  const std::shared_ptr<Delivery> delivery_;
  std::shared_ptr<Service> self_;  ///< until release()

  mutable std::mutex mutex_;
  std::atomic<bool> initialized_{false};
  std::atomic<bool> loggedIn_{false};  ///< machine_.loggedIn(), for the send path
  bool released_ = false;
  std::string appId_;
  std::string userId_;
  std::string token_;                       ///< the newest one that was given
  std::string provenToken_;                 ///< the newest one that a server took; before that, the one of login()
  std::optional<std::string> warnedToken_;  ///< the one that onTokenPrivilegeWillExpire was about
  Config config_;
  ConnectionMachine machine_;
  std::uint64_t attempt_ = 0;  ///< of the present link or search; reports of others are stale
  std::string lastFailure_;    ///< why the last connect failed, for errors
  LinkObserver* linkObserver_ = nullptr;
  std::uint64_t downSinceMs_ = 0;  ///< of the call of login(), or of the loss of the link

  // Which server to try next (service_links.cpp).
  std::vector<net::Endpoint> told_;        ///< by a server that went away; before our own list, until the next login
  std::set<std::string> passedOver_;       ///< endpoints that had their turn in this round and were of no use
  std::string home_;                       ///< the endpoint over which the session was last seen
  unsigned homeFailures_ = 0;              ///< since then
  std::optional<LOGIN_ERR_CODE> refusal_;  ///< of a server of this round that repeating cannot mend
  std::string refusalReason_;

  // The login session with the server.
  bool haveSession_ = false;
  std::uint64_t sessionId_ = 0;
  std::string resumeToken_;
  std::uint64_t inboxEpoch_ = 0;
  std::uint64_t inboxOffset_ = 0;
  std::uint64_t serverCapabilities_ = 0;
  std::uint32_t heartbeatMs_ = 2000;
  std::uint32_t graceMs_ = 0;           ///< how long the server keeps the session without a link
  std::uint64_t sessionEndsMs_ = 0;     ///< while there is no link: when the server forgets the session
  std::uint64_t establishedMs_ = 0;     ///< when the present link logged in or resumed
  std::uint64_t outageDelayMs_ = 4000;  ///< what is left of the outage time, given how long the link was silent
  bool ackDue_ = false;
  bool established_ = false;  ///< I/O thread: the link has logged in or resumed

  // Channels, by id and by number (the outbox holds numbers).
  std::map<std::string, std::shared_ptr<Channel>, std::less<>> channels_;
  std::unordered_map<std::uint32_t, std::weak_ptr<Channel>> channelsByNumber_;
  std::uint32_t nextChannelNumber_ = 1;
  KeyedRateWindows sameChannelJoins_;  ///< under outboxMutex_, as rates_

  std::unordered_map<std::uint64_t, PendingRequest> pending_;
  struct HistorySlot {
    IHistoryEventHandler* handler = nullptr;  ///< under the delivery lock
  };
  const std::shared_ptr<HistorySlot> historySlot_ = std::make_shared<HistorySlot>();
  std::shared_ptr<CallManager> calls_;  ///< from the first getRtmCallManager to its release
  MediaTasks media_;
  const std::shared_ptr<HandedOver> handedOver_ = std::make_shared<HandedOver>();

  // What the SDK restores after a lost session (spec connection §3).
  static constexpr std::uint32_t kNeverReported = 0xffffffff;
  static constexpr std::uint32_t kReportAgain = 0xfffffffe;          ///< subscribed to once more
  std::map<std::string, std::uint32_t, std::less<>> subscriptions_;  ///< user → state last reported
  std::set<std::string, std::less<>> unsettled_;  ///< users whose (un)subscription got no answer; a resume asks again
  std::map<std::string, std::string> userAttributes_;

  struct {
    std::uint32_t queryPeers = 256;
    std::uint32_t subscribedPeers = 512;
    std::uint32_t countChannels = 32;
    std::uint32_t mediaBytes = 30 * 1024 * 1024;
    std::uint32_t mediaTasks = 9;
    wire::AttributeLimits userAttributes = wire::kSdkUserAttributes;
    wire::AttributeLimits channelAttributes = wire::kSdkChannelAttributes;
    wire::CallLimits calls = wire::kSdkCalls;
  } limits_;
  std::uint64_t nextRequestId_ = 1;
  std::vector<std::pair<OutboxEnd, std::uint32_t>> endedSends_;
  bool throttled_ = false;
  std::string scratchId_;  ///< a NUL-terminated id for handlers that run at once

  // Under outboxMutex_.
  std::mutex outboxMutex_;
  Outbox outbox_;
  std::array<RateWindow, 16> rates_;
  std::array<wire::RateLimit, 16> ratesInForce_{};
  std::uint32_t maxJoinedChannels_ = 20;
  std::uint64_t peerTimeoutMs_ = 10000;
  std::uint64_t channelTimeoutMs_ = 10000;
  std::atomic<std::uint32_t> messageBytes_{32 * 1024};  // read before the lock is taken
  std::atomic<bool> flushPosted_{false};
  std::shared_ptr<net::WriteGate> gate_;  ///< of the present link, from its first flush on
  bool deadlinesWatched_ = false;         ///< the I/O thread looks after the entries' deadlines
  std::size_t gathered_ = 0;              ///< bytes of sends since the last flush
  std::atomic<bool> gathering_{false};    ///< see gatherSends()

  std::shared_ptr<LogFile> logFile_;
  std::string logPath_;
  int logKilobytes_ = LogFile::kDefaultKilobytes;
  std::atomic<unsigned> logFilter_{agora::rtm::LOG_FILTER_INFO};

  std::unique_ptr<Connection> session_;  ///< made, used and destroyed on the I/O thread
  std::atomic<int> pauses_{0};
};

template <typename Request>
bool Service::startRequest(Request& request, RequestKind kind, PendingRequest pending, long long& requestId) {
  {
    const std::lock_guard lock(outboxMutex_);
    if (!enterRequest(request, kind, std::move(pending), requestId)) return false;
  }
  scheduleFlush();
  return true;
}

template <typename Request>
bool Service::enterRequest(Request& request, RequestKind kind, PendingRequest pending, long long& requestId) {
  request.requestId = static_cast<std::uint32_t>(nextRequestId_);
  std::uint64_t Timing::*const timeout = ruleOf(kind).timeout;
  if (!outbox_.appendRequest(request, timeout != nullptr ? steadyMs() + config_.timing.*timeout : kNoDeadline)) {
    return false;
  }
  pending.kind = kind;
  pending.id = requestId = static_cast<long long>(nextRequestId_);
  pending_.emplace(nextRequestId_++, std::move(pending));
  return true;
}

}  // namespace rtm::client
