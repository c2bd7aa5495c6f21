#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Makes tokens, also ones that no real builder would make. Written apart from the verifier, with other encoders where
// there are any, so that a mistake on one side does not hide on the other.
namespace rtm::test {

inline const std::string kAppId = "0123456789abcdef0123456789abcdef";
inline const std::string kCertificate = "fedcba9876543210fedcba9876543210";
inline const std::string kUser = "alice";
inline constexpr std::uint32_t kIssuedAt = 1'700'000'000;

using Privileges = std::vector<std::pair<std::uint16_t, std::uint32_t>>;

inline std::string u16(std::uint32_t value) {
  return {static_cast<char>(value & 0xFF), static_cast<char>(value >> 8 & 0xFF)};
}

inline std::string u32(std::uint32_t value) {
  return u16(value & 0xFFFF) + u16(value >> 16);
}

inline std::string str(std::string_view text) {
  return u16(static_cast<std::uint32_t>(text.size())) + std::string(text);
}

inline std::string packed(const Privileges& privileges) {
  std::string out = u16(static_cast<std::uint32_t>(privileges.size()));
  for (const auto& [number, expiry] : privileges) out += u16(number) + u32(expiry);
  return out;
}

inline std::string hmacSha256(std::string_view key, std::string_view data) {
  std::string out(32, '\0');
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(data.data()),
       data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
  return out;
}

inline std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

inline std::string deflated(std::string_view plain, int level = Z_BEST_COMPRESSION) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string out(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                static_cast<uLong>(plain.size()), level) != Z_OK) {
    throw std::runtime_error("compress2 failed");
  }
  out.resize(size);
  return out;
}

inline std::uint32_t crc(std::string_view text) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

struct Token006 {
  std::string appId = kAppId;
  std::string certificate = kCertificate;
  std::string user = kUser;
  std::uint32_t salt = 0x12345678;
  std::uint32_t ts = kIssuedAt + 86400;
  Privileges privileges = {{1000, 1'700'003'600}};
  std::optional<std::string> rawMessage;

  std::string message() const { return rawMessage ? *rawMessage : u32(salt) + u32(ts) + packed(privileges); }
  std::string signature() const { return hmacSha256(certificate, appId + user + message()); }
  std::string content() const { return str(signature()) + u32(crc(user)) + u32(0) + str(message()); }
  std::string text() const { return wrap(content()); }
  std::string wrap(std::string_view bytes) const { return "006" + appId + base64(bytes); }
};

/// A service of format 007; `fields` follow the privileges.
inline std::string service(std::uint16_t type, const Privileges& privileges, std::string_view fields = {}) {
  return u16(type) + packed(privileges) + std::string(fields);
}

inline std::string rtmService(std::string_view user = kUser, const Privileges& privileges = {{1, 600}}) {
  return service(2, privileges, str(user));
}

struct Token007 {
  std::string appId = kAppId;
  std::string certificate = kCertificate;
  std::uint32_t issuedAt = kIssuedAt;
  std::uint32_t expire = 600;
  std::uint32_t salt = 12345678;
  std::vector<std::string> services = {rtmService()};
  std::optional<std::string> rawSigningInfo;

  std::string signingInfo() const {
    if (rawSigningInfo) return *rawSigningInfo;
    std::string out = str(appId) + u32(issuedAt) + u32(expire) + u32(salt);
    out += u16(static_cast<std::uint32_t>(services.size()));
    for (const auto& bytes : services) out += bytes;
    return out;
  }
  std::string signature() const {
    return hmacSha256(hmacSha256(u32(salt), hmacSha256(u32(issuedAt), certificate)), signingInfo());
  }
  std::string content() const { return str(signature()) + signingInfo(); }
  std::string text() const { return wrap(content()); }
  static std::string wrap(std::string_view bytes, int level = Z_BEST_COMPRESSION) {
    return "007" + base64(deflated(bytes, level));
  }
};

}  // namespace rtm::test
