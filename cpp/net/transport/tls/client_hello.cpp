#include "net/transport/tls/client_hello.hpp"

#include <cstddef>

namespace rtm::net {

ClientHello lookAtClientHello(ByteView bytes) {
  constexpr std::size_t kRecordHeader = 5;
  constexpr std::size_t kMessageHeader = 4;
  constexpr std::size_t kMostRecord = 16 * 1024;
  constexpr std::uint8_t kHandshake = 22;
  constexpr std::uint8_t kClientHello = 1;
  if (!bytes.empty() && bytes[0] != kHandshake) return ClientHello::Whole;
  if (bytes.size() < kRecordHeader + kMessageHeader) return ClientHello::Partial;
  const std::size_t record = std::size_t{bytes[3]} << 8 | bytes[4];
  if (record > kMostRecord || bytes[kRecordHeader] != kClientHello) return ClientHello::Whole;
  const std::size_t hello = std::size_t{bytes[6]} << 16 | std::size_t{bytes[7]} << 8 | bytes[8];
  if (hello + kMessageHeader > record) return ClientHello::TooLong;
  return bytes.size() < kRecordHeader + record ? ClientHello::Partial : ClientHello::Whole;
}

}  // namespace rtm::net
