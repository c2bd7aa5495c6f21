#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace rtm::net {

// The bytes of a datagram that anybody can read (docs/decisions/026-datagrams.md): id 8, type 1, number 4, then
// the rest, which the type names. Numbers are big-endian.

/// The largest UDP payload of either side: what every path of IPv6 carries, with room for a tunnel.
inline constexpr std::size_t kMaxDatagramBytes = 1200;
inline constexpr std::size_t kDatagramHeaderBytes = 13;
/// A token may not make a RETRY longer than 64 bytes.
inline constexpr std::size_t kMaxAddressTokenBytes = 32;

/// Names a link in both directions, so that a client may change its address. The client chooses the bytes at random;
/// the first one names the loop of the server.
struct ConnectionId {
  std::array<std::uint8_t, 8> bytes{};

  bool operator==(const ConnectionId&) const = default;
};

/// With a secret of this process: strangers choose ids, and could choose ids that fall into one bucket.
struct ConnectionIdHash {
  std::size_t operator()(const ConnectionId& id) const;
};

enum class DatagramType : std::uint8_t {
  Initial = 1,    ///< client: the begin of a handshake
  Retry = 2,      ///< server: a token that the next Initial must bring
  Handshake = 3,  ///< the stream of the handshake, in the clear
  Sealed = 4,     ///< encrypted, the header authenticated
  Reset = 5,      ///< reserved; version 1 neither sends nor heeds it
};

struct DatagramHeader {
  ConnectionId id;
  DatagramType type = DatagramType::Sealed;
  /// The highest bit of the type's byte, for Sealed only: changes with each new key of the sender.
  bool phase = false;
  /// The lower half of the datagram's number.
  std::uint32_t number = 0;

  bool operator==(const DatagramHeader&) const = default;
};

struct Datagram {
  DatagramHeader header;
  ByteView rest;  ///< after the header, of the bytes that were parsed
};

/// Nothing if the bytes are no datagram of this protocol: too short, too long, of an unknown type, or with a phase
/// where none belongs.
std::optional<Datagram> parseDatagram(ByteView bytes);
void appendDatagramHeader(const DatagramHeader& header, Bytes& out);

/// The number with these lower 32 bits that lies nearest to the one after `largest`, the largest that was seen (0
/// before the first).
std::uint64_t expandNumber(std::uint32_t lower, std::uint64_t largest);

/// Token length 1, token, payload length 2, payload, then zeros up to kMaxDatagramBytes. The zeros make sure that a
/// stranger pays for the server's answer, and that the path carries datagrams of this size.
struct InitialBody {
  ByteView token;    ///< empty, or what a RETRY or an earlier session brought
  ByteView payload;  ///< of the stream of the handshake
};

/// The longest payload beside a token of this size.
constexpr std::size_t maxInitialPayload(std::size_t tokenBytes) {
  return kMaxDatagramBytes - kDatagramHeaderBytes - 1 - 2 - tokenBytes;
}

/// Reads what follows the header; nothing if the datagram was not of full size, or a length in it is wrong.
std::optional<InitialBody> parseInitial(ByteView rest);
/// Appends the whole datagram. False, and nothing is appended, if the token or the payload is too long.
bool appendInitial(const ConnectionId& id, std::uint32_t number, const InitialBody& body, Bytes& out);

/// Reads the token (token length 1, token); nothing if it is empty or too long, or bytes follow.
std::optional<ByteView> parseRetry(ByteView rest);
/// Appends the whole datagram. `number` is the one of the Initial that it answers. False, and nothing is appended, if
/// the token is empty or too long.
bool appendRetry(const ConnectionId& id, std::uint32_t number, ByteView token, Bytes& out);

}  // namespace rtm::net
