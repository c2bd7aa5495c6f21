#pragma once

#include <cstdint>
#include <string_view>

#include "client/api/media_codes.hpp"
#include "client/api/media_direction.hpp"

namespace rtm::client {

struct UploadedMedia {
  bool image = false;        ///< also of an upload that failed
  std::string_view mediaId;  ///< empty after an error
  std::uint64_t size = 0;    ///< bytes
  std::uint32_t width = 0;   ///< pixels; 0: unknown, or no image
  std::uint32_t height = 0;
};

}  // namespace rtm::client
