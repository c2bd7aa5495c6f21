// The reliable stream over datagrams. The first byte chooses: either each further record (length, step of the packet
// number, payload) is a packet of a peer that keeps no rule; or each two bytes are a step of two streams: a write, an
// arrival in any order, a loss, time that passes. Then the path becomes good, and everything must arrive once.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "net/datagram/stream.hpp"

namespace {

using rtm::Bytes;
using rtm::ByteView;
using rtm::net::kMillisecond;
using rtm::net::kSecond;
using rtm::net::Micros;
using rtm::net::Stream;

constexpr std::size_t kMostWaiting = 4000;  // packets on their way, so that an input takes milliseconds
constexpr std::size_t kMostWritten = 256 * 1024;
constexpr std::size_t kOverhead = 57;

void require(bool condition) {
  if (!condition) std::abort();
}

std::uint8_t byteAt(std::uint64_t position) {
  return static_cast<std::uint8_t>((position * 0x9E3779B97F4A7C15U) >> 56);
}

struct Packet {
  std::uint64_t number;
  Bytes payload;
};

/// One end. Checks the order of what arrives if its other side is a stream, too.
class End final : public rtm::net::StreamSink {
 public:
  explicit End(bool strangers) : strangers_(strangers) {}

  void write(std::size_t size) {
    Bytes bytes(std::min(size, kMostWritten - std::min(written_, kMostWritten)));
    for (std::uint8_t& byte : bytes) byte = byteAt(written_++);
    stream.write(bytes);
  }
  void finish() {
    if (!std::exchange(finished_, true)) stream.finish();
  }
  bool finished() const { return finished_; }
  /// Sends all that may leave. A stream that has nothing to send must not want to be called at once.
  void pump(Micros now) {
    Bytes payload;
    while (out.size() < kMostWaiting) {
      if (!stream.fill(now, payload)) {
        const auto due = stream.dueAt(now);
        require(!due || *due > now);
        return;
      }
      require(!payload.empty() && payload.size() <= Stream::Options{}.payload);
      stream.sent(now, number_, payload.size() + kOverhead);
      out.push_back({number_++, std::exchange(payload, {})});
    }
  }
  void receive(Micros now, const Packet& packet) {
    const bool taken = stream.packetCame(now, packet.number, packet.payload, *this);
    require(taken || strangers_);
  }
  void resume(Micros now) { stream.resume(now, *this); }
  bool complete(const End& sender) const { return ended_ && arrived_ == sender.written_; }
  std::size_t arrived() const { return arrived_; }
  std::size_t written() const { return written_; }

  Stream stream{Stream::Options{}};
  std::deque<Packet> out;

 private:
  void onStreamBytes(ByteView bytes) override {
    require(!ended_ && !bytes.empty());
    for (const std::uint8_t byte : bytes) {
      require(strangers_ || byte == byteAt(arrived_));
      ++arrived_;
    }
  }
  void onStreamEnd() override { require(!std::exchange(ended_, true)); }

  bool strangers_;
  std::uint64_t number_ = 0;
  std::size_t written_ = 0;
  std::size_t arrived_ = 0;
  bool finished_ = false;
  bool ended_ = false;
};

void stranger(ByteView input) {
  End end(true);
  Micros now = kSecond;
  std::uint64_t number = 0;
  std::size_t received = 0;
  while (input.size() >= 2) {
    const std::size_t size = std::min<std::size_t>(input[0] * std::size_t{5}, input.size() - 2);
    number += input[1] % 16;
    now += input[1] / 16 * 20 * kMillisecond;
    if (size == 0) end.write(3000);
    if (input[1] % 16 == 15) end.stream.pause();
    if (input[1] % 16 == 14) end.resume(now);
    end.receive(now, {number, Bytes(input.begin() + 2, input.begin() + 2 + static_cast<std::ptrdiff_t>(size))});
    received += size;
    require(end.arrived() <= received);
    require(end.stream.unacknowledged() <= end.written());
    end.pump(now);
    end.out.clear();
    input = input.subspan(2 + size);
  }
}

class Pair {
 public:
  void step(std::uint8_t what, std::uint8_t argument) {
    enum What {
      Write,
      ArriveOldest,
      Arrive,
      ArriveTwice,
      Lose,
      Wait,
      WaitUntilDue,
      Pause,
      Resume,
      Finish,
      NewPath,
      kAll
    };
    const std::size_t side = what / kAll % 2;
    End& end = ends_[side];
    std::deque<Packet>& out = end.out;
    const std::size_t index = out.empty() ? 0 : argument % out.size();
    switch (what % kAll) {
      case Write:
        if (!end.finished()) end.write(std::size_t{argument} * 8 + 1);
        break;
      case ArriveOldest:
        for (std::size_t i = argument; i > 0 && !out.empty(); --i) arrive(side, 0, false);
        break;
      case Arrive:
        if (!out.empty()) arrive(side, index, false);
        break;
      case ArriveTwice:
        if (!out.empty()) arrive(side, index, true);
        break;
      case Lose:
        out.erase(out.begin() + static_cast<std::ptrdiff_t>(index), out.end());
        break;
      case Wait:
        now_ += argument * kMillisecond;
        break;
      case WaitUntilDue:
        waitUntilDue();
        break;
      case Pause:
        end.stream.pause();
        break;
      case Resume:
        end.resume(now_);
        break;
      case Finish:
        end.finish();
        break;
      default:
        end.stream.sending().newPath();
    }
    pump();
  }

  /// From now on the path is good.
  void finish() {
    for (End& end : ends_) {
      end.finish();
      end.resume(now_);
    }
    for (int rounds = 0; !complete(); ++rounds) {
      require(rounds < 20'000);
      for (const std::size_t side : {0U, 1U})
        while (!ends_[side].out.empty()) arrive(side, 0, false);
      pump();
      if (ends_[0].out.empty() && ends_[1].out.empty()) require(waitUntilDue() || complete());
      now_ += kMillisecond;
      pump();
    }
    // Then both come to rest.
    for (int rounds = 0; waitUntilDue(); ++rounds) {
      require(rounds < 1000);
      pump();
      for (End& end : ends_) end.out.clear();
    }
  }

 private:
  bool complete() const {
    return ends_[1].complete(ends_[0]) && ends_[0].complete(ends_[1]) && ends_[0].stream.flushed() &&
           ends_[1].stream.flushed();
  }
  void pump() {
    for (End& end : ends_) end.pump(now_);
  }
  bool waitUntilDue() {
    std::optional<Micros> due;
    for (const End& end : ends_) {
      const auto at = end.stream.dueAt(now_);
      if (at) due = std::min(due.value_or(*at), *at);
    }
    if (due) now_ = std::max(now_, *due);
    return due.has_value();
  }
  void arrive(std::size_t from, std::size_t index, bool again) {
    std::deque<Packet>& out = ends_[from].out;
    const Packet packet = out[index];
    if (!again) out.erase(out.begin() + static_cast<std::ptrdiff_t>(index));
    ends_[1 - from].receive(now_, packet);
  }

  std::array<End, 2> ends_{End(false), End(false)};
  Micros now_ = kSecond;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    stranger(rest);
    return 0;
  }
  Pair pair;
  for (std::size_t at = 0; at + 2 <= rest.size(); at += 2) pair.step(rest[at], rest[at + 1]);
  pair.finish();
  return 0;
}
