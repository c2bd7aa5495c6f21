// Reads frames from standard input, decodes each body as the message of its kind, encodes that message again and writes
// it as a frame of the same kind. A body that is refused, and a kind without a message, is answered by a frame of kind
// 0 with the body as it came. Kind 255 stands for Content, which has no frame of its own. So a test in another language
// can hold this codec against an official protobuf library (test/integration/wire-crosscheck.test.ts).

#include <array>
#include <cstdio>

#include "wire/frame.hpp"
#include "wire/message_tools.hpp"
#include "wire/messages.hpp"

namespace {

using namespace rtm;
using namespace rtm::wire;

constexpr auto kContentKind = static_cast<FrameKind>(255);

void write(FrameKind kind, ByteView body) {
  std::array<std::uint8_t, kFrameHeaderSize> header;
  writeFrameHeader(header.data(), kind, body.size());
  std::fwrite(header.data(), 1, header.size(), stdout);
  std::fwrite(body.data(), 1, body.size(), stdout);
}

template <MessageType M>
bool echo(FrameKind kind, ByteView body, M message) {
  if (!decode(body, message)) return false;
  write(kind, wire::testing::encoded(message));
  return true;
}

bool onFrame(FrameKind kind, ByteView body) {
  bool echoed = false;
  if (kind == kContentKind) {
    echoed = echo(kind, body, Content{});
  } else {
    wire::testing::visitKind(kind, [&](auto message) { echoed = echo(kind, body, message); });
  }
  if (!echoed) write(FrameKind::None, body);
  return true;
}

}  // namespace

int main() {
  FrameDecoder decoder;
  decoder.setLimit(kMaxFrameBody);
  std::array<std::uint8_t, 16 * 1024> chunk;
  while (const std::size_t size = std::fread(chunk.data(), 1, chunk.size(), stdin)) {
    if (decoder.feed(ByteView(chunk.data(), size), onFrame) != FrameDecoder::Status::Ok) {
      std::fputs("wire_echo: a frame over 64 KiB\n", stderr);
      return 2;
    }
  }
  if (decoder.buffered() != 0) {
    std::fputs("wire_echo: the input ends inside a frame\n", stderr);
    return 3;
  }
  return std::fflush(stdout) == 0 ? 0 : 4;
}
