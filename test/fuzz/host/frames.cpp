#include "host/input.hpp"

namespace rtm::fuzz {

Bytes anyFrame(Input& input, const Words& words, wire::FrameKind kind) {
  Bytes frame;
  InputFiller filler(input, words);
  wire::testing::visitKind(kind, [&](auto message) {
    filler.fill(message);
    wire::appendFrame(frame, message);
  });
  return frame;
}

bool decodes(wire::FrameKind kind, ByteView body) {
  bool whole = false;
  wire::testing::visitKind(kind, [&](auto message) { whole = wire::decode(body, message); });
  return whole;
}

}  // namespace rtm::fuzz
