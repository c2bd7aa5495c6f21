#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "net/admission/address_prefix.hpp"
#include "net/admission/cpu_budget.hpp"
#include "net/admission/penalties.hpp"
#include "net/loop/io_loop.hpp"
#include "net/loop/timer.hpp"

namespace rtm::net {

/// The steps of handshakes that have bytes to work on, and the processor time that one loop gives to them. One step
/// costs the server as much as hundreds of messages, and anybody may ask for it, so handshakes as a whole get a share
/// of the loop's time, and address prefixes take turns: a flood from one prefix slows its own handshakes most. Prefixes
/// that are slowed for what they did have one turn in eight together while others wait. Loop thread only; bounded by
/// the pending links, each of which has at most one step here.
class HandshakeQueue final : public std::enable_shared_from_this<HandshakeQueue>, private TurnHook {
 public:
  /// A handshake that waits for processor time.
  class Step {
   public:
    /// The step's turn has come. May end or destroy other steps.
    virtual void runStep() = 0;

   protected:
    ~Step() = default;
  };
  struct Counters {
    std::uint64_t cpuNs = 0;      ///< processor time of all steps
    std::uint64_t exhausted = 0;  ///< how often steps had to wait for the budget
  };

  /// The processor time of the calling thread, in nanoseconds.
  using CpuClock = std::int64_t (*)();

  /// Not the time on the wall: while other programs have the processor, a handshake costs nothing.
  static std::int64_t threadCpuNs();

  /// `penalties`: null: nobody has any.
  explicit HandshakeQueue(IoLoop& loop, CpuClock cpuClock = threadCpuNs,
                          std::shared_ptr<Penalties> penalties = nullptr);
  ~HandshakeQueue() override = default;

  /// The step runs at the end of this turn, or as soon as the budget allows. Idempotent. A handshake that has `begun`
  /// goes before the handshakes of its prefix that have not: this side has paid for it, and its client's time runs.
  void add(Step& step, AddressPrefix prefix, bool begun);
  /// The step has ended; it is not run any more.
  void remove(Step& step, AddressPrefix prefix);
  /// Whether clients are logged in on this loop, for whom half of its time is kept.
  void keepHalfFree(bool keep);

  const Counters& counters() const { return counters_; }

 private:
  /// Prefixes that take turns.
  struct Round {
    std::map<AddressPrefix, std::deque<Step*>> lines;
    AddressPrefix last;  ///< the prefix whose step ran last

    bool has(const Step& step, AddressPrefix prefix) const;
    void remove(Step& step, AddressPrefix prefix);
    Step& takeNext();
  };

  void onTurnEnd() override;
  bool empty() const { return good_.lines.empty() && slowed_.lines.empty(); }
  Round& nextRound();

  IoLoop& loop_;
  const CpuClock cpuClock_;
  const std::shared_ptr<Penalties> penalties_;
  CpuBudget budget_;
  Timer refill_;
  Counters counters_;
  Round good_;
  Round slowed_;
  std::uint32_t goodTurns_ = 0;  ///< since a turn of `slowed_`
};

}  // namespace rtm::net
