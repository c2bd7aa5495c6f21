#include "host/input.hpp"

/// What an input frees soon serves the next one again, and a stack says enough with its first calls: otherwise most of
/// the time of an input goes into fresh memory and into unwinding.
extern "C" const char* __asan_default_options() {
  return "quarantine_size_mb=16:malloc_context_size=8";
}

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
