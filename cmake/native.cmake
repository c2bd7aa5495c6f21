# The plain C++ build: the library as programs link it. The presets of CMakePresets.json add the tests.
option(BUILD_SHARED_LIBS "libagora_rtm_sdk.so; OFF: libagora_rtm_sdk.a" ON)
option(RTM_TESTS "Build the C++ tests, and the server that they need" OFF)
option(RTM_FUZZ "Build the fuzz targets (needs clang)" OFF)
set(RTM_SANITIZE "" CACHE STRING "address, undefined, thread, or a combination with commas")
include(GNUInstallDirs)
include(cmake/hardening.cmake)
# Programs at an address that changes with each start: CMAKE_POSITION_INDEPENDENT_CODE asks for it, this lets it link so.
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
if(NOT RTM_TESTS AND NOT RTM_FUZZ AND NOT DEFINED CMAKE_UNITY_BUILD)
  # Several sources in one compilation: who only wants the library waits less than half as long (61 s of 137 s, GCC 12).
  set(CMAKE_UNITY_BUILD ON)
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBUV REQUIRED IMPORTED_TARGET libuv>=1.44)
find_package(ZLIB REQUIRED)

add_library(rtm_platform INTERFACE)
target_link_libraries(rtm_platform INTERFACE PkgConfig::LIBUV OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
if(RTM_SANITIZE)
  target_compile_options(rtm_platform INTERFACE -fsanitize=${RTM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(rtm_platform INTERFACE -fsanitize=${RTM_SANITIZE})
endif()

rtm_add_rooms()
if(NOT RTM_TESTS)
  set_target_properties(rtm_server PROPERTIES EXCLUDE_FROM_ALL TRUE)
endif()

# The SDK as C++ programs link it: -lagora_rtm_sdk.
if(BUILD_SHARED_LIBS)
  # Only what the drop-in headers declare is exported.
  add_library(agora_rtm_sdk SHARED cmake/empty.cpp)
  target_link_libraries(agora_rtm_sdk PRIVATE -Wl,--whole-archive rtm_sdk -Wl,--no-whole-archive)
  # A program that unloads the library may still have threads or handlers of exit() in its code.
  target_link_options(agora_rtm_sdk PRIVATE -Wl,-z,nodelete -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cmake/rtm_sdk.map)
  set_target_properties(agora_rtm_sdk PROPERTIES LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/rtm_sdk.map)
  # Programs built against the 1.4 packages look for this name.
  add_custom_command(TARGET agora_rtm_sdk POST_BUILD COMMAND ${CMAKE_COMMAND} -E create_symlink
    libagora_rtm_sdk.so $<TARGET_FILE_DIR:agora_rtm_sdk>/libagora-rtm-sdk-jni.so)
else()
  # One archive with all rooms; what they need of the system is linked by whoever links the archive.
  add_library(agora_rtm_sdk STATIC cmake/empty.cpp)
  foreach(room base wire net client sdk)
    target_sources(agora_rtm_sdk PRIVATE $<TARGET_OBJECTS:rtm_${room}>)
  endforeach()
  target_link_libraries(agora_rtm_sdk PUBLIC PkgConfig::LIBUV OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
endif()
target_include_directories(agora_rtm_sdk INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/cpp/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# For projects that add this one with add_subdirectory() or FetchContent: the name that the installed package has, too.
add_library(rtm-native::agora_rtm_sdk ALIAS agora_rtm_sdk)

# What early programs and the wrappers of other languages need besides, in a library of its own (README).
rtm_sources(rtm_wrappers_files wrappers)
add_library(agora_rtm_wrappers ${rtm_wrappers_files})
rtm_warnings(agora_rtm_wrappers)
target_link_libraries(agora_rtm_wrappers PUBLIC agora_rtm_sdk)
target_include_directories(agora_rtm_wrappers
  PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/cpp/wrappers/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/rtm-native-wrappers>)
add_library(rtm-native::agora_rtm_wrappers ALIAS agora_rtm_wrappers)

include(cmake/install.cmake)
include(cmake/package.cmake)

if(RTM_TESTS)
  enable_testing()
  include(cmake/tests.cmake)
endif()
if(RTM_FUZZ)
  include(cmake/fuzz.cmake)
endif()
