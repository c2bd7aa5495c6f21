# Reads cpp/sources.gypi (strict JSON), so that CMake and gyp build the same files.
set(RTM_SOURCES_FILE ${CMAKE_CURRENT_SOURCE_DIR}/cpp/sources.gypi)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${RTM_SOURCES_FILE})
file(READ ${RTM_SOURCES_FILE} RTM_SOURCES_JSON)

# rtm_sources(<out> <room>): the source files of one folder below cpp/, as absolute paths.
function(rtm_sources out room)
  string(JSON count LENGTH "${RTM_SOURCES_JSON}" variables ${room}_sources)
  set(files)
  if(count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(i RANGE ${last})
      string(JSON file GET "${RTM_SOURCES_JSON}" variables ${room}_sources ${i})
      list(APPEND files ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    endforeach()
  endif()
  set(${out} ${files} PARENT_SCOPE)
endfunction()
