// Format 007: "007" + base64(zlib(str(signature) + signing info)); the signing info holds the services granted.
#include <algorithm>
#include <array>
#include <optional>

#include "base/base64.hpp"
#include "base/byte_reader.hpp"
#include "base/common_constants.hpp"
#include "base/identifiers.hpp"
#include "base/inflate.hpp"
#include "server/auth/token_formats.hpp"

namespace rtm::server::token {
namespace {

constexpr std::size_t kMaxContentBytes = 65536;

enum Service : std::uint16_t {
  kServiceRtc = 1,
  kServiceRtm = kTokenServiceRtm,
  kServiceStreaming = 3,
  kServiceFpa = 4,
  kServiceChat = 5,
  kServiceFcdn = 6,
  kServiceApaas = 7,
  kServiceRtm2 = 8,
  kServiceConvoAi = 9,
  kServiceStt = 10,
};

struct Content007 {
  std::string_view signature;
  ByteView signingInfo;
  std::string_view appId;
  std::uint32_t issuedAt = 0;
  std::uint32_t life = 0;
  std::uint32_t salt = 0;
  std::uint16_t serviceCount = 0;
  ByteView services;
};

/// The best the RTM services of a token offer to one user.
struct Grant {
  bool hasRtm = false;
  bool userMatches = false;
  bool mayLogin = false;
  std::uint64_t life = 0;  // of the login privilege, in seconds from issue
};

std::optional<Content007> parseContent007(ByteView bytes) {
  ByteReader reader(bytes);
  Content007 content;
  content.signature = reader.string();
  content.signingInfo = reader.rest();
  content.appId = reader.string();
  content.issuedAt = reader.u32();
  content.life = reader.u32();
  content.salt = reader.u32();
  content.serviceCount = reader.u16();
  content.services = reader.rest();
  if (!reader.ok()) return std::nullopt;
  return content;
}

std::array<std::uint8_t, 4> littleEndian(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value), static_cast<std::uint8_t>(value >> 8),
          static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 24)};
}

bool isSigned007(const TokenPolicy& policy, const Content007& content) {
  const auto issuedAt = littleEndian(content.issuedAt);
  const auto salt = littleEndian(content.salt);
  return std::any_of(policy.certificates.begin(), policy.certificates.end(), [&](const std::string& certificate) {
    if (!isValidAppId(certificate)) return false;
    // The format has it this way round: the four bytes are the key and the secret is the data.
    const Signature k1 = hmac(issuedAt, asBytes(certificate));
    const Signature k2 = hmac(salt, k1);
    return sameSignature(hmac(k2, content.signingInfo), content.signature);
  });
}

void skipStrings(ByteReader& reader, std::uint16_t count) {
  for (std::uint16_t i = 0; i < count && reader.ok(); ++i) static_cast<void>(reader.string());
}

/// The resources of RTM 2: n types, each with m permissions, each with k names.
void skipRtm2Resources(ByteReader& reader) {
  const std::uint16_t types = reader.u16();
  for (std::uint16_t t = 0; t < types && reader.ok(); ++t) {
    static_cast<void>(reader.u16());
    const std::uint16_t permissions = reader.u16();
    for (std::uint16_t p = 0; p < permissions && reader.ok(); ++p) {
      static_cast<void>(reader.u16());
      skipStrings(reader, reader.u16());
    }
  }
}

/// True for the types whose fields, and so their length, are known.
bool isKnownService(std::uint16_t type) {
  return type >= kServiceRtc && type <= kServiceStt;
}

/// Skips the fields that follow the privileges of a known service other than RTM.
void skipFields(ByteReader& reader, std::uint16_t type) {
  switch (type) {
    case kServiceRtc:
    case kServiceStreaming:
    case kServiceFcdn:
      return skipStrings(reader, 2);
    case kServiceChat:
      return skipStrings(reader, 1);
    case kServiceApaas:
      skipStrings(reader, 2);
      static_cast<void>(reader.u16());  // role
      return;
    case kServiceRtm2:
      skipStrings(reader, 1);
      return skipRtm2Resources(reader);
    default:
      return;  // FPA, ConvoAI and STT have no field
  }
}

/// The seconds granted for login, nothing without the privilege. 0 in the token: as long as the token itself.
std::optional<std::uint64_t> readLoginLife(ByteReader& reader) {
  std::optional<std::uint64_t> life;
  const std::uint16_t count = reader.u16();
  for (std::uint16_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint16_t privilege = reader.u16();
    const std::uint32_t seconds = reader.u32();
    if (privilege != kTokenPrivilegeLogin) continue;
    life = seconds == 0 ? kMaxTokenSeconds : std::min<std::uint64_t>(seconds, kMaxTokenSeconds);
  }
  return life;
}

/// Builders allow several services of one type, so one fitting RTM service among them is enough. Nothing when a field
/// is cut; an unknown type ends the walk without being an error, since newer products may follow.
std::optional<Grant> findGrant(const Content007& content, std::string_view userId) {
  ByteReader reader(content.services);
  Grant grant;
  for (std::uint16_t i = 0; i < content.serviceCount && reader.ok(); ++i) {
    const std::uint16_t type = reader.u16();
    if (!isKnownService(type)) break;
    const std::optional<std::uint64_t> life = readLoginLife(reader);
    if (type == kServiceRtm) {
      const bool userMatches = reader.string() == userId;
      grant.hasRtm = true;
      grant.userMatches |= userMatches;
      if (userMatches && life) {
        grant.mayLogin = true;
        grant.life = std::max(grant.life, *life);
      }
    } else {
      skipFields(reader, type);
    }
  }
  if (!reader.ok()) return std::nullopt;
  return grant;
}

}  // namespace

TokenVerdict verify007(const TokenPolicy& policy, std::string_view body, const Claim& claim) {
  using enum TokenError;
  const std::optional<Bytes> compressed = decodeBase64(body);
  if (!compressed) return refuse(InvalidToken, "007: not base64");
  const std::optional<Bytes> bytes = inflateBounded(*compressed, kMaxContentBytes);
  if (!bytes) return refuse(InvalidToken, "007: no zlib stream of at most 64 KiB");
  const std::optional<Content007> content = parseContent007(*bytes);
  if (!content) return refuse(InvalidToken, "007: content cut");

  if (content->appId != policy.appId) return refuse(InvalidToken, "007: made for another App ID");
  if (!isSigned007(policy, *content))
    return refuse(InvalidToken, "007: wrong signature (another certificate, or forged)");

  const std::optional<Grant> grant = findGrant(*content, claim.userId);
  if (!grant) return refuse(InvalidToken, "007: services cut");
  if (!grant->hasRtm) return refuse(NotAuthorized, "007: without the RTM service, type 2");
  if (!grant->userMatches) return refuse(InvalidToken, "007: made for another user id");
  if (!grant->mayLogin) return refuse(NotAuthorized, "007: without privilege 1, RTM login");

  const std::uint64_t issuedAt = content->issuedAt;
  if (isBeyond(issuedAt, claim.nowSeconds, kTokenClockSkewSeconds)) {
    return refuseEarly("007: issued in the future", issuedAt - claim.nowSeconds);
  }
  // A life of 0 is over at once, also where the issuer's clock runs ahead of ours.
  const std::uint64_t expiresAt = issuedAt + std::min<std::uint64_t>({content->life, kMaxTokenSeconds, grant->life});
  if (content->life == 0 || claim.nowSeconds >= expiresAt) return refuse(TokenExpired, "007: expired");
  return acceptUntil(expiresAt);
}

}  // namespace rtm::server::token
