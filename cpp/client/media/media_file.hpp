#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/move_function.hpp"
#include "client/media/unique_fd.hpp"
#include "net/loop/io_loop.hpp"

namespace rtm::client {

/// Numbers that change when a file changes.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modifiedSeconds = 0;
  std::int64_t modifiedNanoseconds = 0;
  std::uint64_t links = 1;  ///< 0: the file was removed
};

/// A file whose operations run beside the I/O loop, so that a slow disk does not stop other links. Loop thread only;
/// one operation at a time. An outcome is at least 0 on success, else a negative libuv error. Outcomes come on the loop
/// and never after destruction. Destruction closes the file, and removes a temporary file, once the operation under way
/// is done.
class MediaFile {
 public:
  using Done = MoveFunction<void(std::int64_t outcome)>;

  explicit MediaFile(net::IoLoop& loop);
  ~MediaFile();
  MediaFile(const MediaFile&) = delete;
  MediaFile& operator=(const MediaFile&) = delete;

  /// Takes over a file that is open for reading.
  void adopt(UniqueFd file);
  /// Reads up to `size` bytes at `offset`; 0 bytes: the end of the file. `bytes` lives until `done` returns.
  void read(std::uint64_t offset, std::size_t size, MoveFunction<void(std::int64_t outcome, ByteView bytes)> done);
  void stamp(MoveFunction<void(std::int64_t outcome, const FileStamp& stamp)> done);

  /// Makes a new temporary file.
  void createTemporary(std::string path, Done done);
  /// Writes all of `bytes` at the end of the file.
  void append(Bytes bytes, Done done);
  /// Syncs the temporary file to the disk, closes it and renames it to `path`, which replaces a file of this name.
  void publish(std::string path, Done done);
  /// Removes the temporary file, if there is one, before `done`: a program that gets the failure finds no file. While
  /// another operation is under way, `done` comes at once, and the destructor removes the file.
  void discard(Done done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// The name of the temporary file of a download to `path`: a unique name in the same folder.
std::string temporaryPathFor(const std::string& path);

}  // namespace rtm::client
