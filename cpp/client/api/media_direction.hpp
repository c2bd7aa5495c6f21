#pragma once

#include <cstdint>

namespace rtm::client {

enum class MediaDirection : std::uint8_t { Upload, Download };

}  // namespace rtm::client
