#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/move_function.hpp"
#include "client/media/unique_fd.hpp"
#include "net/loop/io_loop.hpp"

namespace rtm::client {

/// What tells that a file is still the one that was opened.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modifiedSeconds = 0;
  std::int64_t modifiedNanoseconds = 0;
  std::uint64_t links = 1;  ///< 0: it was removed
};

/// A file whose operations run beside the I/O loop, so that a slow disk stops nobody else's link. Loop thread only; one
/// operation at a time. An outcome is at least 0 on success, else a libuv error (negative). Outcomes come on the loop
/// and never after destruction, which closes the file and removes it if it is a temporary one, as soon as the operation
/// under way is done.
class MediaFile {
 public:
  using Done = MoveFunction<void(std::int64_t outcome)>;

  explicit MediaFile(net::IoLoop& loop);
  ~MediaFile();
  MediaFile(const MediaFile&) = delete;
  MediaFile& operator=(const MediaFile&) = delete;

  /// Takes over a file that was opened for reading.
  void adopt(UniqueFd file);
  /// Up to `size` bytes at `offset`; 0 bytes: the end. `bytes` lives until `done` returns.
  void read(std::uint64_t offset, std::size_t size, MoveFunction<void(std::int64_t outcome, ByteView bytes)> done);
  void stamp(MoveFunction<void(std::int64_t outcome, const FileStamp& stamp)> done);

  /// Makes a new temporary file.
  void createTemporary(std::string path, Done done);
  /// Writes all of `bytes` behind what was written before.
  void append(Bytes bytes, Done done);
  /// Brings the temporary file to the disk, closes it, and gives it its final name, in the place of what had it.
  void publish(std::string path, Done done);
  /// Removes the temporary file, if there is one, before `done`, so that who hears of a failure finds nothing left.
  /// While another operation is under way `done` comes at once, and the file goes with this object.
  void discard(Done done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Where a download to `path` is written until it is whole: a name of its own in the same folder.
std::string temporaryPathFor(const std::string& path);

}  // namespace rtm::client
