#pragma once

#include <cstddef>

namespace rtm::fuzz {

/// Forgets all files of files.cpp; gives the number of those that nobody has closed.
std::size_t forgetFiles();

}  // namespace rtm::fuzz
