# The rooms of cpp/ and who may see whom: base <- wire <- net <- client, server; client <- sdk. client and server know nothing
# of each other; nothing here knows Node. Each room is a static library, so that an include against this order fails to link.
function(rtm_add_room room)
  rtm_sources(files ${room})
  if(NOT files)
    add_library(rtm_${room} INTERFACE)
    target_include_directories(rtm_${room} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/cpp)
    target_link_libraries(rtm_${room} INTERFACE ${ARGN})
    return()
  endif()
  add_library(rtm_${room} STATIC ${files})
  target_include_directories(rtm_${room} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/cpp)
  target_link_libraries(rtm_${room} PUBLIC ${ARGN})
  rtm_warnings(rtm_${room})
endfunction()

# rtm_add_rooms(): expects the target rtm_platform (libuv, OpenSSL, zlib) to exist.
function(rtm_add_rooms)
  rtm_add_room(base rtm_platform)
  rtm_add_room(wire rtm_base)
  rtm_add_room(net rtm_wire)
  rtm_add_room(client rtm_net)
  rtm_add_room(sdk rtm_client)
  # Only this room sees the drop-in headers, and only the C++ library needs it: the addon is built without it.
  target_include_directories(rtm_sdk PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/cpp/include)
  set_target_properties(rtm_sdk PROPERTIES EXCLUDE_FROM_ALL TRUE)
  rtm_add_room(server rtm_net)
endfunction()
