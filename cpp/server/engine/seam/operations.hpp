#pragma once

// What the engine's operations have besides operation_records.hpp (engine.hpp says what each operation does).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/seam/operation_records.hpp"
#include "server/model/id_source.hpp"
#include "server/model/names.hpp"
#include "server/model/shared_frame.hpp"

namespace rtm::server {

// The hot operations do not allocate: their views live during the call, and an engine that crosses loops copies. The
// others own their texts, and end with a completion on the submitting loop.

struct AcknowledgeOp {
  AppNumber app{};
  std::string_view userId;
  std::uint64_t fence = 0;
  std::uint64_t offset = 0;
  /// The client did not take the last of these messages: its sender gets FAILURE. An engine that cannot say so counts
  /// the message as taken.
  bool refused = false;
};

struct MembersOutcome {
  bool member = false;  ///< whether the asking session is a member; if not, nothing is listed
  bool failed = false;  ///< the state cannot be reached: `member` says nothing
  std::vector<std::string> userIds;
};

/// A frame for all sessions of one loop that are members of a channel.
struct ChannelFrame {
  enum class Kind : std::uint8_t { Message, MemberEvent, MemberCount, Attributes };
  Kind kind = Kind::Message;
  ScopedName channel;
  SharedFrame frame;
  std::uint64_t excludedSession = 0;
  std::uint64_t requiredCapabilities = 0;
  std::uint32_t memberCount = 0;  ///< with MemberCount
  /// With MemberEvent: some receivers are among the users who joined; the gateway leaves out each receiver's name.
  bool namesReceivers = false;
};

}  // namespace rtm::server
