// Format 006: "006" + App ID + base64(str(signature) + u32 CRC of the user id + u32 CRC of the uid + str(message)).
#include <zlib.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/base64.hpp"
#include "base/byte_reader.hpp"
#include "base/identifiers.hpp"
#include "server/auth/token_formats.hpp"

namespace rtm::server::token {
namespace {

constexpr std::uint16_t kPrivilegeRtmLogin = 1000;

struct Content006 {
  std::string_view signature;
  std::uint32_t crcChannel = 0;
  std::uint32_t crcUid = 0;
  std::string_view message;
};

struct Message {
  std::uint32_t expiresAtSeconds = 0;
  bool mayLogin = false;
};

std::optional<Content006> parseContent006(ByteView bytes) {
  ByteReader reader(bytes);
  Content006 content;
  content.signature = reader.string();
  content.crcChannel = reader.u32();
  content.crcUid = reader.u32();
  content.message = reader.string();
  if (!reader.ok() || !reader.rest().empty()) return std::nullopt;
  return content;
}

/// The message has to end with its last privilege: the signature does not mark where the user id ends and the message
/// begins, and every freedom left here is room for reading the same bytes as another user's token.
std::optional<Message> parseMessage(std::string_view bytes) {
  ByteReader reader(asBytes(bytes));
  Message message;
  static_cast<void>(reader.u32());  // salt
  message.expiresAtSeconds = reader.u32();
  const std::uint16_t count = reader.u16();
  for (std::uint16_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint16_t privilege = reader.u16();
    static_cast<void>(reader.u32());  // the privilege's own expiry has no effect in this format
    if (privilege == kPrivilegeRtmLogin) message.mayLogin = true;
  }
  if (!reader.ok() || !reader.rest().empty()) return std::nullopt;
  return message;
}

bool isSigned006(const TokenPolicy& policy, const Content006& content, std::string_view userId) {
  std::string signedText;
  signedText.reserve(policy.appId.size() + userId.size() + content.message.size());
  signedText.append(policy.appId).append(userId).append(content.message);  // the uid field of RTM tokens is empty
  return std::any_of(policy.certificates.begin(), policy.certificates.end(), [&](const std::string& certificate) {
    return isValidAppId(certificate) &&
           sameSignature(hmac(asBytes(certificate), asBytes(signedText)), content.signature);
  });
}

std::uint32_t crcOf(std::string_view text) {
  const ByteView bytes = asBytes(text);
  return static_cast<std::uint32_t>(crc32(crc32(0, nullptr, 0), bytes.data(), static_cast<uInt>(bytes.size())));
}

}  // namespace

TokenVerdict verify006(const TokenPolicy& policy, std::string_view body, const Claim& claim) {
  using enum TokenError;
  if (body.size() < kAppIdBytes) return refuse(InvalidToken, "006: cut within the App ID");
  const std::string_view appId = body.substr(0, kAppIdBytes);

  const std::optional<Bytes> bytes = decodeBase64(body.substr(kAppIdBytes));
  if (!bytes) return refuse(InvalidToken, "006: not base64");
  const std::optional<Content006> content = parseContent006(*bytes);
  if (!content) return refuse(InvalidToken, "006: content cut or too long");
  const std::optional<Message> message = parseMessage(content->message);
  if (!message) return refuse(InvalidToken, "006: message cut or too long");

  if (appId != policy.appId) return refuse(InvalidToken, "006: made for another App ID");
  if (!isSigned006(policy, *content, claim.userId)) {
    return refuse(InvalidToken, "006: wrong signature (another certificate or user id, or forged)");
  }
  // The signature does not cover the two checksums, yet a token in which they are wrong was tampered with.
  if (content->crcChannel != crcOf(claim.userId) || content->crcUid != crcOf({})) {
    return refuse(InvalidToken, "006: wrong checksum of the user id");
  }
  if (!message->mayLogin) return refuse(NotAuthorized, "006: without privilege 1000, RTM login");

  // Every 006 token lives 24 hours, so a token that ends later was issued in the future. This also stops a forgery. A
  // user who may choose its own id could pick "victim" + X such that X + message reads as a message of "victim" with an
  // end decades away; an end within one day is out of reach by such luck.
  const std::uint64_t expiresAt = message->expiresAtSeconds;
  if (isBeyond(expiresAt, claim.nowSeconds, kMaxTokenSeconds + kTokenClockSkewSeconds)) {
    return refuseEarly("006: issued in the future", expiresAt - kMaxTokenSeconds - claim.nowSeconds);
  }
  if (claim.nowSeconds >= expiresAt) return refuse(TokenExpired, "006: expired");
  return acceptUntil(expiresAt);
}

}  // namespace rtm::server::token
