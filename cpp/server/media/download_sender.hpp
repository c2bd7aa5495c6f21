#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "net/loop/io_loop.hpp"

namespace rtm::server {

/// Reads a stored body piece by piece, as fast as its connection takes the pieces. Loop thread only; keeps itself alive
/// until the disk has answered.
class DownloadSender : public std::enable_shared_from_this<DownloadSender> {
 public:
  enum class Failure : std::uint8_t {
    Gone,        ///< the body was removed after the ticket was given, because its time was over
    Unreadable,  ///< the body cannot be opened
    Broken,      ///< after onDownloadReady(): the body cannot be read to its end
  };

  /// The connection.
  class Host {
   public:
    /// Whether the next piece may be read. If not, the connection calls proceed() later.
    virtual bool wantsPiece() const = 0;
    virtual void onDownloadReady() = 0;
    virtual void onPiece(ByteView bytes) = 0;
    /// There are no more bytes.
    virtual void onDownloadEnd() = 0;
    /// `why` is for the log. Either this or onDownloadEnd() is the last call.
    virtual void onDownloadFailed(const std::string& why, Failure failure) = 0;

   protected:
    ~Host() = default;
  };

  DownloadSender(net::IoLoop& loop, std::uint64_t size, std::uint64_t offset)
      : loop_(loop), size_(size), offset_(offset) {}
  ~DownloadSender();
  DownloadSender(const DownloadSender&) = delete;
  DownloadSender& operator=(const DownloadSender&) = delete;

  void start(const std::string& path, Host& host);
  void proceed();
  /// The connection is gone: it is not called any more.
  void detach();

 private:
  void onRead(int result, ByteView bytes);
  void fail(const std::string& why, Failure failure);
  void closeFile();

  net::IoLoop& loop_;
  std::uint64_t size_;
  std::uint64_t offset_;
  Host* host_ = nullptr;
  int descriptor_ = -1;
  bool busy_ = false;  ///< a file call is under way
};

}  // namespace rtm::server
