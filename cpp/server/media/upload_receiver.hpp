#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "net/loop/io_loop.hpp"
#include "server/governor/security_log.hpp"
#include "server/media/media_transfers.hpp"

namespace rtm::server {

/// Takes the body of an upload from its connection to the disk: hashes and writes it, and at the end checks it, moves
/// the file to its place and has it listed. Loop thread only; at most 256 KiB, and one frame, wait for the disk.
///
/// It keeps itself alive until the disk has answered, and gives the transfer back to MediaTransfers by itself: when the
/// bytes that came are written (the connection broke), or when it is over.
class UploadReceiver : public std::enable_shared_from_this<UploadReceiver> {
 public:
  /// The connection.
  class Host {
   public:
    /// Bytes may come now, from `offset` on. Not inside start().
    virtual void onUploadReady(std::uint64_t offset) = 0;
    /// congested() is false; it may not have been so before.
    virtual void onUploadRoom() = 0;
    /// `code`: UPLOAD_MEDIA_ERR_CODE; 0: the body is stored. The last call. `ready`: onUploadReady() has been called.
    virtual void onUploadEnd(std::uint32_t code, bool ready) = 0;
    /// With its port, for the log.
    virtual std::string clientAddress() const = 0;

   protected:
    ~Host() = default;
  };

  UploadReceiver(ServerContext& context, net::IoLoop& loop, MediaTransfers& transfers, const MediaTicketKey& ticket,
                 const MediaAddress& address, MediaGrant grant);

  void start(Host& host);
  /// The next bytes. False: more than was announced, and none was taken.
  bool append(ByteView bytes);
  /// The client says that all bytes have come, and that this is their checksum.
  void finish(const MediaDigest& expected);
  /// The connection is gone. The bytes that came are kept; an end that has begun goes on.
  void detach();
  /// The connection is gone and the ticket with it: nothing is kept.
  void abandon();

  bool congested() const { return buffered() >= kMostBuffered; }
  /// Bytes in memory that are not on the disk.
  std::size_t buffered() const { return disk_.pending.size() + disk_.writing; }

 private:
  /// Above this the connection is not read.
  static constexpr std::size_t kMostBuffered = std::size_t{256} * 1024;

  void proceed();
  void writePending();
  void verify();
  void sync();
  void close();
  void moveIntoPlace();
  void syncFolder();
  void commit();
  void onStored();
  /// True if a step failed or the upload was abandoned; then the upload is over.
  bool failed(int result, const char* what);
  /// The disk, or a store, has failed: for an operator to repair.
  void fail(const std::string& why);
  /// What a client can bring about as often as it likes: no error, and few lines.
  void failByClient(SecurityEvent event, const std::string& why);
  /// From now on nothing is stored. False if that is so already: what fails now is only a consequence.
  bool breakOff();
  std::string failureText(const std::string& why) const;
  void end(std::uint32_t code);

  struct Progress {
    Bytes pending;            ///< came while the disk was busy
    std::size_t writing = 0;  ///< bytes that the disk is busy with
    std::uint64_t written = 0;
  };

  ServerContext& context_;
  net::IoLoop& loop_;
  MediaTransfers& transfers_;
  MediaTicketKey ticket_;
  MediaAddress address_;
  std::uint64_t size_;
  std::unique_ptr<UploadBody> body_;
  Host* host_ = nullptr;
  Progress disk_;
  std::uint64_t lastByteMs_;
  std::optional<MediaDigest> expected_;  ///< set by finish()
  bool ready_ = false;
  bool busy_ = false;    ///< a file call or the commit is under way
  bool broken_ = false;  ///< it will not be stored
  bool over_ = false;
};

}  // namespace rtm::server
