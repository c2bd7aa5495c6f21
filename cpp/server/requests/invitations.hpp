#pragma once

#include <cstdint>
#include <string_view>

namespace rtm::server {

class Gateway;
struct ContentCheck;
struct SessionState;

/// Keeps account of the invitations that wait for an answer (PendingInvitations), by a signal that a session sends.
/// False: it is one too many. In a cluster the answers pass through other nodes, so nobody counts.
bool countInvitation(Gateway& gateway, SessionState& state, const ContentCheck& check, std::uint64_t seq,
                     std::string_view peerId);

}  // namespace rtm::server
