#include "server/media/file_calls.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "base/file_io.hpp"
#include "net/loop/blocking_calls.hpp"

namespace rtm::server::file {
namespace {

/// Runs a call that returns a result and needs no buffer.
template <typename Call>
void begin(net::IoLoop& loop, Call call, Done done) {
  const auto result = std::make_shared<int>(0);
  run(
      loop, [result, call = std::move(call)] { *result = static_cast<int>(call()); },
      [result, then = std::move(done)]() mutable { then(*result); });
}

struct BufferedCall {
  Bytes bytes;
  int result = 0;
};

/// The same with a buffer, which the call may change.
template <typename Call>
void beginWithBytes(net::IoLoop& loop, Bytes bytes, Call call, DoneWithBytes done) {
  const auto work = std::make_shared<BufferedCall>();
  work->bytes = std::move(bytes);
  run(
      loop, [work, call = std::move(call)] { work->result = static_cast<int>(call(work->bytes)); },
      [work, then = std::move(done)]() mutable { then(work->result, std::move(work->bytes)); });
}

void openFile(net::IoLoop& loop, const std::string& path, int flags, Done done) {
  begin(
      loop, [path, flags] { return outcomeOf(::open(path.c_str(), flags | O_CLOEXEC, 0600)); }, std::move(done));
}

}  // namespace

void run(net::IoLoop& loop, MoveFunction<void()> call, MoveFunction<void()> done) {
  loop.local<net::BlockingCalls>().run(std::move(call), std::move(done));
}

void create(net::IoLoop& loop, const std::string& path, Done done) {
  openFile(loop, path, O_WRONLY | O_CREAT | O_EXCL, std::move(done));
}

void openForReading(net::IoLoop& loop, const std::string& path, Done done) {
  openFile(loop, path, O_RDONLY, std::move(done));
}

void write(net::IoLoop& loop, int descriptor, Bytes bytes, std::uint64_t offset, DoneWithBytes done) {
  beginWithBytes(
      loop, std::move(bytes), [descriptor, offset](const Bytes& whole) { return writeAll(descriptor, whole, offset); },
      std::move(done));
}

void read(net::IoLoop& loop, int descriptor, std::size_t size, std::uint64_t offset, DoneWithBytes done) {
  const auto readInto = [descriptor, size, offset](Bytes& bytes) {
    bytes.resize(size);
    const std::int64_t result = outcomeOf(::pread(descriptor, bytes.data(), size, static_cast<off_t>(offset)));
    bytes.resize(result > 0 ? static_cast<std::size_t>(result) : 0);
    return result;
  };
  beginWithBytes(loop, {}, readInto, std::move(done));
}

void sync(net::IoLoop& loop, int descriptor, Done done) {
  begin(
      loop, [descriptor] { return outcomeOf(::fsync(descriptor)); }, std::move(done));
}

void rename(net::IoLoop& loop, const std::string& from, const std::string& to, Done done) {
  begin(
      loop, [from, to] { return outcomeOf(std::rename(from.c_str(), to.c_str())); }, std::move(done));
}

void close(net::IoLoop& loop, int descriptor, Done done) {
  begin(
      loop, [descriptor] { return outcomeOf(::close(descriptor)); }, std::move(done));
}

void remove(net::IoLoop& loop, const std::string& path, Done done) {
  begin(
      loop, [path] { return outcomeOf(::unlink(path.c_str())); }, std::move(done));
}

std::string errorText(int result) {
  return uv_strerror(result);
}

}  // namespace rtm::server::file
