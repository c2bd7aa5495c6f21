#pragma once

#include <cstdint>

namespace rtm::wire {

/// Which way the body of a transfer goes, as the client sees it.
enum class MediaDirection : std::uint8_t { Upload, Download };

}  // namespace rtm::wire
