# The simulator: clients and a server in one thread and in virtual time. Files of test/simulated take the place of threads,
# sockets, clocks and random numbers: the linker leaves an object of a room out if nothing needs it any more.
set_source_files_properties(cpp/net/loop/io_loop.cpp cpp/net/loop/network_watch.cpp cpp/client/runtime/clock.cpp
  cpp/client/runtime/process.cpp cpp/server/model/id_source.cpp cpp/server/media/file_calls.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/simulated/*.cpp
  ${CMAKE_CURRENT_SOURCE_DIR}/test/simulator/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/test/history/judge.cpp)
add_executable(rtm_simulator ${files})
target_include_directories(rtm_simulator PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test)
target_link_libraries(rtm_simulator PRIVATE rtm_client rtm_server)
rtm_warnings(rtm_simulator)
set_target_properties(rtm_simulator PROPERTIES UNITY_BUILD OFF)
# One process for all of them: a schedule takes a few milliseconds.
add_test(NAME Simulator.Schedules COMMAND rtm_simulator --count 1000)
set_tests_properties(Simulator.Schedules PROPERTIES TIMEOUT 300)
