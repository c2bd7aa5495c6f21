#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "client/client_lock.hpp"
#include "client/config.hpp"
#include "client/media/media_task.hpp"
#include "client/media/media_transfer.hpp"

namespace rtm::client {

/// The end of a task, for the user.
struct MediaOutcome {
  long long id = 0;
  MediaDirection direction{};
  int code = 0;
  bool image = false;   ///< upload
  bool toFile = false;  ///< download
  std::uint64_t size = 0;
  std::string mediaId;
  MediaBody body;
};

/// The uploads and downloads of one client. Each has a MediaTask, under the client lock, and a MediaTransfer, on the
/// I/O thread. The effects of a task that concern its transfer reach the transfer by a post, or directly if the
/// transfer itself gave the input.
class MediaTasks final : private MediaTransfer::Owner {
 public:
  /// The part of the client that the tasks use. The client lock is held, unless a comment says otherwise.
  class Owner {
   public:
    virtual ClientLock& lock() = 0;  ///< the client lock
    /// Asks the server for a ticket. Returns the request id, or 0 if the outbox has no room.
    virtual long long askForTicket(const MediaJob& job, long long task) = 0;
    /// No task needs the answer any more.
    virtual void forgetTicket(long long requestId) = 0;
    /// Runs `work` on the I/O thread, without the lock. Drops `work` after the release of the client.
    virtual void onThread(MoveFunction<void(Connection&)> work) = 0;
    virtual void onProgress(long long id, MediaDirection direction, std::uint64_t size, std::uint64_t moved) = 0;
    virtual void onEnded(MediaOutcome outcome) = 0;
    virtual void log(LogLevel level, const std::string& line) = 0;
    virtual std::uint64_t nowMs() const = 0;
    virtual double random() const = 0;

   protected:
    ~Owner() = default;
  };

  MediaTasks(net::IoLoop& loop, Owner& owner) : loop_(loop), owner_(owner) {}

  // With the client lock.

  std::size_t size() const { return tasks_.size(); }
  /// Starts a task. Its id is the request id; 0: the outbox has no room.
  long long start(MediaJob job, std::uint64_t maxSize, const Timing& timing);
  bool has(long long id, MediaDirection direction) const;
  /// Ends a task, or all of them, with INTERRUPTED.
  void interrupt(long long id);
  void interruptAll();
  void onTicket(long long id, int code, std::string_view mediaId, ByteView ticket, std::uint64_t size);
  void onSession(MediaInput input);
  /// Gives each task the time. Returns whether a task is left.
  bool tick();
  /// At the release of the client: forgets the tasks without an event.
  void forgetAll() { tasks_.clear(); }

  /// I/O thread, without the lock.
  void dropTransfers() { transfers_.clear(); }

 private:
  struct Entry {
    MediaTask task;
    MediaJob job;  ///< until the transfer takes it
    bool image = false;
    bool toFile = false;
    bool handedOver = false;
    long long ticketRequest = 0;
    std::string mediaId;
    Bytes ticket;
    MediaBody body;
  };

  // MediaTransfer::Owner, on the I/O thread. Each call takes the lock.
  MediaEffects onMediaEvent(long long id, const MediaEvent& event) override;
  void onMediaBody(long long id, MediaBody body) override;
  void onMediaLog(long long id, LogLevel level, const std::string& line) override;

  /// Gives an input to a task and does the effects that concern the client. The caller brings the effects to the
  /// transfer.
  MediaEffects feed(long long id, const MediaEvent& event);
  /// The same, and posts the other effects to the transfer.
  void feedFromOutside(long long id, const MediaEvent& event);
  void connect(Entry& entry, long long id, std::uint64_t delayMs);
  void end(long long id, int code);

  net::IoLoop& loop_;
  Owner& owner_;
  std::map<long long, Entry> tasks_;                               ///< under the lock
  std::map<long long, std::unique_ptr<MediaTransfer>> transfers_;  ///< I/O thread
};

}  // namespace rtm::client
