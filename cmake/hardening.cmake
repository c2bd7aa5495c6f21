# Flags that make an error in memory end the program instead of serving an attacker. They hold for everything that is built
# below this line; test/integration/hardening.test.ts reads them back from the results.
include(CheckCXXCompilerFlag)
include(CheckPIESupported)

add_compile_options(-fstack-protector-strong)
# The checked functions of the C library exist only with optimisation, and would hide errors from a sanitizer.
if(NOT RTM_SANITIZE)
  add_compile_options("$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
endif()
# Jumps may land only where a jump is meant to land, on processors that can tell.
foreach(flag -fcf-protection -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "RTM_HAS${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    add_compile_options(${flag})
  endif()
endforeach()
if(NOT APPLE)
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
# Programs at an address that changes with each start: CMAKE_POSITION_INDEPENDENT_CODE asks for it, this lets it link so.
check_pie_supported(LANGUAGES CXX)
