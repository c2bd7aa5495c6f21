#include "net/datagram/datagram_header.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace rtm::net {
namespace {

constexpr std::uint8_t kPhaseBit = 0x80;
constexpr std::size_t kTypeAt = 8;
constexpr std::size_t kNumberAt = 9;

std::uint64_t secretNumber() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

void appendBytes(ByteView bytes, Bytes& out) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

std::size_t ConnectionIdHash::operator()(const ConnectionId& id) const {
  static const std::uint64_t kSecret = secretNumber();
  static const std::uint64_t kFactor = secretNumber() | 1;
  std::uint64_t bits = 0;
  std::memcpy(&bits, id.bytes.data(), sizeof(bits));
  const auto product = static_cast<unsigned __int128>(bits ^ kSecret) * kFactor;
  return static_cast<std::size_t>(product ^ product >> 64);
}

std::optional<Datagram> parseDatagram(ByteView bytes) {
  if (bytes.size() < kDatagramHeaderBytes || bytes.size() > kMaxDatagramBytes) return std::nullopt;
  Datagram datagram;
  DatagramHeader& header = datagram.header;
  std::copy_n(bytes.begin(), header.id.bytes.size(), header.id.bytes.begin());
  const auto type = static_cast<std::uint8_t>(bytes[kTypeAt] & ~kPhaseBit);
  if (type < static_cast<std::uint8_t>(DatagramType::Initial) ||
      type > static_cast<std::uint8_t>(DatagramType::Reset)) {
    return std::nullopt;
  }
  header.type = static_cast<DatagramType>(type);
  header.phase = (bytes[kTypeAt] & kPhaseBit) != 0;
  if (header.phase && header.type != DatagramType::Sealed) return std::nullopt;
  for (std::size_t i = kNumberAt; i < kDatagramHeaderBytes; ++i) header.number = header.number << 8 | bytes[i];
  datagram.rest = bytes.subspan(kDatagramHeaderBytes);
  return datagram;
}

void appendDatagramHeader(const DatagramHeader& header, Bytes& out) {
  std::array<std::uint8_t, kDatagramHeaderBytes> bytes{};
  std::copy(header.id.bytes.begin(), header.id.bytes.end(), bytes.begin());
  bytes[kTypeAt] = static_cast<std::uint8_t>(static_cast<std::uint8_t>(header.type) | (header.phase ? kPhaseBit : 0));
  std::uint32_t left = header.number;
  for (std::size_t i = kDatagramHeaderBytes; i > kNumberAt; left >>= 8) bytes[--i] = static_cast<std::uint8_t>(left);
  appendBytes(bytes, out);
}

std::uint64_t expandNumber(std::uint32_t lower, std::uint64_t largest) {
  constexpr std::uint64_t kRound = std::uint64_t{1} << 32;
  constexpr std::uint64_t kHalf = kRound / 2;
  const std::uint64_t expected = largest + 1;
  const std::uint64_t number = (expected & ~(kRound - 1)) | lower;
  if (number + kHalf <= expected) return number + kRound;
  if (number > expected + kHalf && number >= kRound) return number - kRound;
  return number;
}

std::optional<InitialBody> parseInitial(ByteView rest) {
  if (rest.size() != kMaxDatagramBytes - kDatagramHeaderBytes) return std::nullopt;
  const std::size_t tokenBytes = rest[0];
  if (tokenBytes > kMaxAddressTokenBytes) return std::nullopt;
  InitialBody body;
  body.token = rest.subspan(1, tokenBytes);
  rest = rest.subspan(1 + tokenBytes);
  const std::size_t payloadBytes = std::size_t{rest[0]} << 8 | rest[1];
  if (payloadBytes > maxInitialPayload(tokenBytes)) return std::nullopt;
  body.payload = rest.subspan(2, payloadBytes);
  return body;
}

bool appendInitial(const ConnectionId& id, std::uint32_t number, const InitialBody& body, Bytes& out) {
  if (body.token.size() > kMaxAddressTokenBytes) return false;
  if (body.payload.size() > maxInitialPayload(body.token.size())) return false;
  const std::size_t end = out.size() + kMaxDatagramBytes;
  appendDatagramHeader({id, DatagramType::Initial, false, number}, out);
  out.push_back(static_cast<std::uint8_t>(body.token.size()));
  appendBytes(body.token, out);
  out.push_back(static_cast<std::uint8_t>(body.payload.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(body.payload.size()));
  appendBytes(body.payload, out);
  out.resize(end);
  return true;
}

std::optional<ByteView> parseRetry(ByteView rest) {
  if (rest.size() < 2 || rest[0] > kMaxAddressTokenBytes || rest.size() != std::size_t{1} + rest[0])
    return std::nullopt;
  return rest.subspan(1);
}

bool appendRetry(const ConnectionId& id, std::uint32_t number, ByteView token, Bytes& out) {
  if (token.empty() || token.size() > kMaxAddressTokenBytes) return false;
  appendDatagramHeader({id, DatagramType::Retry, false, number}, out);
  out.push_back(static_cast<std::uint8_t>(token.size()));
  appendBytes(token, out);
  return true;
}

}  // namespace rtm::net
