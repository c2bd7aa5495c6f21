# What compiles the project. An older compiler fails in the middle, with errors that do not name the cause; so it is asked
# first, and the answer is one line. CMake's own floor is at the head of CMakeLists.txt.
set(rtm_floor "GCC 12, or Clang 14 with the C++ library of GCC 12 or with libc++")

function(rtm_too_old found)
  message(FATAL_ERROR "rtm-native needs ${rtm_floor}; found ${found} (${CMAKE_CXX_COMPILER}). "
                      "Choose a newer one: -DCMAKE_CXX_COMPILER=<program>, or on Debian 12 and later: apt-get install g++\n")
endfunction()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  rtm_too_old("GCC ${CMAKE_CXX_COMPILER_VERSION}")
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  rtm_too_old("Clang ${CMAKE_CXX_COMPILER_VERSION}")
endif()

# Clang compiles with the library of whichever GCC is installed.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_QUIET TRUE)
check_cxx_source_compiles("
#include <version>
#if defined(_GLIBCXX_RELEASE) && _GLIBCXX_RELEASE < 12
#error too old
#endif
int main() {}
" RTM_LIBRARY_IS_NEW)
unset(CMAKE_REQUIRED_QUIET)
if(NOT RTM_LIBRARY_IS_NEW)
  unset(RTM_LIBRARY_IS_NEW CACHE)  # asked again after the library has been replaced
  rtm_too_old("${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} with an older C++ library")
endif()
