#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/sha256.hpp"
#include "client/connection/connection.hpp"
#include "client/media/image_size.hpp"
#include "client/media/media_file.hpp"
#include "client/media/media_task.hpp"
#include "net/connect/connector.hpp"
#include "net/link/link.hpp"
#include "net/loop/timer.hpp"

namespace rtm::client {

/// An upload or a download, as its task starts it.
struct MediaJob {
  MediaDirection direction{};
  std::uint64_t size = 0;  ///< of an upload
  bool image = false;      ///< of an upload: find out the size in pixels
  UniqueFd file;           ///< of an upload, open for reading
  FileStamp stamp;
  std::string path;     ///< of a download to a file; empty: a download to memory
  std::string mediaId;  ///< of a download
};

/// The result of a transfer.
struct MediaBody {
  Bytes memory;     ///< of a download to memory
  ImageSize image;  ///< of an upload
};

/// The way of a transfer to its server.
struct MediaRoute {
  Connection::Target target;
  std::uint32_t areaMask = 0;
  Bytes ticket;
  std::uint64_t size = 0;  ///< of the whole body
};

/// The network and the file of one upload or download, on the I/O thread. It connects, says hello, shows the ticket,
/// moves pieces with back-pressure on both ends, and keeps the checksum. MediaTask decides what happens next, through
/// Owner.
class MediaTransfer final : private net::LinkObserver {
 public:
  /// All calls on the I/O thread. The owner must not destroy the transfer inside them.
  class Owner {
   public:
    /// Returns the effects of the task; none if the task has ended.
    virtual MediaEffects onMediaEvent(long long id, const MediaEvent& event) = 0;
    /// Before the BodyEnd of an upload, before the Published of a download to memory.
    virtual void onMediaBody(long long id, MediaBody body) = 0;
    virtual void onMediaLog(long long id, LogLevel level, const std::string& line) = 0;

   protected:
    ~Owner() = default;
  };

  MediaTransfer(net::IoLoop& loop, Owner& owner, long long id, MediaJob job);
  /// Closes the connection and the file, and removes a file that is not complete.
  ~MediaTransfer();
  MediaTransfer(const MediaTransfer&) = delete;
  MediaTransfer& operator=(const MediaTransfer&) = delete;

  void connect(std::uint64_t delayMs, MediaRoute route);
  void closeLink();

 private:
  bool onFrame(wire::FrameKind kind, ByteView body) override;
  void onBatchEnd() override;
  void onDrained() override;
  void onLinkEnd(const net::LinkEnd& end) override;

  void report(const MediaEvent& event);
  void fail(const std::string& why);
  void linkLost(const std::string& why, std::uint64_t delayMs = 0);
  void refused(const std::string& why, int code);
  void run(const MediaEffects& effects);
  void connectAfter(std::uint64_t delayMs);
  void search();
  void linkUp(net::LinkHandle link);
  bool onHelloOk(const wire::HelloOk& hello);
  bool onBye(const wire::Bye& bye);
  void open(std::uint64_t offset);
  void move(std::uint64_t offset);
  void sample();

  // Upload (media_upload.cpp).
  void pump();
  void readNext();
  void onPiece(std::uint64_t offset, std::int64_t outcome, ByteView bytes);
  void checkFile();
  void sendEnd();

  // Download (media_download.cpp).
  void prepareFile();
  bool onData(ByteView bytes);
  bool onEnd(const wire::MediaEnd& end);
  void writeNext();
  void publish();

  net::IoLoop& loop_;
  Owner& owner_;
  const long long id_;
  MediaJob job_;
  MediaRoute route_;
  MediaFile file_;
  std::unique_ptr<net::Connector> connector_;
  net::LinkHandle link_;
  net::Timer connectTimer_;
  net::Timer sampleTimer_;
  bool moving_ = false;
  std::uint64_t sampled_ = 0;  ///< the last position that the task got
  struct {
    Sha256 hash;
    std::uint64_t bytes = 0;  ///< bytes of the body that `hash` contains, from the beginning
  } checksum_;
  struct {
    Bytes head;                ///< the first bytes of an image
    Bytes piece;               ///< the last bytes from the file
    std::size_t pieceAt = 0;   ///< bytes of `piece` that the link has taken
    std::uint64_t readAt = 0;  ///< position in the file of the next read
    std::uint64_t sent = 0;    ///< position in the body up to which the link has taken it
    bool reading = false;
    bool checking = false;
    bool endSent = false;
    std::optional<Sha256::Digest> digest;
  } upload_;
  enum class FileState : std::uint8_t { None, Making, Ready };
  struct {
    FileState fileState = FileState::None;
    std::uint64_t received = 0;
    Bytes pending;  ///< to memory: the body. To a file: bytes that wait for the disk
    bool writing = false;
    bool paused = false;
    bool publishing = false;
    bool failed = false;  ///< the transfer has failed, and its file is being removed
  } download_;
};

}  // namespace rtm::client
