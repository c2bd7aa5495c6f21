#pragma once

// What the Node binding needs of the client besides the drop-in surface. Not public.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "IAgoraRtmCallManager.h"
#include "IAgoraRtmService.h"
#include "base/bytes.hpp"
#include "base/log.hpp"

namespace rtm::client {

/// Where the event handlers of a service run.
enum class Dispatch {
  Strand,  ///< on a pool thread, one after another: what createRtmService() gives to C++ programs
  Direct,  ///< on the I/O thread, while the service is locked: a handler must copy what it needs, return at once, and
           ///< never call the SDK (it would deadlock). For the binding, whose handlers only fill a mailbox.
};

/// As createRtmService(), with a choice of dispatch. Null if the process' I/O thread cannot be started.
agora::rtm::IRtmService* createService(Dispatch dispatch);

/// Stops (resumes) taking messages from the network for a service, so that its server sees a slow reader instead of
/// this process an unbounded queue. Counted per service, idempotent. Any thread, but not from within a handler that is
/// dispatched Direct, unless `service` is the one the handler belongs to.
void pauseDelivery(agora::rtm::IRtmService& service);
void resumeDelivery(agora::rtm::IRtmService& service);

/// From now on sends gather until flushSends(), or until kGatherBytes of them wait: for a caller that knows when its
/// burst is over, so that the I/O thread is not woken, and does not ask for the outbox's lock, in the middle of it.
/// Requests take what has gathered along, and so do logout() and release(). Before login().
void gatherSends(agora::rtm::IRtmService& service);
/// As much as a link encrypts in one go. With 32 KiB the I/O thread worked on the first sends of a burst of 512 during
/// the rest, and each of those took two to three times as long, for the outbox's lock and memory.
inline constexpr std::size_t kGatherBytes = std::size_t{256} * 1024;
/// Lets what has gathered go. Any thread, but not from within a handler that is dispatched Direct. `alone`: a few
/// messages on an idle connection are written by this thread, which a caller that has other services to flush had
/// better not do.
void flushSends(agora::rtm::IRtmService& service, bool alone);

/// Returns when the goodbyes of all services released so far have left this process, or at once when the I/O thread
/// never ran or has ended. Not on the I/O thread. For the end of a process, which would else cut them short.
void awaitGoodbyes();

/// Something to be done once when the I/O thread has handled everything that it found at its last look at its sockets.
class TurnEnd {
 public:
  virtual void onTurnEnd() = 0;

 protected:
  ~TurnEnd() = default;
};
/// Calls `todo` at the end of the present turn of the I/O thread, and holds it until then; to be given once a turn.
/// False, and nothing happens, on any other thread.
bool callAtTurnEnd(std::shared_ptr<TurnEnd> todo);

/// What a service tells beside the drop-in callbacks. Called like a handler of its dispatch (so, Direct: copy, return,
/// do not call back), and not after release().
class LinkObserver {
 public:
  enum class How {
    Login,    ///< the answer to login(); onLoginSuccess follows
    Resume,   ///< a lost link is back, with the session that it had
    NewLogin  ///< a lost link is back, but the server had forgotten the session: it was restored
  };
  struct Established {
    How how;
    bool complete;            ///< of a resume: no peer message was lost
    std::uint64_t tookMs;     ///< since the call of login(), or since the link was lost
    std::string_view server;  ///< "127.0.0.1:9136", or "chat.example:9136 at 127.0.0.1:9136"
  };
  virtual void onEstablished(const Established& established) = 0;

 protected:
  ~LinkObserver() = default;
};
/// `observer` null: none. Set before login(); must live until release().
void observeLink(agora::rtm::IRtmService& service, LinkObserver* observer);

/// Why there is no connection, in words: of the last login the reason of its failure, or what its attempts have met so
/// far; of a lost link, why it was lost. Several lines if several addresses were tried; empty if all was well. Never
/// holds a token. Any thread, but not from within a handler that is dispatched Direct.
std::string lastFailure(agora::rtm::IRtmService& service);

/// CAs to trust besides the system's for all services created later (Node hands over its own list). PEM.
void setExtraCertificateAuthorities(std::string pem);

/// A copy of every line that goes to a service's log file, for the debug log of the host. Null: none.
void setLogObserver(LogSink sink);

/// The content of a message without copies. Views live as long as the message (in a handler: until it returns).
struct MessageView {
  long long messageId = 0;
  agora::rtm::MESSAGE_TYPE type = agora::rtm::MESSAGE_TYPE_UNDEFINED;
  std::string_view text;
  ByteView raw;
  long long serverReceivedTs = 0;
  bool offline = false;
};
MessageView viewOf(const agora::rtm::IMessage& message);

/// A message that borrows its content, for sending without building an SDK object. `text` must be followed by a NUL
/// (which does not count), since getText() is a C string; it may contain further NULs.
class BorrowedMessage final : public agora::rtm::IMessage {
 public:
  BorrowedMessage(long long messageId, agora::rtm::MESSAGE_TYPE type, std::string_view text, ByteView raw)
      : view_{messageId, type, text, raw, 0, false} {}
  ~BorrowedMessage() override = default;

  long long getMessageId() const override { return view_.messageId; }
  agora::rtm::MESSAGE_TYPE getMessageType() const override { return view_.type; }
  void setText(const char*) override {}  // borrowed content is fixed
  const char* getText() const override { return view_.text.data() != nullptr ? view_.text.data() : ""; }
  const char* getRawMessageData() const override { return reinterpret_cast<const char*>(view_.raw.data()); }
  int getRawMessageLength() const override { return static_cast<int>(view_.raw.size()); }
  long long getServerReceivedTs() const override { return 0; }
  bool isOfflineMessage() const override { return false; }
  void release() override {}  // the owner's stack frees it
  const MessageView& view() const { return view_; }

 private:
  MessageView view_;
};

/// A hold on a callee's invitation, as a handler was given it: it lives as long as the hold, and its address means no
/// other invitation until then. Calls with it are answered as ever; after its end, and that of its manager, as well.
std::shared_ptr<agora::rtm::IRemoteCallInvitation> holdInvitation(agora::rtm::IRemoteCallInvitation& invitation);

/// The next message id: positive, ascending, unique in this process and very likely beyond it, below 2^53 so that
/// every language holds it exactly. Any thread. With `count` the first of as many ids that follow each other.
long long nextMessageId(int count = 1);

}  // namespace rtm::client
