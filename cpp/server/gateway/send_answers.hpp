#pragma once

#include <cstdint>
#include <vector>

#include "net/loop/io_loop.hpp"
#include "server/session/session.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// The results of sends on their way to the clients: remembered for a repeat, merged, and told in one SEND_RESULTS for
/// each session at the end of the turn. Loop thread only; a session has at most Limits::inFlightSends results.
class SendAnswers {
 public:
  /// `gateway` calls flush() at the end of a turn that it was asked for.
  SendAnswers(net::IoLoop& loop, net::TurnHook& gateway) : loop_(loop), gateway_(gateway) {}

  /// The result of sends that had none: remembered for a repeat, told at the end of the turn.
  void answer(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);
  /// The same for results of which the engine may have told some before; each send is answered once. A cluster tells
  /// a result twice, by the answer to a repeated send and by its news. A send that is counted twice would let another
  /// one count as answered, and a drain would send the client away before that one has its result.
  void answerNew(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);
  /// Tells again how sends were answered.
  void repeat(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);

  /// Tells the results of this session now.
  void flush(Session& session);
  /// At the end of the turn: tells everything.
  void flush();
  /// The session leaves this loop.
  void forget(Session& session);

 private:
  void markDirty(Session& session);

  net::IoLoop& loop_;
  net::TurnHook& gateway_;
  std::vector<Session*> dirty_;  ///< with results to tell
  wire::SendResults scratch_;
};

}  // namespace rtm::server
