option(RTM_WERROR "Treat warnings as errors" ON)

# rtm_warnings(<target>): the project's warning set; generated or foreign code never passes through here.
function(rtm_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow
    # Designated initialisers name what matters and leave the rest at its default: that is what they are for.
    -Wno-missing-field-initializers)
  if(RTM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
