# The plain C++ build: library, tests, fuzz targets.
option(RTM_TESTS "Build the C++ tests" ON)
option(RTM_FUZZ "Build the fuzz targets (needs clang)" OFF)
set(RTM_SANITIZE "" CACHE STRING "address, undefined, thread, or a combination with commas")

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBUV REQUIRED IMPORTED_TARGET libuv>=1.44)
find_package(ZLIB REQUIRED)

add_library(rtm_platform INTERFACE)
target_link_libraries(rtm_platform INTERFACE PkgConfig::LIBUV OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads)
if(RTM_SANITIZE)
  target_compile_options(rtm_platform INTERFACE -fsanitize=${RTM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(rtm_platform INTERFACE -fsanitize=${RTM_SANITIZE})
endif()

rtm_add_rooms()

if(RTM_TESTS)
  enable_testing()
  include(cmake/tests.cmake)
endif()
if(RTM_FUZZ)
  include(cmake/fuzz.cmake)
endif()
