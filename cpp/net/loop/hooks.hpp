#pragma once

#include <cstdint>

namespace rtm::net {

class TurnHookList;
class StopHookList;

/// Something that runs once at the end of the present turn of a loop: so many sends become one write.
class TurnHook {
 public:
  TurnHook() = default;
  TurnHook(const TurnHook&) = delete;
  TurnHook& operator=(const TurnHook&) = delete;
  virtual void onTurnEnd() = 0;

 protected:
  /// Takes itself out of the loop's list, so that a destroyed hook is never called.
  virtual ~TurnHook();

 private:
  friend class TurnHookList;
  TurnHook* next_ = nullptr;
  TurnHook* previous_ = nullptr;
  TurnHookList* list_ = nullptr;  ///< null: not scheduled
  std::uint64_t depth_ = 0;
};

/// Something that outlives its owner on a loop for a while (a link that still flushes) and must finish at once when
/// the loop stops. Loop thread only.
class StopHook {
 public:
  StopHook() = default;
  StopHook(const StopHook&) = delete;
  StopHook& operator=(const StopHook&) = delete;
  virtual void onLoopStop() = 0;

 protected:
  /// Takes itself out of the loop's list.
  virtual ~StopHook();

 private:
  friend class StopHookList;
  StopHook* next_ = nullptr;
  StopHook* previous_ = nullptr;
  StopHookList* list_ = nullptr;  ///< null: not registered
};

/// The hooks of one loop's present turn, in the order of scheduling.
class TurnHookList {
 public:
  /// Idempotent.
  void add(TurnHook& hook);
  void remove(TurnHook& hook);
  /// Runs the hooks, and the hooks that hooks add, up to a depth. True: some are left for the next turn.
  bool run();

 private:
  TurnHook* first_ = nullptr;
  TurnHook* last_ = nullptr;
  std::uint64_t depth_ = 0;  ///< of the hooks that are added now; grows for ever
};

class StopHookList {
 public:
  /// Idempotent.
  void add(StopHook& hook);
  void remove(StopHook& hook);
  /// Runs and removes every hook, the latest first.
  void run();

 private:
  StopHook* first_ = nullptr;
};

}  // namespace rtm::net
