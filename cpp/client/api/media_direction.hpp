#pragma once

#include "wire/media_direction.hpp"

namespace rtm::client {

using wire::MediaDirection;

}  // namespace rtm::client
