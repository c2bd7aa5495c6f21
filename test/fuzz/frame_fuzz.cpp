// Bytes from the network: cut into frames, decoded as the message of their kind, and (all of them) as every message.
// Beyond "no crash", three claims hold for any input:
//   - how a stream is cut into chunks changes neither its frames nor where it ends;
//   - a message that decodes can be encoded, decodes again, and gives the same bytes;
//   - a message that decodes is within the limits of a sender, so that a relay can always send it on.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <tuple>
#include <vector>

#include "../cpp/wire/message_tools.hpp"
#include "wire/frame.hpp"
#include "wire/messages.hpp"

namespace {

using namespace rtm;
using namespace rtm::wire;

void require(bool claim, const char* text) {
  if (claim) return;
  std::fprintf(stderr, "broken claim: %s\n", text);
  std::abort();
}

template <typename Message>
void checkMessage(ByteView bytes, Message message) {
  if (!decode(bytes, message)) return;
  require(withinListLimits(message), "what decodes is within the limits of a sender");
  const Bytes first = wire::testing::encoded(message);
  Message again;
  require(decode(ByteView(first), again), "what was encoded decodes");
  require(wire::testing::same(message, again), "what was encoded decodes to the same message");
  require(wire::testing::encoded(again) == first, "encoding twice gives the same bytes");
}

struct Stream {
  std::vector<std::tuple<FrameKind, Bytes>> frames;
  FrameDecoder::Status status = FrameDecoder::Status::Ok;
  bool operator==(const Stream&) const = default;
};

/// Feeds `bytes` in chunks of `nextSize()` and plays a connection: a login result lifts the limit, a BYE ends it.
template <typename NextSize>
Stream receive(ByteView bytes, NextSize nextSize) {
  Stream stream;
  FrameDecoder decoder;
  while (!bytes.empty() && stream.status == FrameDecoder::Status::Ok) {
    const std::size_t size = std::min(bytes.size(), nextSize());
    // Memory of the chunk's own, so that a body that is kept too long is noticed.
    const Bytes chunk(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
    stream.status = decoder.feed(chunk, [&](FrameKind kind, ByteView body) {
      stream.frames.emplace_back(kind, Bytes(body.begin(), body.end()));
      if (kind == FrameKind::LoginResult) decoder.setLimit(kMaxFrameBody);
      return kind != FrameKind::Bye;
    });
    require(decoder.buffered() < kFrameHeaderSize + kMaxFrameBody, "the decoder holds less than one frame");
  }
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);

  const Stream whole = receive(input, [&] { return size; });
  auto state = static_cast<std::uint32_t>(size);
  const Stream chunked = receive(input, [&] {
    state = state * 1664525 + 1013904223;
    return std::size_t{1} + (state >> 24) % 23;
  });
  require(whole == chunked, "the chunks do not change the frames");

  for (const auto& [kind, body] : whole.frames) {
    wire::testing::visitKind(kind, [&bytes = body](auto message) { checkMessage(ByteView(bytes), message); });
  }
  wire::testing::forEachMessage([&](auto message) { checkMessage(input, message); });
  return 0;
}
