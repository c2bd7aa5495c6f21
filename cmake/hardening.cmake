# Flags that make an error in memory end the program instead of serving an attacker. They hold for everything that is built
# below this line; test/integration/hardening.test.ts reads them back from the results.
include(CheckCXXCompilerFlag)

add_compile_options(-fstack-protector-strong)
# The checked functions of the C library exist only with optimisation, and would hide errors from a sanitizer.
if(NOT RTM_SANITIZE)
  add_compile_options("$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
endif()
# Jumps may land only where a jump is meant to land, on processors that can tell. Clang takes the flag of another processor,
# too, and warns.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
  set(rtm_jump_flag -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  set(rtm_jump_flag -mbranch-protection=standard)
endif()
if(rtm_jump_flag)
  check_cxx_compiler_flag(${rtm_jump_flag} RTM_HAS_JUMP_FLAG)
  if(RTM_HAS_JUMP_FLAG)
    add_compile_options(${rtm_jump_flag})
  endif()
endif()
if(NOT APPLE)
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
