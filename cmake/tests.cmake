# One test program for each room, from the files below test/cpp/<room>, so that one room builds while another is broken.
find_package(GTest REQUIRED)
include(GoogleTest)
set(rtm_test_dir ${CMAKE_CURRENT_SOURCE_DIR}/test/cpp)

# rtm_add_test(<room> LIBRARIES <library>... [MORE <source>...]): the program rtm_test_<room>. scripts/gtest-names.mjs
# relies on this name.
function(rtm_add_test room)
  cmake_parse_arguments(arg "" "" "LIBRARIES;MORE" ${ARGN})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${rtm_test_dir}/${room}/*.cpp)
  if(NOT files)
    return()
  endif()
  set(program rtm_test_${room})
  add_executable(${program} ${files} ${arg_MORE})
  target_include_directories(${program} PRIVATE ${rtm_test_dir})
  target_link_libraries(${program} PRIVATE ${arg_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  rtm_warnings(${program})
  # The libraries are optimised as the build says. Test sources are not: eight files of server tests compile in 18 s instead
  # of 53 s with the address sanitizer, and in 13 s instead of 30 s with the thread sanitizer.
  # SHELL: keeps the second option, which CMake would take for a repetition.
  target_compile_options(${program} PRIVATE "SHELL:-O0 -U_FORTIFY_SOURCE")
  gtest_discover_tests(${program} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

set(rtm_memory_network ${rtm_test_dir}/support/memory_network.cpp)
# The files of the binding that know nothing of Node: the queue between the core's threads and JavaScript, and the events of
# a client in that queue.
rtm_sources(rtm_events binding)
list(FILTER rtm_events INCLUDE REGEX "/events/|/mailbox.cpp$|/text_scan.cpp$")

foreach(room base wire client sdk server)
  rtm_add_test(${room} LIBRARIES rtm_${room})
endforeach()
rtm_add_test(net LIBRARIES rtm_net MORE ${rtm_memory_network})
rtm_add_test(binding LIBRARIES rtm_client MORE ${rtm_events})
# Client and server in one program, as two users of the C++ library would meet: only tests may see both.
rtm_add_test(integration LIBRARIES rtm_sdk rtm_server MORE ${rtm_memory_network})

# Sends frames through the codec and back, for the cross-check against an official protobuf library.
add_executable(rtm_wire_echo ${rtm_test_dir}/tools/wire_echo.cpp)
target_include_directories(rtm_wire_echo PRIVATE ${rtm_test_dir})
target_link_libraries(rtm_wire_echo PRIVATE rtm_wire)
rtm_warnings(rtm_wire_echo)

# Leads packets through a weak network, for `npm run bench -- weak`.
add_executable(rtm_weak_link ${rtm_test_dir}/tools/weak_link.cpp)
rtm_warnings(rtm_weak_link)

# The server without Node, for the attacks of bench/abuse under the sanitizers.
add_executable(rtm_server_process ${rtm_test_dir}/tools/server_process.cpp)
target_link_libraries(rtm_server_process PRIVATE rtm_server)
rtm_warnings(rtm_server_process)

# The cost of a message in instructions and allocations; scripts/check-guard.mjs runs this program.
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/guard/*.cpp)
add_executable(rtm_guard EXCLUDE_FROM_ALL ${files} ${rtm_events})
target_include_directories(rtm_guard PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test/guard)
target_link_libraries(rtm_guard PRIVATE rtm_client rtm_server)
rtm_warnings(rtm_guard)
set_target_properties(rtm_guard PROPERTIES UNITY_BUILD OFF)

# The judge of histories, which the simulator and tests with real processes share.
set(rtm_judge ${CMAKE_CURRENT_SOURCE_DIR}/test/history/judge.cpp ${CMAKE_CURRENT_SOURCE_DIR}/test/history/parse.cpp)
rtm_add_test(history LIBRARIES rtm_base MORE ${rtm_judge})
target_include_directories(rtm_test_history PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test)
add_executable(rtm_judge_history ${CMAKE_CURRENT_SOURCE_DIR}/test/history/main.cpp ${rtm_judge})
target_include_directories(rtm_judge_history PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test)
target_link_libraries(rtm_judge_history PRIVATE rtm_base)
rtm_warnings(rtm_judge_history)
include(cmake/simulator.cmake)
