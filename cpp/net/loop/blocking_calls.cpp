#include "net/loop/blocking_calls.hpp"

#include <utility>

#include "net/loop/thread.hpp"

namespace rtm::net {

BlockingCalls::BlockingCalls(IoLoop& loop) : loop_(loop) {
  loop_.atStop(*this);
}

BlockingCalls::~BlockingCalls() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void BlockingCalls::run(Task call, Task done) {
  if (stopped_) {
    call();
    return done();
  }
  ++underWay_;
  bool another = false;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(call), std::move(done)});
    another = waiting_.size() > idle_ && threads_.size() < kMaxThreads;
  }
  if (another) startWorker();
  wake_.notify_one();
}

void BlockingCalls::startWorker() {
  auto thread = startThread("rtm-files", [this] { work(); });
  if (thread) {
    threads_.push_back(std::move(thread.value()));
    return;
  }
  if (!threads_.empty()) return;  // the threads that exist take it in their turn
  Pair pair;
  {
    const std::lock_guard lock(mutex_);
    pair = std::move(waiting_.front());
    waiting_.pop_front();
  }
  pair.call();
  const std::lock_guard lock(mutex_);
  ended_.push_back(std::move(pair.done));
  loop_.post([this] { runEnded(); });
}

void BlockingCalls::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty()) return;
    Pair pair = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    pair.call();
    pair.call = nullptr;  // what the call holds ends here, and not while the lock is held
    lock.lock();
    ended_.push_back(std::move(pair.done));
    oneEnded_.notify_one();
    // This object dies with its loop, behind the last task. Refused once the loop stops: onLoopStop() runs `done`.
    loop_.post([this] { runEnded(); });
  }
}

void BlockingCalls::runEnded() {
  std::deque<Task> now;
  {
    const std::lock_guard lock(mutex_);
    now.swap(ended_);
  }
  for (Task& done : now) {
    --underWay_;
    done();
  }
}

void BlockingCalls::onLoopStop() {
  while (underWay_ > 0) {
    {
      std::unique_lock lock(mutex_);
      oneEnded_.wait(lock, [this] { return !ended_.empty(); });
    }
    runEnded();
  }
  stopped_ = true;
}

}  // namespace rtm::net
