// Heads of image files, which users choose: no read beyond the bytes, and a size only if both sides have one.
// fuzz: cpp/client/media/image_size.cpp
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "client/media/image_size.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> head(data, data + size);  // of its own size, so that the sanitizer sees its end
  const rtm::client::ImageSize found = rtm::client::imageSizeOf(head);
  if (found.width < 0 || found.height < 0 || (found.width == 0) != (found.height == 0)) std::abort();
  return 0;
}
