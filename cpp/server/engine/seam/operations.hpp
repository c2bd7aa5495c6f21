#pragma once

// The fields and the outcomes of the engine's operations (engine.hpp says what each operation does).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "server/model/id_source.hpp"
#include "server/model/names.hpp"
#include "server/model/shared_frame.hpp"

namespace rtm::server {

/// Where the results and messages of a session go.
struct SessionAddress {
  std::uint32_t loop = 0;
  std::uint64_t sessionId = 0;
  friend bool operator==(const SessionAddress&, const SessionAddress&) = default;
};

/// Why a session ended.
enum class SessionEnd : std::uint8_t { Logout, RemoteLogin, Banned, TokenExpired, GraceOver };

/// What a gateway gives up when a session moves to another loop. Opaque to engines.
struct SessionCarry {
  virtual ~SessionCarry() = default;
};

// ---- hot operations: no allocation. Their views live during the call; an engine that crosses loops copies --------

struct PeerSendOp {
  AppNumber app{};
  SessionAddress sender;
  std::uint64_t seq = 0;
  std::string_view senderId;
  std::string_view receiverId;
  /// Bit set of wire::SendFlag. An invitation signal has none: a stored one would come too late.
  std::uint32_t flags = 0;
  std::uint64_t serverTimeMs = 0;
  std::uint64_t requiredCapabilities = 0;  ///< a receiver without them gets nothing, the sender gets code 8
  ByteView content;
};

struct PublishOp {
  AppNumber app{};
  SessionAddress sender;
  std::uint64_t fence = 0;
  std::uint64_t seq = 0;
  std::string_view senderId;
  std::string_view channelId;
  std::uint32_t flags = 0;
  std::uint64_t serverTimeMs = 0;
  std::uint64_t requiredCapabilities = 0;  ///< members without them do not get the message
  ByteView content;
};

struct AcknowledgeOp {
  AppNumber app{};
  std::string_view userId;
  std::uint64_t fence = 0;
  std::uint64_t offset = 0;
  /// The client did not take the last of these messages: its sender gets FAILURE. An engine that cannot say so counts
  /// the message as taken.
  bool refused = false;
};

// ---- other operations: own their texts, end with a completion on the submitting loop ----------------------------

struct OpenRequest {
  AppNumber app{};
  std::string userId;
  SessionAddress address;
  std::uint64_t capabilities = 0;
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

struct ResumeRequest {
  AppNumber app{};
  std::string userId;
  SessionAddress address;  ///< the id of the session and the loop it moves to
  ResumeToken token{};
  std::uint64_t capabilities = 0;
  std::uint64_t inboxEpoch = 0;
  std::uint64_t inboxOffset = 0;
};

struct ResumeOutcome {
  enum class Status : std::uint8_t {
    Resumed,
    Unknown,      ///< no such session (any more), or a wrong token: the client logs in again
    RemoteLogin,  ///< the user is logged in elsewhere
    Banned,       ///< a ban has ended the session
    Busy,         ///< another resume of this session is under way: the client tries again
  };
  Status status = Status::Unknown;
  std::uint64_t fence = 0;
  ResumeToken resumeToken{};
  bool inboxComplete = false;
  std::unique_ptr<SessionCarry> carry;  ///< null if the session already lives on this loop
  bool rebuild = false;  ///< if the session is not on this loop, no loop of this process has it: make a new state
};

struct JoinRequest {
  AppNumber app{};
  std::string channelId;
  std::string userId;
  SessionAddress address;
  std::uint64_t fence = 0;
  bool again = false;  ///< after a resume: keeps the membership, others hear nothing, missed messages come back
  /// With `again` and `restores`: the position of the client. 0: the client does not know, and gets all messages since
  /// it joined.
  std::uint64_t epoch = 0;
  std::uint64_t offset = 0;
  /// The client was a member in a session that is over. If the server has just started again, the messages since then
  /// come back, too.
  bool restores = false;
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
  /// With MemberEvent: some of the receivers are among those who joined; the gateway leaves out each one's own name.
  bool namesReceivers = false;
};

}  // namespace rtm::server
