# cmake --install: the drop-in headers, the library under both its names, and what finds them: a CMake package
# (find_package(rtm-native), target rtm-native::agora_rtm_sdk) and a pkg-config file. Everything in the installed tree is
# relative to itself, so that it may be moved. What wrappers need is a component of its own, which only
# `cmake --install … --component wrappers` installs.
include(CMakePackageConfigHelpers)

set(rtm_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/rtm-native)
set(rtm_doc_dir ${CMAKE_INSTALL_DATAROOTDIR}/doc/rtm-native-dev)

install(TARGETS agora_rtm_sdk EXPORT rtm-native-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(BUILD_SHARED_LIBS)
  install(FILES $<TARGET_FILE_DIR:agora_rtm_sdk>/libagora-rtm-sdk-jni.so DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY cpp/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS agora_rtm_wrappers EXPORT rtm-native-wrappers-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT wrappers EXCLUDE_FROM_ALL
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT wrappers EXCLUDE_FROM_ALL)
install(DIRECTORY cpp/wrappers/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/rtm-native-wrappers
  COMPONENT wrappers EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION ${rtm_doc_dir} RENAME copyright)

install(EXPORT rtm-native-targets NAMESPACE rtm-native:: DESTINATION ${rtm_package_dir})
install(EXPORT rtm-native-wrappers-targets NAMESPACE rtm-native:: DESTINATION ${rtm_package_dir}
  COMPONENT wrappers EXCLUDE_FROM_ALL)
configure_package_config_file(cmake/rtm-native-config.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/rtm-native-config.cmake INSTALL_DESTINATION ${rtm_package_dir})
# Before 1.0 every minor version may change what is not the drop-in surface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/rtm-native-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rtm-native-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/rtm-native-config-version.cmake DESTINATION ${rtm_package_dir})

file(RELATIVE_PATH rtm_pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" rtm_pc_prefix "${rtm_pc_prefix}")
set(rtm_pc_more)
if(NOT BUILD_SHARED_LIBS)
  # The archive brings nothing of these with it.
  set(rtm_pc_requires "Requires: libuv >= 1.44, openssl >= 3.0, zlib\n")
  set(rtm_pc_more " -lstdc++ -lm -pthread -ldl")
endif()
configure_file(cmake/rtm-native.pc.in rtm-native.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rtm-native.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
