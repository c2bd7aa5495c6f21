#include "net/loop/io_loop.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "net/loop/loop_buffers.hpp"
#include "net/loop/network_watch.hpp"
#include "net/loop/task_queue.hpp"
#include "net/loop/thread.hpp"
#include "net/loop/timer_wheel.hpp"

namespace rtm::net {
namespace {

thread_local const IoLoop* tRunningLoop = nullptr;

template <typename Handle>
uv_handle_t* asHandle(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

Failure uvFailure(const char* what, int error) {
  return {error, std::string(what) + ": " + uv_strerror(error)};
}

/// Milliseconds since 1970 UTC, read once for each turn.
class WallClock {
 public:
  std::uint64_t read(std::uint64_t turn) {
    if (readAt_ == turn) return ms_;
    readAt_ = turn;
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    ms_ = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(sinceEpoch).count());
    return ms_;
  }

 private:
  std::uint64_t readAt_ = ~std::uint64_t{0};
  std::uint64_t ms_ = 0;
};

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
  std::unique_ptr<NetworkWatch> networkWatch;
  std::vector<std::pair<const void*, std::unique_ptr<LoopLocal>>> locals;
  LoopCounters counters;
  TurnHookList turnHooks;
  StopHookList stopHooks;
  WallClock wallClock;

  std::atomic<int> lingering{0};

  TaskQueue tasks;
  std::mutex joinMutex;
  std::thread thread;
};

IoLoop::IoLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}

IoLoop::~IoLoop() {
  stop();
}

Result<std::unique_ptr<IoLoop>> IoLoop::start(std::string name) {
  std::unique_ptr<IoLoop> self(new IoLoop(std::make_unique<State>()));
  State& s = *self->state_;
  if (const int error = uv_loop_init(&s.loop); error != 0) return uvFailure("cannot create an event loop", error);
  s.loop.data = self.get();
  const auto onWake = [](uv_async_t* handle) {
    IoLoop& loop = *static_cast<IoLoop*>(handle->loop->data);
    if (loop.state_->tasks.run()) loop.closeDown();
  };
  if (const int error = uv_async_init(&s.loop, &s.wake, onWake); error != 0) {
    uv_loop_close(&s.loop);
    return uvFailure("cannot create a loop's wake-up", error);
  }
  uv_prepare_init(&s.loop, &s.turnEnd);
  uv_idle_init(&s.loop, &s.stayAwake);
  uv_timer_init(&s.loop, &s.wheelTimer);
  uv_prepare_start(&s.turnEnd, [](uv_prepare_t* handle) { static_cast<IoLoop*>(handle->loop->data)->runTurnEnd(); });
  s.wheel = std::make_unique<TimerWheel>([loop = &s.loop] { return uv_now(loop); });
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
  // Released services may keep the loop for a while: memory that nobody has touched takes no page.
  state_->buffers = std::make_unique_for_overwrite<LoopBuffers>();
  tRunningLoop = nullptr;
}

bool IoLoop::post(Task task) {
  State& s = *state_;
  return s.tasks.post(std::move(task), [&s] { uv_async_send(&s.wake); });
}

void IoLoop::lingers(int change) {
  state_->lingering.fetch_add(change);
  state_->lingering.notify_all();
}

void IoLoop::awaitLingering() const {
  for (int count = state_->lingering.load(); count != 0; count = state_->lingering.load()) {
    state_->lingering.wait(count);
  }
}

void IoLoop::stop() {
  State& s = *state_;
  const std::lock_guard joining(s.joinMutex);
  if (!s.thread.joinable()) return;
  s.tasks.stop([&s] { uv_async_send(&s.wake); });
  s.thread.join();
}

/// Closes everything on the loop, so that it ends. Runs once, on the loop's thread, after the last task.
void IoLoop::closeDown() {
  State& s = *state_;
  if (uv_is_closing(asHandle(&s.wake)) != 0) return;
  runTurnEnd();
  s.stopHooks.run();
  s.locals.clear();
  // Our own handles, and any handle that its owner forgot: its memory is lost then, but the thread ends.
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
  return state_->wallClock.read(now());  // the loop's clock is read once for each turn, so it marks the turn
}

void IoLoop::atTurnEnd(TurnHook& hook) {
  state_->turnHooks.add(hook);
}

void IoLoop::atStop(StopHook& hook) {
  state_->stopHooks.add(hook);
}

void IoLoop::runTurnEnd() {
  State& s = *state_;
  ++s.counters.turns;
  const bool more = s.turnHooks.run();
  if (more != (uv_is_active(asHandle(&s.stayAwake)) != 0)) {
    if (more) {
      uv_idle_start(&s.stayAwake, [](uv_idle_t*) {});
    } else {
      uv_idle_stop(&s.stayAwake);
    }
  }
  armWheel();
}

/// Has libuv wake the loop when the wheel has work.
void IoLoop::armWheel() {
  State& s = *state_;
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
  return *state_->wheel;
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
