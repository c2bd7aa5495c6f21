# The Node addon, as cmake-js calls us: the same rooms as the plain build, then the binding as a module on top.
# libuv and OpenSSL come from Node itself: their headers here, their code from the running executable at load.
# On wherever the compiler brings libstdc++.a, so that what the tests run is what a prebuild ships.
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libstdc++.a
                OUTPUT_VARIABLE rtm_libstdcxx OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(IS_ABSOLUTE "${rtm_libstdcxx}" AND EXISTS "${rtm_libstdcxx}")
  set(rtm_bundle_libstdcxx ON)
else()
  set(rtm_bundle_libstdcxx OFF)
endif()
option(RTM_BUNDLE_LIBSTDCXX "Carry libstdc++ and libgcc inside the addon" ${rtm_bundle_libstdcxx})

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
include(cmake/hardening.cmake)
find_package(Threads REQUIRED)

# Where Node keeps its headers. RTM_NODE_DIR (or npm's nodedir setting) names a Node installation or source tree with
# include/node; otherwise the one that belongs to the node on the PATH.
set(RTM_NODE_DIR "$ENV{npm_config_nodedir}" CACHE PATH "Installation prefix of Node, with include/node below it")
execute_process(COMMAND node -p "require('path').resolve(process.execPath, '../..')"
                OUTPUT_VARIABLE node_prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(node_include_dirs ${RTM_NODE_DIR}/include/node ${node_prefix}/include/node)

# Node's include directory also holds zlib.h, v8.h and node.h, which the core must not see. So only uv and openssl are
# linked from there into a directory of our own. A Node without headers (some distributions) leaves the system's.
set(rtm_platform_headers ${CMAKE_BINARY_DIR}/platform-headers)
file(REMOVE_RECURSE ${rtm_platform_headers})
file(MAKE_DIRECTORY ${rtm_platform_headers})
function(rtm_platform_header header debian_package)
  find_path(dir NAMES ${header} PATHS ${node_include_dirs} NO_DEFAULT_PATH NO_CACHE)
  if(NOT dir)
    find_path(dir NAMES ${header} NO_CACHE)
    if(NOT dir)
      message(FATAL_ERROR "${header}: neither Node's own headers (looked in ${node_include_dirs}) nor the system's. "
                          "Set RTM_NODE_DIR to a Node installation with include/node, or: apt-get install ${debian_package}")
    endif()
  endif()
  message(STATUS "${header}: ${dir}")
  foreach(name ${ARGN})
    if(EXISTS ${dir}/${name})
      file(CREATE_LINK ${dir}/${name} ${rtm_platform_headers}/${name} SYMBOLIC)
    endif()
  endforeach()
endfunction()
rtm_platform_header(uv.h libuv1-dev uv.h uv)
rtm_platform_header(openssl/ssl.h libssl-dev openssl)

# zlib is linked in: what Node exports under zlib's names differs from release to release.
find_path(RTM_ZLIB_INCLUDE NAMES zlib.h)
find_library(RTM_ZLIB_STATIC NAMES libz.a)
if(NOT RTM_ZLIB_INCLUDE OR NOT RTM_ZLIB_STATIC)
  message(FATAL_ERROR "zlib.h and the static libz.a are needed: apt-get install zlib1g-dev")
endif()

add_library(rtm_platform INTERFACE)
target_include_directories(rtm_platform SYSTEM INTERFACE ${rtm_platform_headers} ${RTM_ZLIB_INCLUDE})
target_link_libraries(rtm_platform INTERFACE ${RTM_ZLIB_STATIC} Threads::Threads ${CMAKE_DL_LIBS})

rtm_add_rooms()

rtm_sources(binding_files binding)
if(NOT binding_files)
  message(FATAL_ERROR "cpp/sources.gypi names no binding_sources: there is no addon to build")
endif()
add_library(rtm_binding OBJECT ${binding_files})
rtm_warnings(rtm_binding)
target_compile_definitions(rtm_binding PRIVATE
  NAPI_VERSION=8
  NAPI_DISABLE_CPP_EXCEPTIONS
  NODE_ADDON_API_DISABLE_DEPRECATED
  # A JS exception during environment teardown is dropped instead of aborting the process.
  NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
  # Electron refuses buffers over foreign memory; copying always keeps one behaviour everywhere.
  NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED)
target_include_directories(rtm_binding SYSTEM PRIVATE ${CMAKE_JS_INC})
target_link_libraries(rtm_binding PRIVATE rtm_client rtm_server)

# rtm_add_addon(<target> <library>...): the addon, from the same objects, with more libraries inside.
function(rtm_add_addon target)
  add_library(${target} MODULE $<TARGET_OBJECTS:rtm_binding>)
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX ".node" LINKER_LANGUAGE CXX)
  target_link_libraries(${target} PRIVATE rtm_client rtm_server rtm_net rtm_wire rtm_base ${ARGN})
  if(APPLE)
    return()
  endif()
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/cmake/addon.map
    -Wl,--as-needed
    # A worker's end must not unmap code that the I/O thread or a libstdc++ destructor may still run.
    -Wl,-z,nodelete)
  set_property(TARGET ${target} PROPERTY LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/addon.map)
  if(RTM_BUNDLE_LIBSTDCXX)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()

rtm_add_addon(rtm_native)

# For runtimes that export neither OpenSSL nor libuv. Their code comes from static libraries; the version script hides it.
set(RTM_STATIC_PLATFORM "" CACHE PATH "Prefix with lib/libssl.a, libcrypto.a and libuv.a, for the target rtm_native_static")
if(RTM_STATIC_PLATFORM)
  rtm_add_addon(rtm_native_static
    ${RTM_STATIC_PLATFORM}/lib/libssl.a ${RTM_STATIC_PLATFORM}/lib/libcrypto.a ${RTM_STATIC_PLATFORM}/lib/libuv.a
    ${CMAKE_DL_LIBS})
  set_target_properties(rtm_native_static PROPERTIES EXCLUDE_FROM_ALL TRUE)
endif()
