#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/model/codes.hpp"

namespace rtm::server {

/// The INVITEs of a session that have no result yet. PendingInvitations counts them from the start; an INVITE that did
/// not reach its callee does not wait for an answer. Bounded by the rate of invitations, and by the sends in flight.
class SentInvites {
 public:
  void add(std::uint64_t seq, std::string_view calleeId, std::uint64_t invitationId) {
    sent_.push_back({seq, invitationId, std::string(calleeId)});
  }
  bool empty() const { return sent_.empty(); }
  /// Results of sends: calls `failed(calleeId, invitationId)` for each invitation that did not reach its callee.
  template <typename Failed>
  void settle(std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code, Failed&& failed) {
    std::erase_if(sent_, [&](const Sent& each) {
      if (each.seq < firstSeq || each.seq - firstSeq >= count) return false;
      if (code != code::kOk) failed(each.calleeId, each.invitationId);
      return true;
    });
  }

 private:
  struct Sent {
    std::uint64_t seq = 0;
    std::uint64_t invitationId = 0;
    std::string calleeId;
  };
  std::vector<Sent> sent_;
};

}  // namespace rtm::server
