#include <gtest/gtest.h>

#include "server/auth/token.hpp"
#include "server/auth/token_builder.hpp"

namespace rtm::server {
namespace {

using namespace rtm::test;
using enum TokenError;

const TokenPolicy kPolicy006{kAppId, {kCertificate}};

TokenVerdict verify006(std::string_view token, std::uint64_t now = kIssuedAt, std::string_view user = kUser) {
  return verifyToken(kPolicy006, token, user, now);
}

constexpr std::string_view kVector006 =
    "0060123456789abcdef0123456789abcdefIADimeThZykOTYqFGK3uO0f9SmBo3gRy5ffoc7VWqFMnSUe8jicAAAAAEAB4VjQSgEJVZQEA6AMQ/"
    "1Nl";

TEST(Token006, TheVectorOfTheSpecificationIsAcceptedUntilItsEnd) {
  EXPECT_EQ(Token006().text(), kVector006);
  const TokenVerdict verdict = verify006(kVector006);
  EXPECT_TRUE(verdict.accepted()) << verdict.reason;
  EXPECT_EQ(verdict.token.expiresAtSeconds, 1'700'086'400U);
  EXPECT_TRUE(verify006(kVector006, 1'700'086'399).accepted());
  EXPECT_EQ(verify006(kVector006, 1'700'086'400).error, TokenExpired);
}

TEST(Token006, ThePrivilegesOwnExpiryHasNoEffect) {
  for (const std::uint32_t expiry : {0U, 1U, kIssuedAt, 0xFFFFFFFFU}) {
    Token006 token;
    token.privileges = {{1000, expiry}};
    EXPECT_EQ(verify006(token.text()).token.expiresAtSeconds, kIssuedAt + 86400U);
  }
}

TEST(Token006, ItIsBoundToAppIdUserAndCertificate) {
  Token006 otherApp;
  otherApp.appId = std::string(32, 'a');
  EXPECT_EQ(verify006(otherApp.text()).reason, "006: made for another App ID");
  EXPECT_EQ(verify006(otherApp.text()).error, InvalidToken);

  Token006 upperCaseApp;
  upperCaseApp.appId = "0123456789ABCDEF0123456789ABCDEF";
  EXPECT_EQ(verify006(upperCaseApp.text()).error, InvalidToken);

  for (const std::string_view user : {"bob", "Alice", "alic", "alice ", "alicex", ""}) {
    EXPECT_EQ(verify006(kVector006, kIssuedAt, user).error, InvalidToken) << user;
  }

  Token006 otherCertificate;
  otherCertificate.certificate = std::string(32, 'a');
  EXPECT_EQ(verify006(otherCertificate.text()).error, InvalidToken);
}

TEST(Token006, WithoutPrivilege1000ItDoesNotAuthorize) {
  for (const Privileges& privileges : {Privileges{}, Privileges{{1, 0}, {2, 0}}, Privileges{{999, 0}, {1001, 0}}}) {
    Token006 token;
    token.privileges = privileges;
    EXPECT_EQ(verify006(token.text()).error, NotAuthorized);
    EXPECT_EQ(verify006(token.text(), kIssuedAt + 90'000).error, NotAuthorized) << "privilege before expiry";
  }
  Token006 several;
  several.privileges = {{1, 0}, {2, 0}, {1000, 0}, {1001, 0}};
  EXPECT_TRUE(verify006(several.text()).accepted());
}

TEST(Token006, AnEndBeyondOneDayAndTheClockSkewMeansIssueInTheFuture) {
  Token006 token;
  token.ts = kIssuedAt + 86400 + 300;
  EXPECT_TRUE(verify006(token.text()).accepted());
  token.ts += 1;
  EXPECT_EQ(verify006(token.text()).error, InvalidToken);
  EXPECT_EQ(verify006(token.text()).reason, "006: issued in the future");
  EXPECT_EQ(verify006(token.text()).aheadSeconds, 301u);
}

// The signature covers appId + userId + message without marking the end of the user id. A user who may choose the id in
// its tokens can move this border; here the shifted message even parses and carries privilege 1000.
TEST(Token006, ATokenForALongerIdIsRefusedForItsBeginning) {
  Token006 own;
  own.user = kUser + "zzzzzz";
  own.salt = 0x0002FFFF;
  ASSERT_TRUE(verify006(own.text(), kIssuedAt, own.user).accepted());

  Token006 shifted;
  shifted.rawMessage = "zzzzzz" + own.message();
  ASSERT_EQ(shifted.signature(), own.signature());
  EXPECT_EQ(verify006(shifted.text()).error, InvalidToken);
  EXPECT_EQ(verify006(shifted.text()).reason, "006: issued in the future");
}

TEST(Token006, NoSingleBitOfTheTextMayChange) {
  for (std::size_t bit = 0; bit < kVector006.size() * 8; ++bit) {
    std::string text(kVector006);
    text[bit / 8] = static_cast<char>(static_cast<unsigned char>(text[bit / 8]) ^ (1U << bit % 8));
    EXPECT_EQ(verify006(text).error, InvalidToken) << "bit " << bit << ": " << text;
  }
}

TEST(Token006, NoSingleBitOfTheContentMayChangeNotEvenTheUnsignedChecksums) {
  const Token006 token;
  const std::string content = token.content();
  for (std::size_t bit = 0; bit < content.size() * 8; ++bit) {
    std::string flipped = content;
    flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << bit % 8));
    EXPECT_EQ(verify006(token.wrap(flipped)).error, InvalidToken) << "bit " << bit;
  }
}

TEST(Token006, NoTruncationAndNoExtensionIsAccepted) {
  for (std::size_t length = 0; length < kVector006.size(); ++length) {
    const std::string cut(kVector006.substr(0, length));
    EXPECT_EQ(verify006(cut).error, InvalidToken) << length;
  }
  const Token006 token;
  const std::string content = token.content();
  for (std::size_t length = 0; length < content.size(); ++length) {
    EXPECT_EQ(verify006(token.wrap(content.substr(0, length))).error, InvalidToken) << length;
  }
  EXPECT_EQ(verify006(token.wrap(content + '\0')).error, InvalidToken);
}

TEST(Token006, AMalformedMessageIsRefusedEvenIfItIsSigned) {
  const std::string message = Token006().message();
  std::vector<std::string> wrong = {message + '\0', u32(1) + u32(kIssuedAt + 86400) + u16(0xFFFF) + u16(1000) + u32(0)};
  for (std::size_t length = 0; length < message.size(); ++length) wrong.push_back(message.substr(0, length));
  for (const std::string& bytes : wrong) {
    Token006 token;
    token.rawMessage = bytes;
    const TokenVerdict verdict = verify006(token.text());
    EXPECT_EQ(verdict.error, InvalidToken) << bytes.size() << " bytes";
    EXPECT_EQ(verdict.reason, "006: message cut or too long") << bytes.size() << " bytes";
  }
}

TEST(Token006, ASignatureOfAnotherLengthIsRefused) {
  const Token006 token;
  const std::string rest = u32(crc(kUser)) + u32(0) + str(token.message());
  EXPECT_TRUE(verify006(token.wrap(str(token.signature()) + rest)).accepted());
  EXPECT_EQ(verify006(token.wrap(str("") + rest)).error, InvalidToken);
  EXPECT_EQ(verify006(token.wrap(str(token.signature().substr(0, 31)) + rest)).error, InvalidToken);
  EXPECT_EQ(verify006(token.wrap(str(token.signature() + '\0') + rest)).error, InvalidToken);
}

}  // namespace
}  // namespace rtm::server
