#pragma once

#include <cstdint>

#include "server/engine/seam/engine_constants.hpp"
#include "server/model/names.hpp"

namespace rtm::server {

enum class PartitionKind : std::uint8_t { User = 1, Channel = 2 };

/// The same on every node and in every run.
inline std::uint32_t partitionOf(PartitionKind kind, const ScopedName& key) {
  return static_cast<std::uint32_t>(hashName(key, static_cast<std::uint64_t>(kind)) >> 32) % kPartitions;
}

}  // namespace rtm::server
