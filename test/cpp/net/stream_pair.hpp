#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "net/datagram/stream.hpp"
#include "virtual_network.hpp"

namespace rtm::net::test {

/// One end of a stream on a virtual path: sends what the stream has to send, and wakes it when it wants.
class StreamEnd final : public StreamSink {
 public:
  /// Of each datagram: IPv4 and UDP, the header of the datagram, and its seal.
  static constexpr std::size_t kOverhead = 28 + 13 + 16;

  /// Timers fire at the next step of `timerStep` after the moment that the stream asks for.
  StreamEnd(VirtualTime& time, VirtualPath& out, const Stream::Options& options, Micros timerStep)
      : stream(options), time_(time), out_(out), timerStep_(timerStep) {}

  void connect(StreamEnd& other) { other_ = &other; }
  void write(ByteView bytes) {
    stream.write(bytes);
    pump();
  }
  void finish() {
    stream.finish();
    pump();
  }
  void resume() {
    stream.resume(time_.now(), *this);
    pump();
  }
  /// The next packet has number `next`.
  void numberFrom(std::uint64_t next) { numbers_ = next - 1; }
  /// What the owner does at the end of each turn of a loop.
  void pump();

  Stream stream;
  std::function<void(ByteView)> onBytes = [](ByteView) {};
  std::function<void()> onEnd = [] {};
  std::function<void(ByteView)> onPacket = [](ByteView) {};  ///< each payload that leaves
  std::uint64_t malformed = 0;
  std::uint64_t overdue = 0;  ///< how often the stream wanted to be called at once although it had nothing to send

 private:
  void onStreamBytes(ByteView bytes) override { onBytes(bytes); }
  void onStreamEnd() override { onEnd(); }

  VirtualTime& time_;
  VirtualPath& out_;
  StreamEnd* other_ = nullptr;
  Micros timerStep_;
  std::uint64_t numbers_ = 0;
  Micros wakeAt_ = 0;
};

/// Two ends and the path between them.
struct StreamPair {
  StreamPair(VirtualTime& time, const VirtualPath::Options& path, std::uint64_t seed, Micros timerStep = 1,
             const Stream::Options& options = {})
      : there(time, path, 2 * seed),
        back(time, path, 2 * seed + 1),
        a(time, there, options, timerStep),
        b(time, back, options, timerStep) {
    a.connect(b);
    b.connect(a);
  }
  VirtualPath there;
  VirtualPath back;
  StreamEnd a;
  StreamEnd b;
};

}  // namespace rtm::net::test
