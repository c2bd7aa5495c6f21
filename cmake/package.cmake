# cpack: the installed tree as .tar.gz, and as .deb where dpkg is. Equal sources give equal packages: the times in them are
# those of SOURCE_DATE_EPOCH, if that is set.
set(CPACK_PACKAGE_NAME rtm-native-dev)
set(CPACK_PACKAGE_VENDOR "rtm-native contributors")
set(CPACK_PACKAGE_CONTACT "rtm-native contributors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "C++ library with the surface of the RTM 1.5.0 SDK")
set(CPACK_PACKAGE_DESCRIPTION
  "Headers, library, CMake package and pkg-config file of a client for\nself-hosted real-time messaging. The server is an npm package.")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}" CPACK_SYSTEM_NAME)
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)

find_program(RTM_DPKG dpkg)
if(RTM_DPKG)
  list(APPEND CPACK_GENERATOR DEB)
endif()
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
if(BUILD_SHARED_LIBS)
  # dpkg-shlibdeps (package dpkg-dev) reads from the library which packages have what it needs.
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
else()
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libuv1-dev, libssl-dev, zlib1g-dev")
endif()
include(CPack)
