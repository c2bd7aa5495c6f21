#include "net/datagram/stream_items.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/datagram/datagram_header.hpp"

namespace rtm::net {
namespace {

enum Tag : std::uint8_t { kAcknowledgement = 1, kSegment = 2, kLastSegment = 3, kPing = 4 };

constexpr std::size_t kWindowStep = 1024;
constexpr Micros kDelayStep = 16;

void appendNumber(Bytes& payload, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) payload.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <typename T>
std::uint64_t inSteps(T value, T step) {
  return std::min<std::uint64_t>(value / step, std::numeric_limits<std::uint16_t>::max());
}

}  // namespace

namespace stream_items {

void append(Bytes& payload, const Acknowledgement& acknowledgement) {
  payload.push_back(kAcknowledgement);
  appendNumber(payload, acknowledgement.largest, 4);
  appendNumber(payload, acknowledgement.earlier, 8);
  appendNumber(payload, acknowledgement.segments, 4);
  appendNumber(payload, inSteps(acknowledgement.window, kWindowStep), 2);
  appendNumber(payload, inSteps(acknowledgement.delay, kDelayStep), 2);
}

void append(Bytes& payload, const SegmentItem& segment) {
  payload.push_back(segment.last ? kLastSegment : kSegment);
  appendNumber(payload, segment.number, 4);
  appendNumber(payload, segment.bytes.size(), 2);
  payload.insert(payload.end(), segment.bytes.begin(), segment.bytes.end());
}

void appendPing(Bytes& payload) {
  payload.push_back(kPing);
}

}  // namespace stream_items

bool StreamItemReader::readAcknowledgement() {
  acknowledgement_.largest = expandNumber(reader_.u32(), packet_);
  const std::uint64_t low = reader_.u32();
  acknowledgement_.earlier = low | std::uint64_t{reader_.u32()} << 32;
  acknowledgement_.segments = expandNumber(reader_.u32(), sent_);
  acknowledgement_.window = reader_.u16() * kWindowStep;
  acknowledgement_.delay = reader_.u16() * kDelayStep;
  return reader_.ok() && !std::exchange(acknowledged_, true);
}

bool StreamItemReader::readSegment(bool last) {
  segment_.number = expandNumber(reader_.u32(), awaited_);
  segment_.last = last;
  segment_.bytes = reader_.bytes(reader_.u16());
  return reader_.ok() && last == segment_.bytes.empty();
}

StreamItemReader::Kind StreamItemReader::next() {
  if (reader_.rest().empty()) return reader_.ok() ? Kind::End : Kind::Malformed;
  const std::uint8_t tag = reader_.bytes(1)[0];
  switch (tag) {
    case kAcknowledgement:
      return readAcknowledgement() ? Kind::Acknowledgement : Kind::Malformed;
    case kSegment:
    case kLastSegment:
      return readSegment(tag == kLastSegment) ? Kind::Segment : Kind::Malformed;
    case kPing:
      return Kind::Ping;
    default:
      return Kind::Malformed;
  }
}

}  // namespace rtm::net
