#include "client/media/media_file.hpp"

#include <fcntl.h>

#include <array>
#include <cstdio>
#include <random>
#include <utility>

namespace rtm::client {

/// Owns itself while libuv works on its request.
struct MediaFile::State : std::enable_shared_from_this<State> {
  explicit State(uv_loop_t* onLoop) : loop(onLoop) { request.data = this; }

  /// Starts an operation: `start(loop, request, callback)`, then `next(outcome)` on the loop.
  template <typename Start>
  void run(Start&& start, Done then) {
    next = std::move(then);
    self = shared_from_this();
    const int refused = start(loop, &request, &State::finished);
    if (refused != 0) conclude(refused);
  }

  static void finished(uv_fs_t* request) {
    auto* state = static_cast<State*>(request->data);
    const auto outcome = static_cast<std::int64_t>(request->result);
    state->stat = request->statbuf;
    uv_fs_req_cleanup(request);
    state->conclude(outcome);
  }

  void conclude(std::int64_t outcome) {
    const std::shared_ptr<State> keep = std::move(self);
    Done then = std::move(next);
    if (opening) {
      opening = false;
      if (outcome >= 0) {
        fd = static_cast<int>(outcome);
      } else {
        temporary.clear();  // the file does not exist, or belongs to somebody else
      }
    }
    if (abandoned) return cleanUp();
    if (then) then(outcome);
  }

  void writeRest(Done done) {
    if (written == buffer.size()) return done(0);
    uv_buf_t rest =
        uv_buf_init(reinterpret_cast<char*>(buffer.data() + written), static_cast<unsigned>(buffer.size() - written));
    run(
        [&](uv_loop_t* on, uv_fs_t* with, uv_fs_cb callback) {
          return uv_fs_write(on, with, fd, &rest, 1, static_cast<std::int64_t>(end), callback);
        },
        [this, done = std::move(done)](std::int64_t outcome) mutable {
          if (outcome <= 0) return done(outcome < 0 ? outcome : std::int64_t{UV_EIO});
          written += static_cast<std::size_t>(outcome);
          end += static_cast<std::uint64_t>(outcome);
          writeRest(std::move(done));
        });
  }

  void closeFile(Done done) {
    run([closing = std::exchange(fd, -1)](uv_loop_t* on, uv_fs_t* with,
                                          uv_fs_cb callback) { return uv_fs_close(on, with, closing, callback); },
        std::move(done));
  }

  /// The owner has gone: closes and removes the file, one operation after another.
  void cleanUp() {
    abandoned = true;
    if (self != nullptr) return;  // an operation is under way, and its end calls this function again
    if (fd >= 0) return closeFile(nullptr);
    if (temporary.empty()) return;
    run([path = std::exchange(temporary, {})](
            uv_loop_t* on, uv_fs_t* with, uv_fs_cb callback) { return uv_fs_unlink(on, with, path.c_str(), callback); },
        nullptr);
  }

  uv_loop_t* const loop;
  uv_fs_t request{};
  uv_stat_t stat{};
  Done next;
  std::shared_ptr<State> self;
  int fd = -1;
  std::string temporary;  ///< path of the file to remove, unless it is published
  Bytes buffer;
  std::size_t written = 0;  ///< bytes of `buffer` that are in the file
  std::uint64_t end = 0;    ///< the end of the file
  bool opening = false;
  bool abandoned = false;
};

MediaFile::MediaFile(net::IoLoop& loop) : state_(std::make_shared<State>(loop.uv())) {}

MediaFile::~MediaFile() {
  state_->cleanUp();
}

void MediaFile::adopt(UniqueFd file) {
  state_->fd = file.release();
}

void MediaFile::read(std::uint64_t offset, std::size_t size, MoveFunction<void(std::int64_t, ByteView)> done) {
  State& state = *state_;
  state.buffer.resize(size);
  uv_buf_t into = uv_buf_init(reinterpret_cast<char*>(state.buffer.data()), static_cast<unsigned>(size));
  state.run(
      [&](uv_loop_t* on, uv_fs_t* with, uv_fs_cb callback) {
        return uv_fs_read(on, with, state.fd, &into, 1, static_cast<std::int64_t>(offset), callback);
      },
      [&state, done = std::move(done)](std::int64_t outcome) mutable {
        const Bytes bytes = std::move(state.buffer);  // `done` may ask for the next piece
        done(outcome, ByteView(bytes).first(outcome > 0 ? static_cast<std::size_t>(outcome) : 0));
      });
}

void MediaFile::stamp(MoveFunction<void(std::int64_t, const FileStamp&)> done) {
  State& state = *state_;
  state.run([&](uv_loop_t* on, uv_fs_t* with, uv_fs_cb callback) { return uv_fs_fstat(on, with, state.fd, callback); },
            [&state, done = std::move(done)](std::int64_t outcome) mutable {
              const uv_stat_t& stat = state.stat;
              done(outcome, FileStamp{.size = stat.st_size,
                                      .modifiedSeconds = static_cast<std::int64_t>(stat.st_mtim.tv_sec),
                                      .modifiedNanoseconds = static_cast<std::int64_t>(stat.st_mtim.tv_nsec),
                                      .links = stat.st_nlink});
            });
}

void MediaFile::createTemporary(std::string path, Done done) {
  State& state = *state_;
  state.temporary = std::move(path);
  state.opening = true;
  state.run(
      [&](uv_loop_t* on, uv_fs_t* with, uv_fs_cb callback) {
        return uv_fs_open(on, with, state.temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666, callback);
      },
      std::move(done));
}

void MediaFile::append(Bytes bytes, Done done) {
  state_->buffer = std::move(bytes);
  state_->written = 0;
  state_->writeRest(std::move(done));
}

void MediaFile::publish(std::string path, Done done) {
  State& state = *state_;
  const auto rename = [&state](std::string to, Done then) {
    state.run([&](uv_loop_t* on, uv_fs_t* with,
                  uv_fs_cb callback) { return uv_fs_rename(on, with, state.temporary.c_str(), to.c_str(), callback); },
              [&state, then = std::move(then)](std::int64_t outcome) mutable {
                if (outcome >= 0) state.temporary.clear();
                then(outcome);
              });
  };
  state.run([&](uv_loop_t* on, uv_fs_t* with, uv_fs_cb callback) { return uv_fs_fsync(on, with, state.fd, callback); },
            [&state, rename, path = std::move(path), done = std::move(done)](std::int64_t synced) mutable {
              if (synced < 0) return done(synced);
              state.closeFile([rename, path = std::move(path), done = std::move(done)](std::int64_t closed) mutable {
                if (closed < 0) return done(closed);
                rename(std::move(path), std::move(done));
              });
            });
}

void MediaFile::discard(Done done) {
  State& state = *state_;
  if (state.self != nullptr || state.temporary.empty()) return done(0);
  const auto unlink = [&state](Done then) {
    state.run(
        [path = std::exchange(state.temporary, {})](uv_loop_t* on, uv_fs_t* with, uv_fs_cb callback) {
          return uv_fs_unlink(on, with, path.c_str(), callback);
        },
        std::move(then));
  };
  if (state.fd < 0) return unlink(std::move(done));
  state.closeFile([unlink, done = std::move(done)](std::int64_t) mutable { unlink(std::move(done)); });
}

std::string temporaryPathFor(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;
  constexpr std::size_t kLongestStem = 200;  // a file name has at most 255 bytes
  std::random_device source;
  std::array<char, 24> mark{};
  std::snprintf(mark.data(), mark.size(), "%08x%08x", source(), source());
  return path.substr(0, start) + "." + path.substr(start, kLongestStem) + ".part-" + mark.data();
}

}  // namespace rtm::client
