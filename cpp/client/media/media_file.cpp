#include "client/media/media_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <random>
#include <utility>

#include "base/file_io.hpp"
#include "net/loop/blocking_calls.hpp"

namespace rtm::client {

/// Owns itself while another thread works on its operation.
struct MediaFile::State : std::enable_shared_from_this<State> {
  explicit State(net::BlockingCalls& calls) : blocking(calls) {}

  /// Starts an operation: `call()` on another thread, then `next(outcome)` on the loop.
  template <typename Call>
  void run(Call call, Done then) {
    next = std::move(then);
    self = shared_from_this();
    blocking.run([this, call = std::move(call)]() mutable { result = call(); }, [this] { conclude(); });
  }

  void conclude() {
    const std::shared_ptr<State> keep = std::move(self);
    Done then = std::move(next);
    const std::int64_t outcome = result;
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

  void closeFile(Done done) {
    run([closing = std::exchange(fd, -1)] { return outcomeOf(::close(closing)); }, std::move(done));
  }

  /// The owner has gone: closes and removes the file, one operation after another.
  void cleanUp() {
    abandoned = true;
    if (self != nullptr) return;  // an operation is under way, and its end calls this function again
    if (fd >= 0) return closeFile(nullptr);
    if (!temporary.empty()) removeTemporary(nullptr);
  }

  void removeTemporary(Done done) {
    run([path = std::exchange(temporary, {})] { return outcomeOf(::unlink(path.c_str())); }, std::move(done));
  }

  net::BlockingCalls& blocking;
  Done next;
  std::shared_ptr<State> self;
  std::int64_t result = 0;  ///< of the last operation
  struct stat status {};    ///< what the last stamp() saw
  int fd = -1;
  std::string temporary;  ///< path of the file to remove, unless it is published
  Bytes buffer;
  std::uint64_t end = 0;  ///< the end of the file
  bool opening = false;
  bool abandoned = false;
};

MediaFile::MediaFile(net::IoLoop& loop) : state_(std::make_shared<State>(loop.local<net::BlockingCalls>())) {}

MediaFile::~MediaFile() {
  state_->cleanUp();
}

void MediaFile::adopt(UniqueFd file) {
  state_->fd = file.release();
}

void MediaFile::read(std::uint64_t offset, std::size_t size, MoveFunction<void(std::int64_t, ByteView)> done) {
  State& state = *state_;
  state.run(
      [&state, offset, size] {
        state.buffer.resize(size);
        return outcomeOf(::pread(state.fd, state.buffer.data(), size, static_cast<off_t>(offset)));
      },
      [&state, done = std::move(done)](std::int64_t outcome) mutable {
        const Bytes bytes = std::move(state.buffer);  // `done` may ask for the next piece
        done(outcome, ByteView(bytes).first(outcome > 0 ? static_cast<std::size_t>(outcome) : 0));
      });
}

void MediaFile::stamp(MoveFunction<void(std::int64_t, const FileStamp&)> done) {
  State& state = *state_;
  state.run([&state] { return outcomeOf(::fstat(state.fd, &state.status)); },
            [&state, done = std::move(done)](std::int64_t outcome) mutable {
              const auto& status = state.status;
              done(outcome, FileStamp{.size = static_cast<std::uint64_t>(status.st_size),
                                      .modifiedSeconds = static_cast<std::int64_t>(status.st_mtim.tv_sec),
                                      .modifiedNanoseconds = static_cast<std::int64_t>(status.st_mtim.tv_nsec),
                                      .links = static_cast<std::uint64_t>(status.st_nlink)});
            });
}

void MediaFile::createTemporary(std::string path, Done done) {
  State& state = *state_;
  state.temporary = std::move(path);
  state.opening = true;
  constexpr int kNewFile = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  state.run([&state] { return outcomeOf(::open(state.temporary.c_str(), kNewFile, 0666)); }, std::move(done));
}

void MediaFile::append(Bytes bytes, Done done) {
  State& state = *state_;
  state.buffer = std::move(bytes);
  state.run([&state] { return writeAll(state.fd, state.buffer, state.end); },
            [&state, done = std::move(done)](std::int64_t outcome) mutable {
              if (outcome == 0) state.end += state.buffer.size();
              done(outcome);
            });
}

void MediaFile::publish(std::string path, Done done) {
  State& state = *state_;
  const auto rename = [&state](std::string to, Done then) {
    state.run([&state, to = std::move(to)] { return outcomeOf(std::rename(state.temporary.c_str(), to.c_str())); },
              [&state, then = std::move(then)](std::int64_t outcome) mutable {
                if (outcome >= 0) state.temporary.clear();
                then(outcome);
              });
  };
  state.run([&state] { return outcomeOf(::fsync(state.fd)); },
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
  if (state.fd < 0) return state.removeTemporary(std::move(done));
  state.closeFile([&state, done = std::move(done)](std::int64_t) mutable { state.removeTemporary(std::move(done)); });
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
