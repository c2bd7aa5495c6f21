option(RTM_WERROR "Treat warnings as errors" ON)

# rtm_warnings(<target>): the project's warning set; generated or foreign code never passes through here.
function(rtm_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
  if(RTM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
