// Sizes of images from the heads of their files.

#include "client/media/image_size.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace rtm::client {
namespace {

using std::string_literals::operator""s;

std::string png(const std::string& width, const std::string& height) {
  return "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s + width + height + "\x08\x06\0\0\0"s;
}

std::string bmp(const std::string& headerAndSize) {
  return "BM\0\0\0\0\0\0\0\0\x36\0\0\0"s + headerAndSize;
}

std::string segment(char marker, const std::string& content) {
  const std::size_t length = content.size() + 2;
  return "\xff"s + marker + static_cast<char>(length >> 8) + static_cast<char>(length & 0xff) + content;
}

/// precision, height, width, one component
const std::string kFrame = "\x08\x01\x2c\x02\x80\x01\x01\x11\0"s;

const std::string kJpegStart = "\xff\xd8"s + segment('\xe0', "JFIF\0\x01\x01\0\0\x01\0\x01\0\0"s);

struct ImageCase {
  std::string what;
  std::string head;
  ImageSize size;
};

TEST(ImageSize, IsReadFromTheHead) {
  const std::vector<ImageCase> cases{
      {"PNG", png("\0\0\x02\x80"s, "\0\0\x01\x2c"s), {640, 300}},
      {"PNG, the largest", png("\x7f\xff\xff\xff"s, "\0\0\0\x01"s), {0x7fffffff, 1}},
      {"PNG, more than the format allows", png("\x80\0\0\0"s, "\0\0\0\x01"s), {}},
      {"PNG without a width", png("\0\0\0\0"s, "\0\0\0\x01"s), {}},
      {"PNG whose first chunk is another", "\x89PNG\r\n\x1a\n\0\0\0\x0dtEXt\0\0\0\x01\0\0\0\x01"s, {}},
      {"BMP", bmp("\x28\0\0\0\x80\x02\0\0\x2c\x01\0\0"s), {640, 300}},
      {"BMP from top to bottom", bmp("\x28\0\0\0\x80\x02\0\0\xd4\xfe\xff\xff"s), {640, 300}},
      {"BMP of the smallest height", bmp("\x28\0\0\0\x80\x02\0\0\0\0\0\x80"s), {}},
      {"BMP with a negative width", bmp("\x28\0\0\0\xff\xff\xff\xff\x2c\x01\0\0"s), {}},
      {"BMP of OS/2", bmp("\x0c\0\0\0\x80\x02\x2c\x01"s), {640, 300}},
      {"BMP with a header of no known size", bmp("\x10\0\0\0\x80\x02\0\0\x2c\x01\0\0"s), {}},
      {"JPEG", kJpegStart + segment('\xc0', kFrame), {640, 300}},
      {"JPEG, progressive", kJpegStart + segment('\xc2', kFrame), {640, 300}},
      {"JPEG with tables, padding and a marker without content before its size",
       kJpegStart + segment('\xc4', "tables"s) + "\xff\xff\xff\xff\x01"s + segment('\xdb', "tables"s) +
           segment('\xc1', kFrame),
       {640, 300}},
      {"JPEG with a long segment before its size",
       kJpegStart + segment('\xe1', std::string(65000, 'x')) + segment('\xc0', kFrame),
       {640, 300}},
      {"JPEG, cut in a segment", kJpegStart + "\xff\xe1\xff\xff"s + std::string(100, 'x'), {}},
      {"JPEG whose picture begins before its size",
       kJpegStart + segment('\xda', "scan"s) + segment('\xc0', kFrame),
       {}},
      {"JPEG with a segment shorter than its own length", kJpegStart + "\xff\xe1\0\x01"s + segment('\xc0', kFrame), {}},
      {"JPEG with something else where a marker should be", kJpegStart + "x"s + segment('\xc0', kFrame), {}},
      {"JPEG of height 0, told later", kJpegStart + segment('\xc0', "\x08\0\0\x02\x80\x01\x01\x11\0"s), {}},
      {"GIF", "GIF89a\x80\x02\x2c\x01"s, {}},
      {"text", "hello"s, {}},
      {"nothing", "", {}},
  };
  for (const ImageCase& c : cases) EXPECT_EQ(imageSizeOf(asBytes(c.head)), c.size) << c.what;
}

TEST(ImageSize, IsUnknownForEveryHeadThatEndsBeforeTheSize) {
  for (const std::string& head : {png("\0\0\x02\x80"s, "\0\0\x01\x2c"s), bmp("\x28\0\0\0\x80\x02\0\0\x2c\x01\0\0"s),
                                  kJpegStart + segment('\xc0', kFrame)}) {
    for (std::size_t size = 0; size < head.size(); ++size) {
      const ImageSize found = imageSizeOf(asBytes(head).first(size));
      EXPECT_TRUE(found == ImageSize{} || found == (ImageSize{640, 300})) << size;
    }
    EXPECT_EQ(imageSizeOf(asBytes(head).first(16)), ImageSize{});
    EXPECT_EQ(imageSizeOf(asBytes(head)), (ImageSize{640, 300}));
  }
}

}  // namespace
}  // namespace rtm::client
