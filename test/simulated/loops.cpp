#include "simulated/loops.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "client/runtime/clock.hpp"
#include "net/loop/loop_buffers.hpp"
#include "net/loop/network_watch.hpp"
#include "net/loop/timer_wheel.hpp"

namespace rtm::simulated {
namespace {

/// The clock of an input begins at a multiple of this, so that timers lie in the same slots of their wheel.
constexpr std::uint64_t kCircleMs = std::uint64_t{net::TimerWheel::kStepMs} << 18;
constexpr std::uint64_t kWallClockMs = 1'750'000'000'000;
/// More turns than any input needs at one moment.
constexpr int kMostTurns = 20'000;

std::uint64_t clockMs = kCircleMs;
Posts whenPosted = Posts::Wait;
bool shuffled = false;
net::IoLoop* running = nullptr;
Machine* presentMachine = nullptr;
/// What happens outside of all loops, by its time.
std::multimap<std::uint64_t, Task> events;

/// A loop, and what only itself may do with itself.
struct Known {
  net::IoLoop* loop;
  Machine* machine;
  bool stands() const { return machine != nullptr && machine->suspended; }
  std::function<bool()> turn;  ///< false: there was nothing to do
  std::function<std::optional<std::uint64_t>()> nextDue;
  std::function<void(Task)> later;
};
std::vector<Known> loops;

bool isBusy(std::uint64_t untilMs) {
  return clockMs < untilMs && whenPosted == Posts::Wait;
}

/// Whether the next turn of a loop of this machine is late. Not while somebody waits for it.
bool isLate(const Machine* of) {
  return of != nullptr && of->lateTurns != 0 && whenPosted == Posts::Wait && nextRandom() % of->lateTurns == 0;
}

/// Runs the first event that is due. False: there is none.
bool runEvent() {
  if (events.empty() || events.begin()->first > clockMs) return false;
  Task task = std::move(events.begin()->second);
  events.erase(events.begin());
  task();
  return true;
}

}  // namespace

void Loops::begin(Posts posts) {
  whenPosted = posts;
  shuffled = false;
  presentMachine = nullptr;
  events.clear();
  restartRandom();
  clockMs = (clockMs / kCircleMs + 1) * kCircleMs;
}

void Loops::setPosts(Posts posts) {
  whenPosted = posts;
}

std::uint64_t Loops::now() {
  return clockMs;
}

void Loops::setMachine(Machine* machine) {
  presentMachine = machine;
}

Machine* Loops::machine() {
  return presentMachine;
}

Machine* Loops::machineOf(const net::IoLoop& loop) {
  for (const Known& each : loops) {
    if (each.loop == &loop) return each.machine;
  }
  return nullptr;
}

net::IoLoop* Loops::current() {
  return running;
}

void Loops::shuffle() {
  shuffled = true;
}

void Loops::at(std::uint64_t ms, Task task) {
  events.emplace(ms, std::move(task));
}

void Loops::settle() {
  require(running == nullptr, "no loop runs inside another one");
  for (int turns = 0;; ++turns) {
    require(turns < kMostTurns, "the loops come to rest");
    bool worked = false;
    const std::size_t first = shuffled && !loops.empty() ? nextRandom() % loops.size() : 0;
    for (std::size_t i = 0; i < loops.size(); ++i) {
      const Known& next = loops[(first + i) % loops.size()];
      if (!next.stands()) worked = next.turn() || worked;
    }
    if (!worked) return;
  }
}

void Loops::advance(std::uint64_t ms) {
  const std::uint64_t until = clockMs + ms;
  for (;;) {
    settle();
    if (runEvent()) {
      // Some of what happens at one moment meets loops that have not run in between.
      while (shuffled && nextRandom() % 2 == 0 && runEvent()) continue;
      continue;
    }
    std::uint64_t next = events.empty() ? until : std::min(until, events.begin()->first);
    for (const Known& each : loops) {
      if (!each.stands()) next = std::min(next, each.nextDue().value_or(until));
    }
    if (clockMs == until) return;
    clockMs = std::max(next, clockMs);
  }
}

void Loops::later(net::IoLoop& loop, Task task) {
  for (const Known& each : loops) {
    if (each.loop == &loop) return each.later(std::move(task));
  }
  require(false, "a loop lives as long as its handles");
}

}  // namespace rtm::simulated

namespace rtm::net {

using simulated::clockMs;
using simulated::loops;
using simulated::running;

struct IoLoop::State {
  TimerWheel wheel{[] { return simulated::clockMs; }};
  std::unique_ptr<LoopBuffers> buffers = std::make_unique_for_overwrite<LoopBuffers>();
  std::unique_ptr<NetworkWatch> networkWatch;
  std::vector<std::pair<const void*, std::unique_ptr<LoopLocal>>> locals;
  LoopCounters counters;
  TurnHookList turnHooks;
  StopHookList stopHooks;
  std::deque<Task> posted;
  std::deque<Task> closing;  ///< see Loops::later()
  std::uint64_t busyUntilMs = 0;
  bool hooksLeft = false;
  bool stopping = false;

  bool idle() const {
    const std::optional<std::uint64_t> due = wheel.nextDueMs();
    return posted.empty() && closing.empty() && !hooksLeft && (!due || *due > clockMs);
  }
  static void run(std::deque<Task>& tasks) {
    for (std::size_t left = tasks.size(); left > 0; --left) {
      Task task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }
};

IoLoop::IoLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}

IoLoop::~IoLoop() {
  stop();
}

Result<std::unique_ptr<IoLoop>> IoLoop::start(std::string /*name*/) {
  std::unique_ptr<IoLoop> self(new IoLoop(std::make_unique<State>()));
  self->state_->networkWatch = std::make_unique<NetworkWatch>(*self);
  IoLoop* const loop = self.get();
  const auto turn = [loop, machine = simulated::presentMachine] {
    State& s = *loop->state_;
    if (s.idle() || simulated::isBusy(s.busyUntilMs)) return false;
    if (simulated::isLate(machine)) {
      s.busyUntilMs = simulated::clockMs + 1 + simulated::nextRandom() % machine->mostLateMs;
      return false;
    }
    loop->run();
    return true;
  };
  const auto nextDue = [loop]() -> std::optional<std::uint64_t> {
    const State& s = *loop->state_;
    if (simulated::isBusy(s.busyUntilMs)) return s.busyUntilMs;
    return s.wheel.nextDueMs();
  };
  loops.push_back({loop, simulated::presentMachine, turn, nextDue,
                   [loop](Task task) { loop->state_->closing.push_back(std::move(task)); }});
  return self;
}

/// One turn, in the order of libuv: timers, what others have posted, closed handles; then the hooks.
void IoLoop::run() {
  State& s = *state_;
  IoLoop* const before = std::exchange(running, this);
  const std::optional<std::uint64_t> due = s.wheel.nextDueMs();
  if (due && *due <= clockMs) s.wheel.advance();
  State::run(s.posted);
  State::run(s.closing);
  runTurnEnd();
  running = before;
}

void IoLoop::runTurnEnd() {
  ++state_->counters.turns;
  state_->hooksLeft = state_->turnHooks.run();
}

bool IoLoop::post(Task task) {
  if (state_->stopping) return false;
  state_->posted.push_back(std::move(task));
  if (simulated::whenPosted == simulated::Posts::Run && running == nullptr) simulated::Loops::settle();
  return true;
}

void IoLoop::stop() {
  State& s = *state_;
  if (std::exchange(s.stopping, true)) return;
  running = this;
  while (!s.posted.empty()) State::run(s.posted);
  closeDown();
  while (!s.closing.empty()) State::run(s.closing);
  running = nullptr;
  std::erase_if(loops, [this](const simulated::Known& each) { return each.loop == this; });
}

/// Nobody waits for links that hand over their last bytes: a program that wants to lets the time go on.
void IoLoop::lingers(int /*change*/) {}

void IoLoop::awaitLingering() const {}

void IoLoop::closeDown() {
  runTurnEnd();
  state_->stopHooks.run();
  state_->locals.clear();
}

bool IoLoop::onLoopThread() const {
  return running == this;
}

std::uint64_t IoLoop::now() const {
  return clockMs;
}

std::uint64_t IoLoop::wallClockMs() const {
  const simulated::Machine* const machine = simulated::Loops::machineOf(*this);
  const std::int64_t off = machine != nullptr ? machine->wallClockMs : 0;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(simulated::kWallClockMs + clockMs) + off);
}

void IoLoop::atTurnEnd(TurnHook& hook) {
  state_->turnHooks.add(hook);
}

void IoLoop::atStop(StopHook& hook) {
  state_->stopHooks.add(hook);
}

LoopLocal* IoLoop::findLocal(const void* key) {
  for (const auto& [known, object] : state_->locals) {
    if (known == key) return object.get();
  }
  return nullptr;
}

LoopLocal& IoLoop::addLocal(const void* key, std::unique_ptr<LoopLocal> made) {
  return *state_->locals.emplace_back(key, std::move(made)).second;
}

TimerWheel& IoLoop::timers() {
  return state_->wheel;
}

NetworkWatch& IoLoop::networkWatch() {
  return *state_->networkWatch;
}

LoopBuffers& IoLoop::buffers() {
  return *state_->buffers;
}

LoopCounters& IoLoop::counters() {
  return state_->counters;
}

/// There is none: sockets and files have no place here.
uv_loop_t* IoLoop::uv() {
  return nullptr;
}

// A network that never changes.

NetworkWatch::NetworkWatch(IoLoop& loop) : loop_(loop), settled_(loop, [] {}) {}

NetworkWatch::~NetworkWatch() = default;

void NetworkWatch::add(Observer& observer) {
  observers_.insert(&observer);
}

void NetworkWatch::remove(Observer& observer) {
  observers_.erase(&observer);
}

void NetworkWatch::onLoopStop() {
  observers_.clear();
}

}  // namespace rtm::net

namespace rtm::client {

std::uint64_t steadyMs() {
  return simulated::Loops::now();
}

std::uint64_t coarseMs() {
  return simulated::Loops::now();
}

double randomUnit() {
  return static_cast<double>(simulated::nextRandom() >> 11) / 9007199254740992.0;
}

}  // namespace rtm::client
