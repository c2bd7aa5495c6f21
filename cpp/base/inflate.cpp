#include "base/inflate.hpp"

#define ZLIB_CONST  // zlib declares its input const only when asked to
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace rtm {
namespace {

/// Ends the stream on every path, including an allocation that throws.
class InflateStream {
 public:
  explicit InflateStream(ByteView input) {
    stream_.next_in = input.data();
    stream_.avail_in = static_cast<uInt>(input.size());
    ready_ = inflateInit(&stream_) == Z_OK;
  }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
  ~InflateStream() {
    if (ready_) inflateEnd(&stream_);
  }

  bool ready() const { return ready_; }
  bool inputLeft() const { return stream_.avail_in != 0; }

  /// Fills `out` as far as it goes; `written` receives the number of bytes.
  int fill(MutableByteView out, std::size_t& written) {
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    // Z_FINISH lets zlib skip its 32 KiB history window when the output fits at once, which is the usual case.
    const int status = inflate(&stream_, Z_FINISH);
    written = out.size() - stream_.avail_out;
    return status;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

constexpr std::size_t kFirstBytes = 1024;  // a usual token needs about 120

}  // namespace

std::optional<Bytes> inflateBounded(ByteView compressed, std::size_t limit) {
  constexpr std::size_t kMaxSize = std::numeric_limits<uInt>::max() / 2;
  if (compressed.size() > kMaxSize || limit > kMaxSize) return std::nullopt;
  InflateStream stream(compressed);
  if (!stream.ready()) return std::nullopt;

  // One byte more than allowed: a stream of exactly `limit` bytes must have room to say that it ended.
  const std::size_t capacity = limit + 1;
  Bytes out;
  std::size_t size = 0;
  while (size < capacity) {
    out.resize(std::min(capacity, std::max(kFirstBytes, out.size() * 2)));
    std::size_t written = 0;
    const int status = stream.fill(MutableByteView(out).subspan(size), written);
    size += written;
    if (status == Z_STREAM_END) {
      if (stream.inputLeft() || size > limit) return std::nullopt;
      out.resize(size);
      return out;
    }
    const bool wantsRoom = (status == Z_BUF_ERROR || status == Z_OK) && size == out.size();
    if (!wantsRoom) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace rtm
