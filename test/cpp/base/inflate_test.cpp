#include "base/inflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace rtm {
namespace {

Bytes deflated(const Bytes& plain, int level = Z_BEST_COMPRESSION) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  Bytes out(size);
  EXPECT_EQ(compress2(out.data(), &size, plain.data(), static_cast<uLong>(plain.size()), level), Z_OK);
  out.resize(size);
  return out;
}

Bytes noise(std::size_t size) {
  std::mt19937 random(1);
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

TEST(Inflate, RestoresDataOfAnyLevelAndSize) {
  for (const std::size_t size : {0U, 1U, 100U, 1023U, 1024U, 1025U, 2048U, 5000U, 65536U}) {
    for (const int level : {0, 1, 6, 9}) {
      for (const Bytes& plain : {Bytes(size, 'x'), noise(size)}) {
        const auto back = inflateBounded(deflated(plain, level), 65536);
        ASSERT_TRUE(back.has_value()) << size << " bytes, level " << level;
        EXPECT_EQ(*back, plain);
      }
    }
  }
}

TEST(Inflate, TheLimitIsExact) {
  for (const std::size_t limit : {0U, 1U, 1023U, 1024U, 1025U, 4096U}) {
    EXPECT_TRUE(inflateBounded(deflated(Bytes(limit, 0)), limit).has_value()) << limit;
    EXPECT_FALSE(inflateBounded(deflated(Bytes(limit + 1, 0)), limit).has_value()) << limit;
  }
}

TEST(Inflate, ASmallStreamThatWouldGrowAThousandfoldIsRefused) {
  const Bytes bomb = deflated(Bytes(8U << 20U, 0));
  ASSERT_LT(bomb.size(), 10'000U);
  EXPECT_FALSE(inflateBounded(bomb, 65536).has_value());
}

TEST(Inflate, EveryTruncationAndAnyTrailingByteIsRefused) {
  for (const Bytes& plain : {Bytes(1024, 'x'), noise(1500)}) {
    Bytes stream = deflated(plain);
    for (std::size_t length = 0; length < stream.size(); ++length) {
      EXPECT_FALSE(inflateBounded(ByteView(stream).first(length), 65536).has_value()) << length;
    }
    stream.push_back(0);
    EXPECT_FALSE(inflateBounded(stream, 65536).has_value());
  }
}

TEST(Inflate, RawDeflateGzipAndPresetDictionariesAreNotZlibStreams) {
  for (const int windowBits : {-15, 31}) {
    z_stream stream{};
    ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    Bytes plain(100, 'x');
    Bytes out(200);
    stream.next_in = plain.data();
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    EXPECT_FALSE(inflateBounded(out, 65536).has_value()) << windowBits;
  }
  EXPECT_FALSE(inflateBounded(Bytes{0x78, 0xBB, 0, 0, 0, 1, 0x4B, 4, 0, 0, 0x62, 0, 0x62}, 65536).has_value());
}

}  // namespace
}  // namespace rtm
