#pragma once

// What this SDK can do beyond the 1.5.0 surface, whose headers stay as they are. Reached from a service that
// createRtmService() made; belongs to that service and ends with its release().

#include <string_view>

#include "IAgoraRtmService.h"
#include "sdk/own_codes.hpp"

namespace rtm::sdk {

/// A lost link that is back. Pointers live until the handler returns.
struct Reconnection {
  bool resumed = false;  ///< the session goes on; false: the server had forgotten it, and the client has restored it
  long long lostForMs = 0;
  bool peerMissed = false;                  ///< messages of peers were lost, or may have been
  const char* const* channelIds = nullptr;  ///< the same, of these channels
  int channelCount = 0;
};

class IConnectionEventHandler {
 public:
  virtual ~IConnectionEventHandler() = default;
  /// Also after an interruption that was too short for onConnectionStateChanged; otherwise before that callback, and
  /// before the messages that came meanwhile.
  virtual void onReconnected(const Reconnection& reconnection) = 0;
};

/// What became of a lost link. Any thread; the handler runs where the other handlers of the service run.
class IConnection {
 public:
  /// Null: none. No event reaches the former handler after return, unless this is called from it.
  virtual void setConnectionHandler(IConnectionEventHandler* handler) = 0;

 protected:
  ~IConnection() = default;
};

/// The connection of a service that this SDK made.
IConnection& connectionOf(agora::rtm::IRtmService& service);

/// Messages that expire. Any thread; results come to the handlers of the service and the channel, as of every message.
class IExpiry {
 public:
  /// When the time is over, a message that has not left never leaves (PEER_MESSAGE_ERR_SENT_TIMEOUT), and the server
  /// neither stores it nor hands it to anybody (PEER_MESSAGE_ERR_FAILURE). `expiresInMs`: from now, 1 to 604,800,000 (7
  /// days); for another value PEER_MESSAGE_ERR_INVALID_MESSAGE, and a line in the log.
  virtual int sendToPeer(const char* peerId, const agora::rtm::IMessage* message,
                         const agora::rtm::SendMessageOptions& options, long long expiresInMs) = 0;
  /// To a channel of this service. A member whose link comes back after the time does not get it.
  virtual int sendToChannel(agora::rtm::IChannel& channel, const agora::rtm::IMessage* message,
                            const agora::rtm::SendMessageOptions& options, long long expiresInMs) = 0;

 protected:
  ~IExpiry() = default;
};

/// The sending of messages that expire, of a service that this SDK made.
IExpiry& expiryOf(agora::rtm::IRtmService& service);

/// Which messages are asked for. At least one of `source` and `destination` is given; a user sees what it sent or
/// received itself and the channels it is in, or everything where the server is open.
struct HistoryQuery {
  const char* source = nullptr;       ///< a user; null or empty: anybody
  const char* destination = nullptr;  ///< a user or a channel; null or empty: any
  long long startMs = 0;              ///< server time, ms since 1970 UTC; inclusive
  long long endMs = 0;                ///< inclusive, not before startMs
  unsigned offset = 0;                ///< messages to skip
  unsigned limit = 20;      ///< most messages in the answer, 1 to 100; a server may send fewer (a frame is full)
  bool descending = false;  ///< newest first
  bool countOnly = false;   ///< no messages, only how many there are
};

/// One message of the past. Views live until the handler returns.
struct HistoryMessage {
  const char* source = "";
  const char* destination = "";
  bool channel = false;  ///< `destination` is a channel
  long long serverReceivedTs = 0;
  std::string_view text;
};

class IHistoryEventHandler {
 public:
  virtual ~IHistoryEventHandler() = default;
  /// `total`: all matches, before offset and limit. After an error: no messages, total 0.
  virtual void onHistoryQueryResult(long long requestId, const HistoryMessage* messages, int messageCount,
                                    unsigned total, HISTORY_ERR_CODE errorCode) = 0;
};

/// Text messages that were sent with `enableHistoricalMessaging` (docs/spec/semantics.md §2). Any thread; the handler
/// runs where the other handlers of the service run.
class IHistory {
 public:
  /// Null: none. No event reaches the former handler after return, unless this is called from it.
  virtual void setHistoryHandler(IHistoryEventHandler* handler) = 0;
  /// 0, and the outcome comes by the handler; or a HISTORY_ERR_CODE, and none comes. During an outage the query waits.
  virtual int queryHistory(const HistoryQuery& query, long long& requestId) = 0;

 protected:
  ~IHistory() = default;
};

/// The history of a service that this SDK made.
IHistory& historyOf(agora::rtm::IRtmService& service);

}  // namespace rtm::sdk
