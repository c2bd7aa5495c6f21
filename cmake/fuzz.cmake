# Fuzz targets with clang's libFuzzer: each test/fuzz/<name>.cpp becomes fuzz/<name> in the build folder, linked with the
# rooms whose headers it includes. A line "// fuzz: cpp/server/auth/token.cpp …" in the target names single files instead of
# their whole room, where nothing else of it is fuzzed, and files of test/simulated, which take the place of others: threads,
# sockets and clocks. Each of those is compiled once for all targets. Seeds lie in test/fuzz/seeds/<name>/, a dictionary in
# test/fuzz/<name>.dict.
# Configure with CXX=clang++, -DRTM_TESTS=OFF and -DRTM_SANITIZE=address,undefined; build the target fuzz_targets, which
# compiles only the rooms that are reached. scripts/test.mjs does all that.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "RTM_FUZZ needs clang (CXX=clang++): libFuzzer is part of it")
endif()

# The rooms themselves must report coverage, or the fuzzer is blind to them.
target_compile_options(rtm_platform INTERFACE -fsanitize=fuzzer-no-link)

# For the rooms and targets that are large: without the checks of every access, which take a quarter of the time that their
# compilation would need. A null pointer stops the process all the same; the C++ tests have these checks (preset "asan").
add_library(rtm_fuzz_large INTERFACE)
target_compile_options(rtm_fuzz_large INTERFACE -fno-sanitize=null,alignment,object-size,vptr,function,pointer-overflow)
foreach(room client server)
  # Linked behind what asks for all checks: the last option counts.
  target_link_libraries(rtm_${room} PRIVATE rtm_fuzz_large)
  set_target_properties(rtm_${room} PROPERTIES UNITY_BUILD_BATCH_SIZE 24)
endforeach()

# What test/simulated takes the place of stands alone in its library: the linker leaves an object out if nothing needs it.
set_source_files_properties(cpp/net/loop/io_loop.cpp cpp/net/loop/network_watch.cpp cpp/client/runtime/clock.cpp
  cpp/server/model/id_source.cpp cpp/server/media/file_calls.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

add_custom_target(fuzz_targets)
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/test/fuzz/*.cpp)
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(STRINGS ${file} includes REGEX "^#include \"")
  file(STRINGS ${file} single_files REGEX "^// fuzz: ")
  string(REGEX REPLACE "// fuzz: " "" single_files "${single_files}")
  separate_arguments(single_files)
  set(host_files "${single_files}")
  list(FILTER host_files INCLUDE REGEX "^test/(fuzz/host|simulated)/")
  list(FILTER single_files EXCLUDE REGEX "^test/(fuzz/host|simulated)/")
  list(TRANSFORM single_files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  add_executable(fuzz_${name} ${file} ${single_files})
  foreach(host_file ${host_files})
    get_filename_component(host ${host_file} NAME_WE)
    if(NOT TARGET fuzz_host_${host})
      add_library(fuzz_host_${host} OBJECT ${host_file})
      target_include_directories(fuzz_host_${host} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/test
    ${CMAKE_CURRENT_SOURCE_DIR}/test/fuzz)
      target_link_libraries(fuzz_host_${host} PRIVATE rtm_net rtm_fuzz_large)
      rtm_warnings(fuzz_host_${host})
    endif()
    target_sources(fuzz_${name} PRIVATE $<TARGET_OBJECTS:fuzz_host_${host}>)
  endforeach()
  target_include_directories(fuzz_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/cpp ${CMAKE_CURRENT_SOURCE_DIR}/test
    ${CMAKE_CURRENT_SOURCE_DIR}/test/fuzz)
  target_link_libraries(fuzz_${name} PRIVATE rtm_base)
  foreach(room base wire net client server)
    if("${includes}" MATCHES "#include \"${room}/" AND NOT "${single_files}" MATCHES "/cpp/${room}/")
      target_link_libraries(fuzz_${name} PRIVATE rtm_${room})
    endif()
  endforeach()
  if(host_files)
    target_link_libraries(fuzz_${name} PRIVATE rtm_fuzz_large)
  endif()
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_${name} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  rtm_warnings(fuzz_${name})
  add_dependencies(fuzz_targets fuzz_${name})
endforeach()
