#include "server/auth/token.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "server/auth/token_builder.hpp"

namespace rtm::server {
namespace {

using namespace rtm::test;

const TokenPolicy kStatic{kAppId, {}};
const TokenPolicy kDynamic{kAppId, {kCertificate}};

TEST(StaticToken, AProjectWithoutCertificateAcceptsNoTokenOrItsAppIdAndNeverExpires) {
  for (const std::string_view token : {std::string_view(), std::string_view(""), std::string_view(kAppId)}) {
    const TokenVerdict verdict = verifyToken(kStatic, token, kUser, kIssuedAt);
    EXPECT_TRUE(verdict.accepted());
    EXPECT_EQ(verdict.token.expiresAtSeconds, 0U);
    EXPECT_TRUE(verdict.reason.empty());
  }
}

TEST(StaticToken, AProjectWithoutCertificateRefusesEveryRealTokenAndAnythingElse) {
  for (const std::string& token :
       {Token006().text(), Token007().text(), std::string("_no_need_token"), std::string("null"), std::string(1, '\0'),
        kAppId + " ", kAppId.substr(1), std::string("0123456789ABCDEF0123456789ABCDEF"), std::string(100'000, 'a')}) {
    const TokenVerdict verdict = verifyToken(kStatic, token, kUser, kIssuedAt);
    EXPECT_EQ(verdict.error, TokenError::InvalidToken) << token.substr(0, 200);
    EXPECT_FALSE(verdict.reason.empty());
  }
}

TEST(DynamicToken, AProjectWithCertificateRefusesTextsThatAreNoTokens) {
  const std::string oldSignalingToken = "1:" + kAppId + ":1700000600:00112233445566778899aabbccddeeff";
  for (const std::string& token :
       {std::string(), kAppId, std::string("_no_need_token"), oldSignalingToken, std::string("0"), std::string("00"),
        std::string("006"), std::string("007"), std::string("006") + kAppId, std::string("007===="),
        "008" + Token007().text().substr(3), " " + Token007().text(), Token007().text() + "\n"}) {
    const TokenVerdict verdict = verifyToken(kDynamic, token, kUser, kIssuedAt);
    EXPECT_EQ(verdict.error, TokenError::InvalidToken) << token;
    EXPECT_FALSE(verdict.reason.empty());
  }
}

TEST(DynamicToken, AnyConfiguredCertificateIsHonouredCurrentOrPrevious) {
  const std::string current(32, 'a');
  const std::string older(32, 'b');
  for (const auto& certificates : std::vector<std::vector<std::string>>{
           {kCertificate}, {kCertificate, current}, {current, kCertificate}, {current, older, kCertificate}}) {
    const TokenPolicy policy{kAppId, certificates};
    EXPECT_TRUE(verifyToken(policy, Token006().text(), kUser, kIssuedAt).accepted());
    EXPECT_TRUE(verifyToken(policy, Token007().text(), kUser, kIssuedAt).accepted());
  }
  const TokenPolicy rotatedAway{kAppId, {current, older}};
  EXPECT_EQ(verifyToken(rotatedAway, Token006().text(), kUser, kIssuedAt).error, TokenError::InvalidToken);
  EXPECT_EQ(verifyToken(rotatedAway, Token007().text(), kUser, kIssuedAt).error, TokenError::InvalidToken);
}

TEST(DynamicToken, AMalformedCertificateIsNeverASigningKeyAndNeverOpensTheProject) {
  for (const std::string& certificate :
       {std::string(), std::string("abc"), std::string(32, 'g'), std::string(33, 'a')}) {
    const TokenPolicy policy{kAppId, {certificate}};
    Token006 token006;
    token006.certificate = certificate;
    Token007 token007;
    token007.certificate = certificate;
    for (const std::string& token : {token006.text(), token007.text(), std::string(), kAppId}) {
      EXPECT_EQ(verifyToken(policy, token, kUser, kIssuedAt).error, TokenError::InvalidToken) << certificate;
    }
    const TokenPolicy mixed{kAppId, {certificate, kCertificate}};
    EXPECT_TRUE(verifyToken(mixed, Token007().text(), kUser, kIssuedAt).accepted());
  }
}

TEST(DynamicToken, ATextOverTwoKibibytesIsRefusedUnread) {
  const auto textFor = [](std::size_t contentBytes) {
    Token007 token;
    const std::string info = token.signingInfo();
    token.rawSigningInfo = info + std::string(contentBytes - info.size() - 34, '\0');
    return Token007::wrap(token.content(), Z_NO_COMPRESSION);
  };
  const std::string longest = textFor(1522);
  ASSERT_EQ(longest.size(), 2047U) << "the version and groups of four: 2048 itself cannot occur";
  EXPECT_TRUE(verifyToken(kDynamic, longest, kUser, kIssuedAt).accepted());
  const std::string tooLong = textFor(1523);
  ASSERT_EQ(tooLong.size(), 2051U);
  const TokenVerdict verdict = verifyToken(kDynamic, tooLong, kUser, kIssuedAt);
  EXPECT_EQ(verdict.error, TokenError::InvalidToken);
  EXPECT_EQ(verdict.reason, "longer than 2048 characters");
}

TEST(DynamicToken, AnExtremeClockNeitherOverflowsNorAccepts) {
  for (const std::uint64_t now : {std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()}) {
    for (const std::string& token : {Token006().text(), Token007().text()}) {
      const TokenError expected = now == 0 ? TokenError::InvalidToken : TokenError::TokenExpired;
      EXPECT_EQ(verifyToken(kDynamic, token, kUser, now).error, expected);
    }
  }
}

TEST(DynamicToken, TheReasonNeverQuotesTheToken) {
  Token007 token;
  token.services = {rtmService("mallory")};
  const TokenVerdict verdict = verifyToken(kDynamic, token.text(), kUser, kIssuedAt);
  EXPECT_EQ(verdict.reason, "007: made for another user id");
}

}  // namespace
}  // namespace rtm::server
