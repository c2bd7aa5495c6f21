/// @file
/// Functions of the SDK that its own wrappers call, and that no header of it declares. The vendor's statistics know
/// wrappers by these numbers; a server of this project has none, so they change nothing. Needs C++11 and the library
/// agora_rtm_wrappers (README, For programs in C++).
#pragma once

#include <cstdint>

#include "IAgoraRtmService.h"

namespace agora {
namespace rtm {
namespace internal {

/// The kind of wrapper. True for the first call in a process, false for others, which have no effect.
AGORA_API bool AGORA_CALL setRtmAppType(int32_t app_type);
/// The kind of client. True for the first call in a process, false for others, which have no effect.
AGORA_API bool AGORA_CALL setRtmClientType(int32_t client_type);

}  // namespace internal
}  // namespace rtm
}  // namespace agora
