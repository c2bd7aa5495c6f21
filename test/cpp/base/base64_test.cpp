#include "base/base64.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

namespace rtm {
namespace {

std::string encode(const Bytes& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string decoded(std::string_view text) {
  const auto bytes = decodeBase64(text);
  return bytes ? std::string(asText(*bytes)) : "(refused)";
}

TEST(Base64, DecodesTheVectorsOfTheRfc) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("Zg=="), "f");
  EXPECT_EQ(decoded("Zm8="), "fo");
  EXPECT_EQ(decoded("Zm9v"), "foo");
  EXPECT_EQ(decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
}

TEST(Base64, InvertsAnotherEncoderForEveryByteAtEveryPosition) {
  for (std::size_t length = 0; length < 8; ++length) {
    for (unsigned value = 0; value < 256; ++value) {
      Bytes bytes(length, static_cast<std::uint8_t>(value));
      if (length > 1) bytes[length / 2] = static_cast<std::uint8_t>(~value);
      const auto back = decodeBase64(encode(bytes));
      ASSERT_TRUE(back.has_value());
      EXPECT_EQ(*back, bytes);
    }
  }
}

TEST(Base64, RefusesTextsOutsideTheStrictForm) {
  for (const std::string_view text : {
           "Zg",       "Zg=",  "Zm9vY", "Zm9vYg",                            // padding missing
           "=",        "==",   "===",   "====",         "Z===", "Zm9v====",  // too much padding
           "Zg==Zg==", "Zm=v", "=m9v",  "Zm9=Zm9v",                          // padding inside
           "Zm9v\n",   "Zm 9", " Zm9",  "Zm9v\r\n\r\n",                      // white space
           "Zm-v",     "Zm_v", "Zm9*",  "Zm9\x80",                           // not in the standard alphabet
           "Zh==",     "Zn==", "Zm9=",  "Zm+=",                              // unused bits set
       }) {
    EXPECT_EQ(decoded(text), "(refused)") << text;
  }
  EXPECT_FALSE(decodeBase64(std::string_view("Zm9\0", 4)).has_value());
}

TEST(Base64, EachOfTheOtherBytesIsRefusedAtEachPosition) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < 8; ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      const char c = static_cast<char>(value);
      std::string text = "AAAAAAAA";
      text[at] = c;
      const bool padding = c == '=' && at == 7;
      EXPECT_EQ(decodeBase64(text).has_value(), padding || kAlphabet.find(c) != std::string_view::npos)
          << "byte " << value << " at " << at;
    }
  }
}

TEST(Base64, TwoTextsNeverGiveTheSameBytes) {
  const std::string text = "SGVsbG8sIHdvcmxkIQ==";
  const std::string bytes = decoded(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      std::string other = text;
      other[at] = static_cast<char>(value);
      EXPECT_EQ(decoded(other) == bytes, other == text) << other;
    }
  }
}

}  // namespace
}  // namespace rtm
