#pragma once

// The one place that includes napi.h. The build files (cmake/addon.cmake, binding.gyp) define its settings; this file
// refuses to compile without the two settings that prevent crashes.

#ifndef NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#error "Without it a correct addon aborts the process when a worker is terminated."
#endif
#ifndef NAPI_DISABLE_CPP_EXCEPTIONS
#error "No C++ exception may cross into Node."
#endif

#include <napi.h>
