#include "net/resolve/resolver.hpp"

#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "net/loop/io_loop.hpp"
#include "net/loop/thread.hpp"
#include "net/loop/timer.hpp"

namespace rtm::net {
namespace {

Resolver::Answer askSystem(const std::string& host, Family family) {
  addrinfo hints{};
  hints.ai_family = family == Family::V6 ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  // Not AI_ADDRCONFIG: it ignores loopback, and an address without a route fails at once anyway.
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error != 0) {
    return Failure{error, error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error)};
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (auto address = SocketAddress::from(entry->ai_addr)) addresses.push_back(*address);
  }
  freeaddrinfo(list);
  return addresses;
}

}  // namespace

struct Resolver::Request::Waiting {
  Waiting(IoLoop& loop, std::uint16_t toPort, Callback onAnswer)
      : port(toPort), callback(std::move(onAnswer)), timeout(loop, [this] {
          finish(Failure{ETIMEDOUT, "the name server did not answer in time"});
        }) {}
  ~Waiting() { leave(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  void join(std::list<Waiting*>& everyone) {
    list = &everyone;
    position = everyone.insert(everyone.end(), this);
  }

  void leave() {
    if (list != nullptr) list->erase(position);  // an empty job stays until its answer: the next request joins it
    list = nullptr;
  }

  void finish(const Answer& answer) {
    leave();
    timeout.cancel();
    Callback run = std::move(callback);  // the callback may destroy this
    run(answer);
  }

  std::uint16_t port;
  Callback callback;
  Timer timeout;
  std::list<Waiting*>* list = nullptr;
  std::list<Waiting*>::iterator position;
};

Resolver::Request::Request() = default;
Resolver::Request::~Request() = default;

/// The state that threads share. Outlives the resolver if a lookup hangs.
struct Resolver::Pool {
  struct Worker {
    std::thread thread;
    bool lookingUp = false;
  };

  std::mutex mutex;  // taken before the lock of IoLoop::post(), never behind it
  std::condition_variable wake;
  Resolver* resolver = nullptr;  ///< null once the resolver is destroyed
  Lookup lookup = askSystem;
  std::deque<Key> queue;
  std::list<Worker> workers;
  std::size_t idle = 0;
};

Resolver::Resolver(IoLoop& loop) : loop_(loop), pool_(std::make_shared<Pool>()) {
  pool_->resolver = this;
}

Resolver::~Resolver() {
  std::vector<std::thread> joinable;
  {
    const std::lock_guard lock(pool_->mutex);
    pool_->resolver = nullptr;
    for (Pool::Worker& worker : pool_->workers) {
      if (worker.lookingUp) {
        worker.thread.detach();
      } else {
        joinable.push_back(std::move(worker.thread));
      }
    }
  }
  pool_->wake.notify_all();
  for (std::thread& thread : joinable) thread.join();
}

void Resolver::setLookup(Lookup lookup) {
  const std::lock_guard lock(pool_->mutex);
  pool_->lookup = std::move(lookup);
}

std::unique_ptr<Resolver::Request> Resolver::resolve(const std::string& host, std::uint16_t port, Family family,
                                                     std::uint64_t timeoutMs, Callback callback) {
  const Key key{host, family};
  std::unique_ptr<Request> request(new Request);
  request->waiting_ = std::make_unique<Request::Waiting>(loop_, port, std::move(callback));
  request->waiting_->timeout.arm(timeoutMs);
  const auto [job, isNew] = jobs_.try_emplace(key);
  request->waiting_->join(job->second);
  if (!isNew) return request;

  const std::lock_guard lock(pool_->mutex);
  pool_->queue.push_back(key);
  if (pool_->queue.size() > pool_->idle && pool_->workers.size() < kMaxThreads) {
    // Without a thread the request times out, unless another thread takes it: no need for a separate error path.
    auto thread = startThread("rtm-resolver", [pool = pool_] { work(pool); });
    if (thread) pool_->workers.push_back({std::move(thread.value()), false});
  }
  pool_->wake.notify_one();
  return request;
}

void Resolver::work(const std::shared_ptr<Pool>& pool) {
  std::unique_lock lock(pool->mutex);
  // resolve() holds the lock until this thread stands in the list.
  const auto self = std::find_if(pool->workers.begin(), pool->workers.end(), [](const Pool::Worker& worker) {
    return worker.thread.get_id() == std::this_thread::get_id();
  });
  while (true) {
    ++pool->idle;
    pool->wake.wait(lock, [&] { return pool->resolver == nullptr || !pool->queue.empty(); });
    --pool->idle;
    if (pool->resolver == nullptr) return;
    const Key key = std::move(pool->queue.front());
    pool->queue.pop_front();
    const Lookup lookup = pool->lookup;
    self->lookingUp = true;
    lock.unlock();
    Answer answer = lookup(key.first, key.second);
    lock.lock();
    self->lookingUp = false;
    if (pool->resolver == nullptr) return;
    // The resolver dies with its loop, after the last task: a task that runs may use it.
    pool->resolver->loop_.post(
        [resolver = pool->resolver, key, answer = std::move(answer)] { resolver->answered(key, answer); });
  }
}

void Resolver::answered(const Key& key, const Answer& answer) {
  auto job = jobs_.extract(key);  // a callback that asks again starts a new lookup
  if (!job) return;
  auto& everyone = job.mapped();
  while (!everyone.empty()) {  // a callback may drop others of this list
    Request::Waiting& next = *everyone.front();
    if (!answer) {
      next.finish(answer);
      continue;
    }
    std::vector<SocketAddress> addresses = answer.value();
    for (SocketAddress& address : addresses) address.setPort(next.port);
    next.finish(addresses);
  }
}

}  // namespace rtm::net
