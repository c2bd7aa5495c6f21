#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "base/inflate.hpp"
#include "server/auth/token.hpp"
#include "server/auth/token_builder.hpp"

namespace rtm::server {
namespace {

using namespace rtm::test;
using enum TokenError;

const TokenPolicy kPolicy007{kAppId, {kCertificate}};

TokenVerdict verify007(std::string_view token, std::uint64_t now = kIssuedAt, std::string_view user = kUser) {
  return verifyToken(kPolicy007, token, user, now);
}

TokenVerdict verifyServices(std::vector<std::string> services, std::uint64_t now = kIssuedAt) {
  Token007 token;
  token.services = std::move(services);
  return verify007(token.text(), now);
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string contentOf(std::string_view token) {
  const auto compressed = decodeBase64(token.substr(3));
  if (!compressed) return {};
  const auto content = inflateBounded(*compressed, 65536);
  return content ? std::string(asText(*content)) : std::string();
}

// Two spellings of one content.
constexpr std::string_view kVectors[] = {
    "007eJxTYEjzU4uO2JTTZagpoLhCN/A0m3Wb6roz+kv8cwznvH6ZzaTAYGBoZGxiamZuYZmYlJySmobOZ/gYnBrBxMDgl7iHgZGBCYgZGUB8VobEnMz"
    "kVAAGuBuI",
    "007eJxTYEjzU4uO2JTTZagpoLhCN/A0m3Wb6roz+kv8cwznvH6ZzaTAYGBoZGxiamZuYZmYlJySmobOZ/gYnBrBxMDgl7iHgZGBiYGRgZEBxGdlSMz"
    "JTE4FAAa4G4g="};

TEST(Token007, TheVectorsOfTheSpecificationAreAcceptedUntilTheirEnd) {
  EXPECT_EQ(
      hex(Token007().signingInfo()),
      "2000303132333435363738396162636465663031323334353637383961626364656600f15365580200004e61bc00010002000100010058"
      "0200000500616c696365");
  EXPECT_EQ(hex(Token007().signature()), "664e265b58b26c8a31291021a82d51cb063b8625aecc2fa44f6c319cebe96b02");
  for (const std::string_view text : kVectors) {
    EXPECT_EQ(contentOf(text), Token007().content());
    const TokenVerdict verdict = verify007(text);
    EXPECT_TRUE(verdict.accepted()) << verdict.reason;
    EXPECT_EQ(verdict.token.expiresAtSeconds, 1'700'000'600U);
    EXPECT_TRUE(verify007(text, 1'700'000'599).accepted());
    EXPECT_EQ(verify007(text, 1'700'000'600).error, TokenExpired);
  }
}

TEST(Token007, AnyCompressionLevelIsAccepted) {
  for (int level = 0; level <= 9; ++level) {
    EXPECT_TRUE(verify007(Token007::wrap(Token007().content(), level)).accepted()) << level;
  }
}

TEST(Token007, ItIsBoundToAppIdUserAndCertificate) {
  Token007 otherApp;
  otherApp.appId = std::string(32, 'a');
  EXPECT_EQ(verify007(otherApp.text()).error, InvalidToken);
  EXPECT_EQ(verify007(otherApp.text()).reason, "007: made for another App ID");

  Token007 otherCertificate;
  otherCertificate.certificate = std::string(32, 'a');
  EXPECT_EQ(verify007(otherCertificate.text()).error, InvalidToken);

  for (const std::string_view user : {"bob", "Alice", "alic", "alice ", "alicex", ""}) {
    EXPECT_EQ(verify007(Token007().text(), kIssuedAt, user).error, InvalidToken) << user;
    EXPECT_EQ(verify007(Token007().text(), kIssuedAt, user).reason, "007: made for another user id");
  }
}

TEST(Token007, TheChecksComeInTheOrderOfTheSpecification) {
  // Each token is wrong in one more respect than the next; the first wrong one decides.
  Token007 token;
  token.issuedAt = kIssuedAt + 1000;
  token.expire = 0;
  token.services = {service(1, {{1, 600}}, str("room") + str(""))};
  EXPECT_EQ(verify007(token.text()).error, NotAuthorized) << "no RTM service";
  token.services = {rtmService("bob", {})};
  EXPECT_EQ(verify007(token.text()).error, InvalidToken) << "user before privilege";
  token.services = {rtmService(kUser, {})};
  EXPECT_EQ(verify007(token.text()).error, NotAuthorized) << "privilege before time of issue";
  token.services = {rtmService()};
  EXPECT_EQ(verify007(token.text()).error, InvalidToken) << "time of issue before expiry";
  token.issuedAt = kIssuedAt;
  EXPECT_EQ(verify007(token.text()).error, TokenExpired);
  token.expire = 600;
  EXPECT_TRUE(verify007(token.text()).accepted());
}

TEST(Token007, OnlyTheRtmServiceOfTheFirstProductCounts) {
  EXPECT_EQ(verifyServices({}).error, NotAuthorized);
  EXPECT_EQ(verifyServices({service(8, {{1, 600}}, str(kUser) + u16(0))}).error, NotAuthorized);
  EXPECT_EQ(verifyServices({service(5, {{1, 600}}, str(kUser))}).error, NotAuthorized);
}

TEST(Token007, WithoutTheLoginPrivilegeItDoesNotAuthorize) {
  EXPECT_EQ(verifyServices({rtmService(kUser, {})}).error, NotAuthorized);
  EXPECT_EQ(verifyServices({rtmService(kUser, {{2, 600}, {1000, 600}})}).error, NotAuthorized);
  EXPECT_TRUE(verifyServices({rtmService(kUser, {{1, 600}, {2, 600}})}).accepted());
}

TEST(Token007, KnownServicesBeforeRtmAreSkipped) {
  const Privileges some = {{1, 10}, {2, 20}};
  const std::string two = str("first") + str("second");
  const std::string rtm2 = str(kUser) + u16(2) +                                                // two resource types
                           u16(0) + u16(2) + u16(0) + u16(1) + str("a") + u16(1) + u16(0) +     // read: a, write: none
                           u16(1) + u16(1) + u16(1) + u16(3) + str("b") + str("") + str("cd");  // write: three names
  const std::vector<std::string> known = {
      service(1, some, two),         service(3, some, two), service(4, some),
      service(5, some, str("user")), service(6, {}, two),   service(7, some, two + u16(65535)),
      service(8, some, rtm2),        service(9, some),      service(10, some)};
  for (const std::string& other : known) {
    EXPECT_TRUE(verifyServices({other, rtmService()}).accepted()) << hex(other);
    EXPECT_TRUE(verifyServices({rtmService(), other}).accepted()) << hex(other);
    EXPECT_EQ(verifyServices({other}).error, NotAuthorized) << hex(other);
  }
  std::vector<std::string> all = known;
  all.push_back(rtmService());
  EXPECT_TRUE(verifyServices(all).accepted());
}

TEST(Token007, AnUnknownServiceEndsTheSearch) {
  for (const std::uint16_t type : std::vector<std::uint16_t>{0, 11, 999, 65535}) {
    const std::string unknown = service(type, {{1, 600}}, "anything at all");
    EXPECT_TRUE(verifyServices({rtmService(), unknown}).accepted()) << type;
    EXPECT_EQ(verifyServices({unknown, rtmService()}).error, NotAuthorized) << "RTM behind type " << type;
    EXPECT_TRUE(verifyServices({rtmService(), u16(type)}).accepted()) << "not even its privileges are read";
  }
}

TEST(Token007, TheFittingRtmServiceWithTheLongestLifeCounts) {
  EXPECT_TRUE(verifyServices({rtmService("bob"), rtmService()}).accepted());
  EXPECT_TRUE(verifyServices({rtmService(), rtmService("bob")}).accepted());
  EXPECT_EQ(verifyServices({rtmService("bob"), rtmService("carol")}).error, InvalidToken);
  EXPECT_EQ(verifyServices({rtmService("bob"), rtmService(kUser, {})}).error, NotAuthorized)
      << "the privilege of another user is no help";
  const auto verdict = verifyServices({rtmService(kUser, {{1, 100}}), rtmService(kUser, {{1, 200}})});
  EXPECT_EQ(verdict.token.expiresAtSeconds, kIssuedAt + 200U);
}

TEST(Token007, ItLivesForTheSmallerOfTokenAndPrivilegeAndForOneDayAtMost) {
  struct Row {
    std::uint32_t token;
    std::uint32_t privilege;
    std::uint32_t life;  // 0: expired at once
  };
  constexpr std::uint32_t kAbsolute = kIssuedAt + 3600;  // an end instead of a life, as one guide's sample passes it
  for (const Row& row :
       {Row{600, 600, 600}, Row{600, 0, 600}, Row{600, 100, 100}, Row{100, 600, 100}, Row{86400, 86400, 86400},
        Row{86401, 86401, 86400}, Row{100'000, 0, 86400}, Row{kAbsolute, kAbsolute, 86400},
        Row{0xFFFFFFFF, 0xFFFFFFFF, 86400}, Row{1, 1, 1}, Row{0, 0, 0}, Row{0, 600, 0}}) {
    Token007 token;
    token.expire = row.token;
    token.services = {rtmService(kUser, {{1, row.privilege}})};
    const std::string text = token.text();
    if (row.life > 0) {
      EXPECT_EQ(verify007(text).token.expiresAtSeconds, kIssuedAt + row.life) << row.token << ' ' << row.privilege;
      EXPECT_TRUE(verify007(text, kIssuedAt + row.life - 1).accepted());
    }
    EXPECT_EQ(verify007(text, kIssuedAt + row.life).error, TokenExpired) << row.token << ' ' << row.privilege;
  }
}

TEST(Token007, AnIssuersClockMayRunFiveMinutesAheadOfOurs) {
  EXPECT_TRUE(verify007(Token007().text(), kIssuedAt - 300).accepted());
  EXPECT_EQ(verify007(Token007().text(), kIssuedAt - 301).error, InvalidToken);
  EXPECT_EQ(verify007(Token007().text(), kIssuedAt - 301).reason, "007: issued in the future");
  EXPECT_EQ(verify007(Token007().text(), kIssuedAt - 301).aheadSeconds, 301u);
  EXPECT_EQ(verify007(Token007().text(), kIssuedAt - 300).aheadSeconds, 0u);
  Token007 lifeless;
  lifeless.expire = 0;
  EXPECT_EQ(verify007(lifeless.text(), kIssuedAt - 300).error, TokenExpired) << "skew gives no life to a life of zero";
}

TEST(Token007, TheLargestNumbersDoNotOverflow) {
  Token007 token;
  token.issuedAt = 0xFFFFFFFF;
  token.expire = 0xFFFFFFFF;
  token.salt = 0xFFFFFFFF;
  token.services = {rtmService(kUser, {{1, 0xFFFFFFFF}})};
  EXPECT_EQ(verify007(token.text(), 0xFFFFFFFF).token.expiresAtSeconds, 0xFFFFFFFFULL + 86400);
}

TEST(Token007, NoSingleBitOfTheContentMayChange) {
  const std::string content = Token007().content();
  for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
    std::string flipped = content;
    flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << bit % 8));
    EXPECT_EQ(verify007(Token007::wrap(flipped)).error, InvalidToken) << "bit " << bit;
  }
}

// The text itself is not unique: a deflate stream ends in the middle of a byte, and the up to seven bits that are left
// of it say nothing. A text with one of them flipped is another spelling of the same signed content; every other
// flipped bit has to be refused.
TEST(Token007, OnlyBitsWithoutMeaningMayChangeInTheText) {
  for (const std::string_view original : kVectors) {
    int spellings = 0;
    for (std::size_t bit = 0; bit < original.size() * 8; ++bit) {
      std::string text(original);
      text[bit / 8] = static_cast<char>(static_cast<unsigned char>(text[bit / 8]) ^ (1U << bit % 8));
      const TokenVerdict verdict = verify007(text);
      const bool sameContent = text.starts_with("007") && contentOf(text) == Token007().content();
      EXPECT_EQ(verdict.error, sameContent ? None : InvalidToken) << "bit " << bit << ": " << text;
      spellings += sameContent ? 1 : 0;
    }
    EXPECT_LE(spellings, 7);
  }
}

TEST(Token007, NoTruncationOfTextOrContentIsAccepted) {
  for (const std::string_view text : kVectors) {
    for (std::size_t length = 0; length < text.size(); ++length) {
      EXPECT_EQ(verify007(std::string(text.substr(0, length))).error, InvalidToken) << length;
    }
  }
  const std::string content = Token007().content();
  for (std::size_t length = 0; length < content.size(); ++length) {
    EXPECT_EQ(verify007(Token007::wrap(content.substr(0, length))).error, InvalidToken) << length;
  }
}

TEST(Token007, TruncatedFieldsAreRefusedEvenIfTheyAreSigned) {
  Token007 whole;
  whole.services = {rtmService(), service(7, {{1, 0}}, str("room") + str("user") + u16(1)),
                    service(8, {}, str(kUser) + u16(1) + u16(0) + u16(1) + u16(0) + u16(1) + str("a"))};
  const std::string info = whole.signingInfo();
  ASSERT_TRUE(verify007(whole.text()).accepted());
  for (std::size_t length = 0; length < info.size(); ++length) {
    Token007 cut;
    cut.rawSigningInfo = info.substr(0, length);
    const TokenVerdict verdict = verify007(cut.text());
    EXPECT_EQ(verdict.error, InvalidToken) << length;
    EXPECT_TRUE(verdict.reason.ends_with(" cut")) << verdict.reason << ", not the signature: " << length;
  }
}

TEST(Token007, CountsBeyondTheEndOfTheContentAreRefused) {
  Token007 services;
  std::string info = services.signingInfo();
  info.replace(info.size() - rtmService().size() - 2, 2, u16(0xFFFF));
  services.rawSigningInfo = info;
  EXPECT_EQ(verify007(services.text()).reason, "007: services cut");
  EXPECT_EQ(verify007(services.text()).error, InvalidToken);
  for (const std::string& greedy :
       {u16(2) + u16(0xFFFF) + u16(1) + u32(0) + str(kUser), u16(2) + u16(1) + u16(1) + u32(0) + u16(0xFFFF) + kUser,
        u16(8) + u16(0) + str(kUser) + u16(0xFFFF), u16(8) + u16(0) + str(kUser) + u16(1) + u16(0) + u16(0xFFFF),
        u16(8) + u16(0) + str(kUser) + u16(1) + u16(0) + u16(1) + u16(0) + u16(0xFFFF)}) {
    EXPECT_EQ(verifyServices({greedy}).error, InvalidToken) << hex(greedy);
    EXPECT_EQ(verifyServices({greedy}).reason, "007: services cut") << hex(greedy);
  }
}

TEST(Token007, ASignatureOfAnotherLengthIsRefused) {
  const Token007 token;
  EXPECT_EQ(verify007(Token007::wrap(str("") + token.signingInfo())).error, InvalidToken);
  EXPECT_EQ(verify007(Token007::wrap(str(token.signature().substr(0, 31)) + token.signingInfo())).error, InvalidToken);
  EXPECT_EQ(verify007(Token007::wrap(str(token.signature() + '\0') + token.signingInfo())).error, InvalidToken);
}

TEST(Token007, ADecompressionBombIsRefusedWithoutInflatingIt) {
  const auto padded = [](std::size_t size) {
    Token007 token;
    const std::string info = token.signingInfo();
    token.rawSigningInfo = info + std::string(size - info.size() - 34, '\0');
    return token.text();
  };
  EXPECT_TRUE(verify007(padded(65536)).accepted()) << "signed bytes behind the services are the issuer's business";
  EXPECT_EQ(verify007(padded(65537)).error, InvalidToken);
  const std::string bomb = padded(1'000'000);
  ASSERT_LE(bomb.size(), kMaxTokenBytes);
  EXPECT_EQ(verify007(bomb).reason, "007: no zlib stream of at most 64 KiB");
}

TEST(Token007, TheStreamMustBeTheWholeText) {
  const std::string stream = deflated(Token007().content());
  EXPECT_TRUE(verify007("007" + base64(stream)).accepted());
  EXPECT_EQ(verify007("007" + base64(stream + '\0')).error, InvalidToken);
  EXPECT_EQ(verify007("007" + base64(stream + stream)).error, InvalidToken);
  EXPECT_EQ(verify007("007" + base64(Token007().content())).error, InvalidToken) << "not compressed";
}

}  // namespace
}  // namespace rtm::server
