# Only scripts/build.mjs sets it, in CI: a compiler that warns of more must not stop somebody's build.
option(RTM_WERROR "Treat warnings as errors" OFF)

# rtm_warnings(<target>): the project's warning set; generated or foreign code never passes through here.
function(rtm_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow
    # Designated initialisers name what matters and leave the rest at its default: that is what they are for.
    -Wno-missing-field-initializers)
  if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Where several sources are one compilation, GCC takes all but the first for headers, and warns of types that a
    # header must not have.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  if(RTM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
