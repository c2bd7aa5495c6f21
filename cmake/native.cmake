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

# The SDK as C++ programs link it: -lagora_rtm_sdk. Only what the drop-in headers declare is exported.
add_library(agora_rtm_sdk SHARED cmake/empty.cpp)
target_link_libraries(agora_rtm_sdk PRIVATE -Wl,--whole-archive rtm_sdk -Wl,--no-whole-archive)
target_link_options(agora_rtm_sdk PRIVATE -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cmake/rtm_sdk.map)
set_target_properties(agora_rtm_sdk PROPERTIES LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/rtm_sdk.map)
target_include_directories(agora_rtm_sdk INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/cpp/include> $<INSTALL_INTERFACE:include>)
set_target_properties(agora_rtm_sdk PROPERTIES OUTPUT_NAME agora_rtm_sdk)
# Programs built against the 1.4 packages look for this name.
add_custom_command(TARGET agora_rtm_sdk POST_BUILD COMMAND ${CMAKE_COMMAND} -E create_symlink
  libagora_rtm_sdk.so $<TARGET_FILE_DIR:agora_rtm_sdk>/libagora-rtm-sdk-jni.so)

include(cmake/install.cmake)

if(RTM_TESTS)
  enable_testing()
  include(cmake/tests.cmake)
endif()
if(RTM_FUZZ)
  include(cmake/fuzz.cmake)
endif()
