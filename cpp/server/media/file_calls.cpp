#include "server/media/file_calls.hpp"

#include <fcntl.h>
#include <uv.h>

#include <memory>
#include <utility>

namespace rtm::server::file {
namespace {

/// A call under way; frees itself.
struct Request {
  explicit Request(DoneWithBytes whenDone) : done(std::move(whenDone)) { call.data = this; }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() { uv_fs_req_cleanup(&call); }

  uv_fs_t call{};
  Bytes bytes;
  DoneWithBytes done;
};

void onDone(uv_fs_t* call) {
  const std::unique_ptr<Request> request(static_cast<Request*>(call->data));
  const auto result = static_cast<int>(call->result);
  request->done(result, std::move(request->bytes));
}

/// Starts a call. A call that cannot even start fails in the next turn of the loop.
template <typename Start>
void begin(net::IoLoop& loop, std::unique_ptr<Request> request, Start&& start) {
  const int error = start(loop.uv(), &request->call);
  if (error >= 0) {
    (void)request.release();  // onDone() owns it
    return;
  }
  loop.post([error, held = std::move(request)] { held->done(error, std::move(held->bytes)); });
}

std::unique_ptr<Request> requestFor(Done done) {
  return std::make_unique<Request>([then = std::move(done)](int result, Bytes&&) mutable { then(result); });
}

uv_buf_t bufferOf(Bytes& bytes, std::size_t from) {
  return uv_buf_init(reinterpret_cast<char*>(bytes.data() + from), static_cast<unsigned>(bytes.size() - from));
}

/// A disk may take a part only, for instance when it is nearly full.
void writeRest(net::IoLoop& loop, int descriptor, Bytes bytes, std::size_t written, std::uint64_t offset,
               DoneWithBytes done) {
  auto request = std::make_unique<Request>(nullptr);
  request->bytes = std::move(bytes);
  const std::size_t left = request->bytes.size() - written;
  const uv_buf_t buffer = bufferOf(request->bytes, written);
  request->done = [&loop, descriptor, written, left, offset, then = std::move(done)](int result, Bytes data) mutable {
    if (result < 0) return then(result, std::move(data));
    if (result == 0) return then(UV_ENOSPC, std::move(data));
    const auto more = static_cast<std::size_t>(result);
    if (more >= left) return then(0, std::move(data));
    writeRest(loop, descriptor, std::move(data), written + more, offset + more, std::move(then));
  };
  begin(loop, std::move(request), [&](uv_loop_t* uv, uv_fs_t* call) {
    return uv_fs_write(uv, call, descriptor, &buffer, 1, static_cast<std::int64_t>(offset), onDone);
  });
}

void openFile(net::IoLoop& loop, const std::string& path, int flags, Done done) {
  begin(loop, requestFor(std::move(done)), [&](uv_loop_t* uv, uv_fs_t* call) {
    return uv_fs_open(uv, call, path.c_str(), flags | O_CLOEXEC, 0600, onDone);
  });
}

}  // namespace

void run(net::IoLoop& loop, MoveFunction<void()> call, MoveFunction<void()> done) {
  struct Work {
    uv_work_t request{};
    MoveFunction<void()> call, done;
  };
  auto work = std::make_unique<Work>();
  work->call = std::move(call);
  work->done = std::move(done);
  work->request.data = work.get();
  const auto onThread = [](uv_work_t* request) { static_cast<Work*>(request->data)->call(); };
  const auto onLoop = [](uv_work_t* request, int) {
    const std::unique_ptr<Work> ended(static_cast<Work*>(request->data));
    ended->done();
  };
  uv_queue_work(loop.uv(), &work.release()->request, onThread, onLoop);  // fails only without a function
}

void create(net::IoLoop& loop, const std::string& path, Done done) {
  openFile(loop, path, O_WRONLY | O_CREAT | O_EXCL, std::move(done));
}

void openForReading(net::IoLoop& loop, const std::string& path, Done done) {
  openFile(loop, path, O_RDONLY, std::move(done));
}

void write(net::IoLoop& loop, int descriptor, Bytes bytes, std::uint64_t offset, DoneWithBytes done) {
  writeRest(loop, descriptor, std::move(bytes), 0, offset, std::move(done));
}

void read(net::IoLoop& loop, int descriptor, std::size_t size, std::uint64_t offset, DoneWithBytes done) {
  auto request = std::make_unique<Request>([then = std::move(done)](int result, Bytes bytes) mutable {
    bytes.resize(result > 0 ? static_cast<std::size_t>(result) : 0);
    then(result, std::move(bytes));
  });
  request->bytes.resize(size);
  const uv_buf_t buffer = bufferOf(request->bytes, 0);
  begin(loop, std::move(request), [&](uv_loop_t* uv, uv_fs_t* call) {
    return uv_fs_read(uv, call, descriptor, &buffer, 1, static_cast<std::int64_t>(offset), onDone);
  });
}

void sync(net::IoLoop& loop, int descriptor, Done done) {
  begin(loop, requestFor(std::move(done)),
        [&](uv_loop_t* uv, uv_fs_t* call) { return uv_fs_fsync(uv, call, descriptor, onDone); });
}

void rename(net::IoLoop& loop, const std::string& from, const std::string& to, Done done) {
  begin(loop, requestFor(std::move(done)),
        [&](uv_loop_t* uv, uv_fs_t* call) { return uv_fs_rename(uv, call, from.c_str(), to.c_str(), onDone); });
}

void close(net::IoLoop& loop, int descriptor, Done done) {
  begin(loop, requestFor(std::move(done)),
        [&](uv_loop_t* uv, uv_fs_t* call) { return uv_fs_close(uv, call, descriptor, onDone); });
}

void remove(net::IoLoop& loop, const std::string& path, Done done) {
  begin(loop, requestFor(std::move(done)),
        [&](uv_loop_t* uv, uv_fs_t* call) { return uv_fs_unlink(uv, call, path.c_str(), onDone); });
}

std::string errorText(int result) {
  return uv_strerror(result);
}

}  // namespace rtm::server::file
