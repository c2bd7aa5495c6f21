#include "base/byte_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm {
namespace {

TEST(ByteReader, ReadsLittleEndianNumbersAndStringsInOrder) {
  const Bytes source = {0x34, 0x12, 0x78, 0x56, 0x34, 0xF2, 0x02, 0x00, 'h', 'i', 0xAA, 0xBB};
  ByteReader reader(source);
  EXPECT_EQ(reader.u16(), 0x1234);
  EXPECT_EQ(reader.u32(), 0xF2345678U);
  EXPECT_EQ(reader.string(), "hi");
  EXPECT_EQ(asText(reader.rest()), "\xAA\xBB");
  EXPECT_EQ(asText(reader.bytes(2)), "\xAA\xBB");
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_TRUE(reader.ok());
}

TEST(ByteReader, TheEndItselfIsNoFailure) {
  ByteReader reader({});
  EXPECT_TRUE(reader.bytes(0).empty());
  EXPECT_TRUE(reader.ok());
}

TEST(ByteReader, AReadPastTheEndFailsForGoodAndGivesZero) {
  const Bytes source = {1, 2, 3};
  ByteReader reader(source);
  EXPECT_EQ(reader.u32(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u16(), 0) << "two bytes would have been there, but the record is already misread";
  EXPECT_TRUE(reader.string().empty());
  EXPECT_TRUE(reader.bytes(0).empty());
  EXPECT_TRUE(reader.rest().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, EveryTruncationOfARecordIsNoticed) {
  const Bytes record = {1, 0, 2, 0, 0, 0, 3, 0, 'a', 'b', 'c'};
  for (std::size_t length = 0; length <= record.size(); ++length) {
    const Bytes cut(record.begin(),
                    record.begin() + static_cast<std::ptrdiff_t>(length));  // own buffer: ASan sees its end
    ByteReader reader(cut);
    static_cast<void>(reader.u16());
    static_cast<void>(reader.u32());
    const std::string_view text = reader.string();
    EXPECT_EQ(reader.ok(), length == record.size());
    EXPECT_EQ(text, length == record.size() ? "abc" : "");
  }
}

TEST(ByteReader, AStringLengthThatExceedsTheSourceFails) {
  const Bytes source = {0xFF, 0xFF, 'a'};
  ByteReader reader(source);
  EXPECT_TRUE(reader.string().empty());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, AnEmptyStringIsNoFailure) {
  const Bytes source = {0, 0};
  ByteReader reader(source);
  EXPECT_TRUE(reader.string().empty());
  EXPECT_TRUE(reader.ok());
}

}  // namespace
}  // namespace rtm
