# One test program per room, from test/cpp/<room>/*.cpp, so that a room can be worked on while others are broken.
find_package(GTest REQUIRED)
include(GoogleTest)
foreach(room base wire net client sdk server)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp/${room}/*.cpp)
  if(room STREQUAL net)
    list(APPEND files ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp/support/memory_network.cpp)
  endif()
  if(files)
    add_executable(rtm_test_${room} ${files})
    target_include_directories(rtm_test_${room} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp)
    target_link_libraries(rtm_test_${room} PRIVATE rtm_${room} GTest::gtest GTest::gmock GTest::gtest_main)
    rtm_warnings(rtm_test_${room})
    gtest_discover_tests(rtm_test_${room} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
  endif()
endforeach()

# Client and server in one program, as two users of the C++ library would meet: only tests may see both.
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp/integration/*.cpp)
add_executable(rtm_test_integration ${files} ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp/support/memory_network.cpp)
target_include_directories(rtm_test_integration PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp)
target_link_libraries(rtm_test_integration PRIVATE rtm_sdk rtm_server GTest::gtest GTest::gmock GTest::gtest_main)
rtm_warnings(rtm_test_integration)
gtest_discover_tests(rtm_test_integration DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)

# Sends frames through the codec and back, for the cross-check against an official protobuf library.
add_executable(rtm_wire_echo ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp/tools/wire_echo.cpp)
target_include_directories(rtm_wire_echo PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp)
target_link_libraries(rtm_wire_echo PRIVATE rtm_wire)
rtm_warnings(rtm_wire_echo)

# Of the binding, the part that knows nothing of Node: the queue between the core's threads and JavaScript, and what the
# events of a client become in it.
rtm_sources(binding_files binding)
list(FILTER binding_files INCLUDE REGEX "/events/|/mailbox.cpp$|/text_scan.cpp$")
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp/binding/*.cpp)
if(files)
  add_executable(rtm_test_binding ${files} ${binding_files})
  target_link_libraries(rtm_test_binding PRIVATE rtm_client GTest::gtest GTest::gmock GTest::gtest_main)
  rtm_warnings(rtm_test_binding)
  gtest_discover_tests(rtm_test_binding DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endif()

# What a message costs in instructions and allocations; scripts/check-guard.mjs runs it.
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/guard/*.cpp)
add_executable(rtm_guard EXCLUDE_FROM_ALL ${files} ${binding_files})
target_include_directories(rtm_guard PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test/guard)
target_link_libraries(rtm_guard PRIVATE rtm_client rtm_server)
rtm_warnings(rtm_guard)
set_target_properties(rtm_guard PROPERTIES UNITY_BUILD OFF)
