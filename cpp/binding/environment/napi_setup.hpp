#pragma once

// The one place that includes napi.h. The definitions come from the build files (cmake/addon.cmake, binding.gyp); here
// we refuse to compile without the two that decide about crashes.

#ifndef NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#error "Without it a correct addon aborts the process when a worker is terminated."
#endif
#ifndef NAPI_DISABLE_CPP_EXCEPTIONS
#error "No C++ exception may cross into Node."
#endif

#include <napi.h>
