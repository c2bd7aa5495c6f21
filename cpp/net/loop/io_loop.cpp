#include "net/loop/io_loop.hpp"

#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "net/loop/loop_buffers.hpp"
#include "net/loop/network_watch.hpp"
#include "net/loop/thread.hpp"
#include "net/loop/timer_wheel.hpp"
#include "net/resolve/resolver.hpp"

namespace rtm::net {
namespace {

/// How deep hooks may schedule hooks within one turn end. Beyond it sockets and tasks get their turn first: a sender
/// that refills a link each time it drains must not keep the loop from reading.
constexpr std::uint64_t kMaxHookDepth = 16;

thread_local const IoLoop* tRunningLoop = nullptr;

template <typename Handle>
uv_handle_t* asHandle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

Failure uvFailure(const char* what, int error) {
  return {error, std::string(what) + ": " + uv_strerror(error)};
}

}  // namespace

struct IoLoop::State {
  uv_loop_t loop{};
  uv_async_t wake{};
  uv_prepare_t turnEnd{};
  uv_idle_t stayAwake{};  ///< active only while hooks are left over for the next turn
  uv_timer_t wheelTimer{};
  std::optional<std::uint64_t> wheelTimerDue;

  std::unique_ptr<TimerWheel> wheel;
  std::unique_ptr<LoopBuffers> buffers = std::make_unique<LoopBuffers>();
  std::unique_ptr<Resolver> resolver;
  std::unique_ptr<NetworkWatch> networkWatch;
  LoopCounters counters;

  TurnHook* firstHook = nullptr;
  TurnHook* lastHook = nullptr;
  std::uint64_t hookDepth = 0;  ///< of what is scheduled now; grows for ever
  StopHook* firstStopHook = nullptr;

  std::uint64_t wallClockAt = ~std::uint64_t{0};
  std::uint64_t wallClock = 0;

  std::mutex mutex;  ///< guards the next two
  std::vector<Task> posted;
  bool stopping = false;
  std::vector<Task> running;  ///< loop thread: keeps its capacity from batch to batch

  std::mutex joinMutex;
  std::thread thread;
};

TurnHook::~TurnHook() {
  if (scheduledOn_ != nullptr) scheduledOn_->unschedule(*this);
}

StopHook::~StopHook() {
  if (registeredOn_ != nullptr) registeredOn_->unregister(*this);
}

IoLoop::IoLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}

IoLoop::~IoLoop() {
  stop();
}

Result<std::unique_ptr<IoLoop>> IoLoop::start(std::string name) {
  std::unique_ptr<IoLoop> self(new IoLoop(std::make_unique<State>()));
  State& s = *self->state_;
  if (const int error = uv_loop_init(&s.loop); error != 0) return uvFailure("cannot create an event loop", error);
  s.loop.data = self.get();
  const auto onWake = [](uv_async_t* handle) { static_cast<IoLoop*>(handle->loop->data)->runTasks(); };
  if (const int error = uv_async_init(&s.loop, &s.wake, onWake); error != 0) {
    uv_loop_close(&s.loop);
    return uvFailure("cannot create a loop's wake-up", error);
  }
  uv_prepare_init(&s.loop, &s.turnEnd);
  uv_idle_init(&s.loop, &s.stayAwake);
  uv_timer_init(&s.loop, &s.wheelTimer);
  uv_prepare_start(&s.turnEnd, [](uv_prepare_t* handle) { static_cast<IoLoop*>(handle->loop->data)->runTurnEnd(); });
  s.wheel = std::make_unique<TimerWheel>([loop = &s.loop] { return uv_now(loop); });
  s.resolver = std::make_unique<Resolver>(*self);
  s.networkWatch = std::make_unique<NetworkWatch>(*self);

  auto thread = startThread(std::move(name), [loop = self.get()] { loop->run(); });
  if (!thread) {
    self->closeDown();
    uv_run(&s.loop, UV_RUN_DEFAULT);
    uv_loop_close(&s.loop);
    return thread.failure();
  }
  s.thread = std::move(thread.value());
  return self;
}

void IoLoop::run() {
  tRunningLoop = this;
  uv_run(&state_->loop, UV_RUN_DEFAULT);
  uv_loop_close(&state_->loop);
  tRunningLoop = nullptr;
}

bool IoLoop::post(Task task) {
  State& s = *state_;
  const std::lock_guard lock(s.mutex);
  if (s.stopping) return false;
  s.posted.push_back(std::move(task));
  // Under the lock: stop() closes the wake-up only after it has taken the same lock, so the handle is alive here.
  if (s.posted.size() == 1) uv_async_send(&s.wake);
  return true;
}

void IoLoop::runTasks() {
  State& s = *state_;
  bool stopping = false;
  {
    const std::lock_guard lock(s.mutex);
    s.running.swap(s.posted);
    stopping = s.stopping;
  }
  for (Task& task : s.running) {
    task();
    task = nullptr;  // what a task captured dies before the next one runs
  }
  s.running.clear();
  if (stopping) closeDown();
}

void IoLoop::stop() {
  State& s = *state_;
  const std::lock_guard joining(s.joinMutex);
  if (!s.thread.joinable()) return;
  {
    const std::lock_guard lock(s.mutex);
    s.stopping = true;
    uv_async_send(&s.wake);
  }
  s.thread.join();
}

/// Closes everything on the loop, so that it ends. Runs once, on the loop's thread, after the last task.
void IoLoop::closeDown() {
  State& s = *state_;
  if (uv_is_closing(asHandle(&s.wake)) != 0) return;
  runTurnEnd();
  while (s.firstStopHook != nullptr) {
    StopHook& hook = *s.firstStopHook;
    unregister(hook);
    hook.onLoopStop();
  }
  s.resolver.reset();
  // Our own handles, and any that an owner forgot (its memory is lost then, but the thread ends).
  uv_walk(
      &s.loop,
      [](uv_handle_t* handle, void*) {
        if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
      },
      nullptr);
}

bool IoLoop::onLoopThread() const {
  return tRunningLoop == this;
}

std::uint64_t IoLoop::now() const {
  return uv_now(&state_->loop);
}

std::uint64_t IoLoop::wallClockMs() const {
  State& s = *state_;
  // The loop's own clock is read once per turn and marks the turn here.
  if (const std::uint64_t turn = now(); s.wallClockAt != turn) {
    s.wallClockAt = turn;
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    s.wallClock = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(sinceEpoch).count());
  }
  return s.wallClock;
}

void IoLoop::atTurnEnd(TurnHook& hook) {
  if (hook.scheduledOn_ != nullptr) return;
  State& s = *state_;
  hook.scheduledOn_ = this;
  hook.depth_ = s.hookDepth;
  hook.next_ = nullptr;
  hook.previous_ = s.lastHook;
  (s.lastHook != nullptr ? s.lastHook->next_ : s.firstHook) = &hook;
  s.lastHook = &hook;
}

void IoLoop::unschedule(TurnHook& hook) {
  State& s = *state_;
  (hook.previous_ != nullptr ? hook.previous_->next_ : s.firstHook) = hook.next_;
  (hook.next_ != nullptr ? hook.next_->previous_ : s.lastHook) = hook.previous_;
  hook.scheduledOn_ = nullptr;
}

void IoLoop::runTurnEnd() {
  State& s = *state_;
  ++s.counters.turns;
  if (s.firstHook != nullptr) {
    const std::uint64_t limit = s.firstHook->depth_ + kMaxHookDepth;
    while (s.firstHook != nullptr && s.firstHook->depth_ < limit) {
      TurnHook& hook = *s.firstHook;
      unschedule(hook);
      s.hookDepth = hook.depth_ + 1;
      hook.onTurnEnd();
    }
  }
  const bool more = s.firstHook != nullptr;
  if (more != (uv_is_active(asHandle(&s.stayAwake)) != 0)) {
    if (more) {
      uv_idle_start(&s.stayAwake, [](uv_idle_t*) {});
    } else {
      uv_idle_stop(&s.stayAwake);
    }
  }

  const auto due = s.wheel->nextDueMs();
  if (due == s.wheelTimerDue) return;
  s.wheelTimerDue = due;
  if (!due) {
    uv_timer_stop(&s.wheelTimer);
    return;
  }
  const auto onDue = [](uv_timer_t* handle) {
    State& state = *static_cast<IoLoop*>(handle->loop->data)->state_;
    state.wheelTimerDue.reset();
    state.wheel->advance();
  };
  uv_timer_start(&s.wheelTimer, onDue, *due > now() ? *due - now() : 0, 0);
}

void IoLoop::atStop(StopHook& hook) {
  if (hook.registeredOn_ != nullptr) return;
  State& s = *state_;
  hook.registeredOn_ = this;
  hook.previous_ = nullptr;
  hook.next_ = s.firstStopHook;
  if (hook.next_ != nullptr) hook.next_->previous_ = &hook;
  s.firstStopHook = &hook;
}

void IoLoop::unregister(StopHook& hook) {
  State& s = *state_;
  (hook.previous_ != nullptr ? hook.previous_->next_ : s.firstStopHook) = hook.next_;
  if (hook.next_ != nullptr) hook.next_->previous_ = hook.previous_;
  hook.registeredOn_ = nullptr;
}

TimerWheel& IoLoop::timers() {
  return *state_->wheel;
}

Resolver& IoLoop::resolver() {
  return *state_->resolver;
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

uv_loop_t* IoLoop::uv() {
  return &state_->loop;
}

}  // namespace rtm::net
