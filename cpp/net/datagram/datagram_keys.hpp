#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.hpp"

struct evp_cipher_ctx_st;

namespace rtm::net {

class TlsLayer;

/// How datagrams are sealed: as the TLS of their handshake seals its records, so that nothing is weaker than what both
/// sides agreed on.
enum class Aead : std::uint8_t { Aes128Gcm, Aes256Gcm, ChaCha20Poly1305 };

/// All three have a tag of this size.
inline constexpr std::size_t kTagBytes = 16;

/// Bytes that are wiped at their end.
struct Secret {
  Secret() = default;
  explicit Secret(const std::array<std::uint8_t, 32>& of) : bytes(of) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();

  std::array<std::uint8_t, 32> bytes{};
};

/// What both sides of a handshake know, and nobody else.
struct DatagramSecrets {
  Aead aead = Aead::Aes128Gcm;
  Secret ofClient;  ///< for what the client sends
  Secret ofServer;  ///< for what the server sends

  /// Nothing before the end of the handshake, and below TLS 1.3.
  static std::optional<DatagramSecrets> of(const TlsLayer& layer);
};

/// The key of one direction for a while, and the way to the next.
class DatagramKey {
 public:
  enum class Use { Seal, Open };

  /// Nothing if OpenSSL has no memory, or lacks the cipher.
  static std::optional<DatagramKey> make(Aead aead, const Secret& secret, Use use);
  /// The key that follows; this one cannot be computed from it.
  std::optional<DatagramKey> next() const;

  /// Encrypts `bytes` in place; `tag` has kTagBytes. A number is used once.
  bool seal(std::uint64_t number, ByteView header, MutableByteView bytes, std::uint8_t* tag);
  /// Decrypts `sealed`, which ends with its tag, to `into`, which is that much shorter. False: it is forged, and what
  /// stands in `into` means nothing.
  bool open(std::uint64_t number, ByteView header, ByteView sealed, std::uint8_t* into);

 private:
  static constexpr std::size_t kIvBytes = 12;
  using Iv = std::array<std::uint8_t, kIvBytes>;
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };

  DatagramKey() = default;
  Iv nonceOf(std::uint64_t number) const;

  Aead aead_ = Aead::Aes128Gcm;
  Use use_ = Use::Seal;
  Iv iv_{};
  Secret secret_;
  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace rtm::net
