#pragma once

#include <cstdint>
#include <vector>

#include "client/api/media_codes.hpp"
#include "client/api/media_direction.hpp"

namespace rtm::client {

/// Ends of a transfer: the numbers that UploadCode and DownloadCode share. 4 is SizeOverflow of an upload and NotExist
/// of a download; only a server gives it.
namespace media_code {
inline constexpr int kOk = static_cast<int>(UploadCode::Ok);
inline constexpr int kFailure = static_cast<int>(UploadCode::Failure);
inline constexpr int kTimeout = static_cast<int>(UploadCode::Timeout);
inline constexpr int kInterrupted = static_cast<int>(UploadCode::Interrupted);
}  // namespace media_code

enum class MediaInput : std::uint8_t {
  Ticket,       ///< the server's answer: code, size
  LinkUp,       ///< the media connection is made, and its server may be used
  LinkLost,     ///< the media connection ended or could not be made; delayMs: the earliest time for the next one
  Opened,       ///< the server's answer on the media connection: offset, size
  Refused,      ///< the server does not accept this ticket: code
  Moved,        ///< offset: the number of bytes of the body that have been moved
  BodyEnd,      ///< upload: the whole body and its checksum are sent. Download: the body is here, its checksum correct
  Stored,       ///< upload: the server has stored the body, or refused it: code
  Published,    ///< download: the body is at its target (code 0), or cannot be written there
  Failed,       ///< an operation of this client failed: code
  Interrupted,  ///< cancel, logout, ABORTED
  SessionLost,  ///< the login session has no connection
  SessionBack,  ///< the login session has a connection again
  SessionNew,   ///< a new session took the place of the lost one: its tickets are void
  Tick,
};

struct MediaEvent {
  MediaInput input{};
  int code = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t delayMs = 0;
};

enum class MediaAction : std::uint8_t {
  Ask,        ///< ask for a ticket, on the session's connection
  Connect,    ///< after `value` ms; a present link or search ends
  Open,       ///< show the ticket; `value`: bytes that a download has received
  Move,       ///< move the body from position `value` on
  CloseLink,  ///< close the link, or end a search
  Publish,    ///< download: write the body to its target
  Progress,   ///< tell the user, at the start, once a second while bytes move, and at the end; `value`: bytes moved
  End,        ///< tell the user, and forget the task; `code`
};

struct MediaEffect {
  MediaAction action{};
  std::uint64_t value = 0;
  int code = 0;
  bool operator==(const MediaEffect&) const = default;
};
using MediaEffects = std::vector<MediaEffect>;

/// Times of a task, in ms.
struct MediaTimes {
  std::uint64_t idle = 120000;  ///< after this time without a byte the task ends with TIMEOUT (docs/spec/limits.md §7)
  std::uint64_t progress = 1000;  ///< between two progress callbacks
};

/// One upload or download as a table: inputs in, effects out. It owns no socket, no file and no clock
/// (docs/spec/semantics.md §8, docs/spec/connection.md §1). An input that does not fit the phase comes from a
/// connection or operation that was given up, and changes nothing.
class MediaTask {
 public:
  enum class Phase : std::uint8_t {
    Asking,      ///< asking for a ticket
    Connecting,  ///< looking for the server, or waiting before the next search or for the session's connection
    Opening,
    Moving,
    Ending,  ///< upload: waiting for the server's answer. Download: writing the body
    Done,
  };

  /// Starts in Asking: the request for the first ticket has been sent. `size`: of an upload; 0 of a download, whose
  /// ticket names it.
  MediaTask(MediaDirection direction, std::uint64_t size, std::uint64_t maxSize, MediaTimes times, std::uint64_t now);

  /// `random` in [0, 1) spreads the waits before reconnects.
  MediaEffects on(const MediaEvent& event, std::uint64_t now, double random);

  Phase phase() const { return phase_; }
  MediaDirection direction() const { return direction_; }
  std::uint64_t size() const { return size_; }

 private:
  MediaEffects onTicket(const MediaEvent& event);
  MediaEffects onOpened(const MediaEvent& event, std::uint64_t now);
  MediaEffects onRefused(int code);
  MediaEffects onBodyEnd();
  MediaEffects onSessionNew();
  MediaEffects onTick(std::uint64_t now, double random);
  MediaEffects connectAgain(std::uint64_t notBeforeMs, double random);
  MediaEffects end(int code);
  bool uploading() const { return direction_ == MediaDirection::Upload; }
  bool needsLink() const;

  MediaDirection direction_;
  Phase phase_ = Phase::Asking;
  MediaTimes times_;
  std::uint64_t size_;
  std::uint64_t maxSize_;
  std::uint64_t moved_ = 0;     ///< the furthest position of the body, on any connection
  std::uint64_t reported_ = 0;  ///< in the last progress
  std::uint64_t movedAt_;
  std::uint64_t reportedAt_;
  std::uint64_t phaseAt_;
  std::uint32_t failures_ = 0;  ///< connections lost since a byte moved
  bool sessionUp_ = true;
  bool waitsForSession_ = false;
  bool begun_ = false;      ///< the user was told that the transfer has begun
  bool askedAnew_ = false;  ///< has asked for another ticket, because one was refused
};

}  // namespace rtm::client
