#pragma once

// Calls of the file system that do not make a loop wait: they run on other threads (net::BlockingCalls). Loop thread
// only. A completion runs on the loop, never inside the call unless the loop has stopped, and also while the loop is
// being stopped.

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/move_function.hpp"
#include "net/loop/io_loop.hpp"

namespace rtm::server::file {

/// What the call returned (a descriptor, a number of bytes, 0), or a negative error of libuv.
using Done = MoveFunction<void(int result)>;
/// The same, and the buffer back.
using DoneWithBytes = MoveFunction<void(int result, Bytes bytes)>;

/// Runs `call`, which may block, on another thread, and then `done` on the loop.
void run(net::IoLoop& loop, MoveFunction<void()> call, MoveFunction<void()> done);
/// Makes a file that only this user may read; fails if it exists.
void create(net::IoLoop& loop, const std::string& path, Done done);
void openForReading(net::IoLoop& loop, const std::string& path, Done done);
/// Writes all of `bytes` at `offset`; the result is 0, or the error.
void write(net::IoLoop& loop, int descriptor, Bytes bytes, std::uint64_t offset, DoneWithBytes done);
/// Reads at most `size` bytes; `bytes` holds what came. 0: the file ends before `offset`.
void read(net::IoLoop& loop, int descriptor, std::size_t size, std::uint64_t offset, DoneWithBytes done);
/// Waits until the written bytes are on the disk.
void sync(net::IoLoop& loop, int descriptor, Done done);
void rename(net::IoLoop& loop, const std::string& from, const std::string& to, Done done);
void close(net::IoLoop& loop, int descriptor, Done done);
void remove(net::IoLoop& loop, const std::string& path, Done done);

/// Text of an error, for the log.
std::string errorText(int result);

}  // namespace rtm::server::file
