#include "host/loops.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "client/runtime/clock.hpp"
#include "net/loop/loop_buffers.hpp"
#include "net/loop/network_watch.hpp"
#include "net/loop/timer_wheel.hpp"

namespace rtm::fuzz {
namespace {

/// The clock of an input begins at a multiple of this, so that timers lie in the same slots of their wheel.
constexpr std::uint64_t kCircleMs = std::uint64_t{net::TimerWheel::kStepMs} << 18;
constexpr std::uint64_t kWallClockMs = 1'750'000'000'000;
/// More turns than any input needs at one moment.
constexpr int kMostTurns = 20'000;

std::uint64_t clockMs = kCircleMs;
Posts whenPosted = Posts::Wait;
const net::IoLoop* running = nullptr;

/// A loop, and what only itself may do with itself.
struct Known {
  net::IoLoop* loop;
  std::function<bool()> turn;  ///< false: there was nothing to do
  std::function<std::optional<std::uint64_t>()> nextDue;
  std::function<void(Task)> later;
};
std::vector<Known> loops;

}  // namespace

void Loops::begin(Posts posts) {
  whenPosted = posts;
  restartRandom();
  clockMs = (clockMs / kCircleMs + 1) * kCircleMs;
}

void Loops::setPosts(Posts posts) {
  whenPosted = posts;
}

std::uint64_t Loops::now() {
  return clockMs;
}

void Loops::settle() {
  require(running == nullptr, "no loop runs inside another one");
  for (int turns = 0;; ++turns) {
    require(turns < kMostTurns, "the loops come to rest");
    bool worked = false;
    for (std::size_t i = 0; i < loops.size(); ++i) worked = loops[i].turn() || worked;
    if (!worked) return;
  }
}

void Loops::advance(std::uint64_t ms) {
  const std::uint64_t until = clockMs + ms;
  for (;;) {
    settle();
    std::uint64_t next = until;
    for (const Known& each : loops) next = std::min(next, each.nextDue().value_or(until));
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

}  // namespace rtm::fuzz

namespace rtm::net {

using fuzz::clockMs;
using fuzz::loops;
using fuzz::running;

struct IoLoop::State {
  TimerWheel wheel{[] { return fuzz::clockMs; }};
  std::unique_ptr<LoopBuffers> buffers = std::make_unique_for_overwrite<LoopBuffers>();
  std::unique_ptr<NetworkWatch> networkWatch;
  std::vector<std::pair<const void*, std::unique_ptr<LoopLocal>>> locals;
  LoopCounters counters;
  TurnHookList turnHooks;
  StopHookList stopHooks;
  std::deque<Task> posted;
  std::deque<Task> closing;  ///< see Loops::later()
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
  const auto turn = [loop] {
    if (loop->state_->idle()) return false;
    loop->run();
    return true;
  };
  loops.push_back({loop, turn, [loop] { return loop->state_->wheel.nextDueMs(); },
                   [loop](Task task) { loop->state_->closing.push_back(std::move(task)); }});
  return self;
}

/// One turn, in the order of libuv: timers, what others have posted, closed handles; then the hooks.
void IoLoop::run() {
  State& s = *state_;
  const IoLoop* const before = std::exchange(running, this);
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
  if (fuzz::whenPosted == fuzz::Posts::Run && running == nullptr) fuzz::Loops::settle();
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
  std::erase_if(loops, [this](const fuzz::Known& each) { return each.loop == this; });
}

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
  return fuzz::kWallClockMs + clockMs;
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

/// There is none: sockets and files have no place in a fuzz target.
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
  return fuzz::Loops::now();
}

std::uint64_t coarseMs() {
  return fuzz::Loops::now();
}

double randomUnit() {
  return static_cast<double>(fuzz::nextRandom() >> 11) / 9007199254740992.0;
}

}  // namespace rtm::client
