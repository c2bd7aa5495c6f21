#pragma once

// The outcomes of the engine's operations (engine.hpp says what each operation does), and the fields that are not in
// operation_records.hpp.

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

/// What a gateway gives up when a session moves to another loop. Opaque to engines.
struct SessionCarry {
  virtual ~SessionCarry() = default;
};

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

struct OpenOutcome {
  enum class Status : std::uint8_t {
    Opened,
    Superseded,  ///< a later login of the same user came while the previous session was still ending
    Failed,      ///< the state cannot be reached now: the client tries again
  };
  Status status = Status::Superseded;
  std::uint64_t fence = 0;
  ResumeToken resumeToken{};
  std::uint64_t inboxEpoch = 0;
  std::uint64_t inboxOffset = 0;
};

struct ResumeOutcome {
  using Status = ResumeStatus;
  Status status = Status::Unknown;
  std::uint64_t fence = 0;
  ResumeToken resumeToken{};
  bool inboxComplete = false;
  std::unique_ptr<SessionCarry> carry;  ///< null if the session already lives on this loop
  bool rebuild = false;  ///< if the session is not on this loop, no loop of this process has it: make a new state
};

struct JoinOutcome {
  bool joined = false;  ///< false: a newer session of the user is the member
  std::uint64_t epoch = 0;
  std::uint64_t offset = 0;  ///< of the last message before the join
  std::uint32_t memberCount = 0;
  bool complete = true;  ///< with `again`: `replay` holds everything that the client missed
  bool failed = false;   ///< not joined, because the state cannot be reached now
  std::vector<SharedFrame>
      replay;  ///< CHANNEL_MESSAGE frames after `offset`, oldest first; then missed changes of attributes
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
