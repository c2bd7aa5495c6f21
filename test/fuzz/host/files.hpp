#pragma once

#include <cstddef>
#include <string>

namespace rtm::fuzz {

/// Of files.cpp: how many files nobody has closed.
std::size_t openFiles();
/// Forgets all files of files.cpp.
void forgetFiles();
/// A folder of the system, the same one for all inputs of a run, for code that wants to lock one.
const std::string& emptyFolder();

}  // namespace rtm::fuzz
