#include "client/runtime/process.hpp"

#include <dlfcn.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/process_life.hpp"
#include "client/process_settings.hpp"
#include "net/loop/thread.hpp"

namespace rtm::client {

namespace {

using std::chrono::milliseconds;

std::string keyOf(const net::TlsClientOptions& options) {
  std::string key{options.allowTls12 ? '1' : '0', options.systemCas ? '1' : '0'};
  key += options.caFile;
  key += '\0';
  key += options.caPem;
  return key;
}

struct TlsContexts {
  using Map = std::map<std::string, std::shared_ptr<net::TlsClientContext>>;
  ProcessMutex mutex{&TlsContexts::renew};
  Map* map = new Map;

  static TlsContexts& all() {
    static TlsContexts* const kept = new TlsContexts;  // never destroyed: threads may connect until the process ends
    return *kept;
  }
  /// A child of fork() leaves the contexts of its parent alone, and the tickets in them.
  static void renew() { all().map = new Map; }
};

/// A program may load the library by dlopen() and unload it while a thread or a handler of exit() still needs its code.
/// The shared library is linked with -z nodelete; this is for the archive inside somebody's plug-in.
void keepThisModule() {
  Dl_info here{};
  if (dladdr(reinterpret_cast<const void*>(&keepThisModule), &here) == 0) return;
  // The result is null for the program itself, which nobody unloads.
  static_cast<void>(dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE));
}

}  // namespace

struct Process::Kept {
  ProcessMutex mutex{&Kept::forget};
  std::condition_variable* ended = new std::condition_variable;
  std::shared_ptr<Process> current;
  std::vector<std::shared_ptr<Process>> ending;  ///< former ones whose threads are about to end
  std::vector<std::shared_ptr<Process>>
      lost;  ///< of parents; never destroyed, for their destructors would join threads

  static Kept& get() {
    static Kept* const kept = new Kept;  // never destroyed: threads may call until the process ends
    return *kept;
  }
  /// In a child of fork(): the threads do not exist.
  static void forget() {
    Kept& kept = get();
    if (kept.current != nullptr) kept.lost.push_back(std::move(kept.current));
    kept.current = nullptr;
    for (std::shared_ptr<Process>& each : kept.ending) kept.lost.push_back(std::move(each));
    kept.ending.clear();
    kept.ended = new std::condition_variable;
  }
};

struct Process::AtTurnEnd final : net::TurnHook {
  void onTurnEnd() override {
    running.swap(waiting);
    for (const std::shared_ptr<TurnEnd>& todo : running) todo->onTurnEnd();
    running.clear();
  }

  std::vector<std::shared_ptr<TurnEnd>> waiting;  ///< loop thread only, as `running`
  std::vector<std::shared_ptr<TurnEnd>> running;
};

/// Holds the I/O thread during a fork(), between two tasks: so the child finds OpenSSL, and the list of sockets, as
/// they are when nobody uses them.
class Process::Parking {
 public:
  /// Returns when the thread stands, or after a second: something may hold it, and the fork must not wait for ever.
  static void begin(const std::shared_ptr<Process>& process) {
    if (process == nullptr || process->loop().onLoopThread()) return;
    const auto parking = std::make_shared<Parking>();
    if (!process->loop().post([parking] { parking->stand(); })) return;
    std::unique_lock lock(parking->mutex_);
    parking->changed_.wait_for(lock, std::chrono::seconds(1), [&] { return parking->stands_; });
    lock.unlock();
    of() = new Both{process, parking};
  }
  static void end() {
    const std::unique_ptr<Both> both(std::exchange(of(), nullptr));
    if (both == nullptr) return;
    const std::lock_guard lock(both->parking->mutex_);
    both->parking->over_ = true;
    both->parking->changed_.notify_all();
  }
  /// In the child. Null unless the I/O thread stood; the child must not touch the rest.
  static Process* stood() {
    const Both* both = std::exchange(of(), nullptr);  // never destroyed, as the process itself
    return both != nullptr && both->parking->stands_ ? both->process.get() : nullptr;
  }

 private:
  struct Both {
    std::shared_ptr<Process> process;
    std::shared_ptr<Parking> parking;
  };
  static Both*& of() {
    thread_local Both* both = nullptr;
    return both;
  }
  void stand() {
    std::unique_lock lock(mutex_);
    stands_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return over_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stands_ = false;
  bool over_ = false;
};

Process::Process(std::unique_ptr<net::IoLoop> loop)
    : loop_(std::move(loop)), atTurnEnd_(std::make_unique<AtTurnEnd>()) {}

Process::~Process() = default;

/// False: the process cannot have any more threads.
bool Process::startStrands() {
  if (strands_ != nullptr) return true;
  watchTheProcess();
  auto strands = std::make_unique<StrandPool>(std::clamp(std::thread::hardware_concurrency(), 2u, 8u));
  if (!strands->started()) return false;
  strands_ = std::move(strands);
  return true;
}

/// For programs in C++. Node ends its environments by itself, and no child of Node goes on without exec().
void Process::watchTheProcess() {
  static const bool once = [] {
    keepThisModule();
    life::watchForks({&Process::beforeFork, &Process::afterForkInParent, &Process::afterForkInChild});
    // A program may return from main() while it is logged in, or call OPENSSL_cleanup(). Then OpenSSL frees its state
    // while the I/O thread still uses it. The handlers of exit() run in reverse order: the first TLS context registers
    // OpenSSL's, so that ours runs before it. The other is called by OPENSSL_cleanup().
    static_cast<void>(net::TlsClientContext::create({.systemCas = false}));
    std::atexit(&Process::onProcessEnd);
    OPENSSL_atexit(&Process::onProcessEnd);
    return true;
  }();
  static_cast<void>(once);
}

std::shared_ptr<Process> Process::join(Dispatch dispatch) {
  Kept& kept = Kept::get();
  const std::lock_guard lock(kept.mutex);
  if (life::hasEnded()) return nullptr;
  std::shared_ptr<Process> process = kept.current;
  if (process == nullptr) {
    Result<std::unique_ptr<net::IoLoop>> loop = net::IoLoop::start("rtm-client");
    if (!loop) return nullptr;
    process.reset(new Process(std::move(loop.value())));
    if (dispatch == Dispatch::Direct) ++process->clients_;  // nobody's: the threads of Node stay
  }
  if (dispatch == Dispatch::Strand && !process->startStrands()) return nullptr;
  ++process->clients_;
  kept.current = process;
  return process;
}

std::shared_ptr<Process> Process::existing() {
  const std::lock_guard lock(Kept::get().mutex);
  return Kept::get().current;
}

void Process::leave() {
  Kept& kept = Kept::get();
  const std::shared_ptr<Process> self = shared_from_this();
  {
    const std::lock_guard lock(kept.mutex);
    if (--clients_ > 0 || kept.current != self) return;
    kept.current.reset();
    kept.ending.push_back(self);
  }
  const auto endAll = [self] {
    // The goodbye of the last service may still be on its way, behind messages that the socket has not taken yet.
    self->loop_->awaitLingering();
    self->end(milliseconds(0));
    const std::lock_guard lock(Kept::get().mutex);
    std::erase(Kept::get().ending, self);
    Kept::get().ended->notify_all();
  };
  if (!loop_->onLoopThread()) return endAll();
  auto thread = net::startThread("rtm-ending", endAll);
  if (thread) return thread.value().detach();
  // No thread to end the threads: the next client takes them.
  const std::lock_guard lock(kept.mutex);
  std::erase(kept.ending, self);
  if (kept.current == nullptr) kept.current = self;
}

void Process::end(milliseconds patience) {
  const std::lock_guard lock(endMutex_);
  if (!loop_->onLoopThread()) loop_->stop();
  if (strands_ != nullptr) strands_->end(patience);
}

/// The objects with static storage that handlers use are about to be destroyed, and then OpenSSL's.
void Process::onProcessEnd() {
  constexpr milliseconds kPatience(1000);  // for running handlers; a handler that waits for this thread waits in vain
  if (life::hasEnded()) return;
  life::end();
  Kept& kept = Kept::get();
  std::unique_lock lock(kept.mutex.plain());
  std::vector<std::shared_ptr<Process>> all = kept.ending;
  if (kept.current != nullptr) all.push_back(kept.current);
  lock.unlock();
  for (const std::shared_ptr<Process>& each : all) each->end(kPatience);
  lock.lock();
  kept.ended->wait_for(lock, kPatience, [&kept] { return kept.ending.empty(); });
}

void Process::beforeFork() {
  Parking::begin(existing());
}

void Process::afterForkInParent() {
  Parking::end();
}

/// A socket that the child kept open would keep the connection of its parent alive after the end of the parent.
void Process::afterForkInChild() {
  Process* const parents = Parking::stood();
  if (parents == nullptr) return;
  uv_loop_t* const loop = parents->loop().uv();
  // Not by libuv: it would also take the sockets out of the kernel's list of the parent, which both processes have.
  uv_walk(
      loop,
      [](uv_handle_t* handle, void*) {
        uv_os_fd_t descriptor = -1;
        if (uv_fileno(handle, &descriptor) == 0) ::close(descriptor);
      },
      nullptr);
  ::close(uv_backend_fd(loop));
}

void awaitGoodbyes() {
  const std::shared_ptr<Process> process = Process::existing();
  if (process == nullptr || process->loop().onLoopThread()) return;
  // The first post runs after the goodbyes have been queued, the second after the turn that sends them.
  const auto gone = std::make_shared<std::promise<void>>();
  net::IoLoop& loop = process->loop();
  const bool posted = loop.post([&loop, gone] {
    if (!loop.post([gone] { gone->set_value(); })) gone->set_value();
  });
  if (posted) gone->get_future().wait();
}

void Process::callAtTurnEnd(std::shared_ptr<TurnEnd> todo) {
  atTurnEnd_->waiting.push_back(std::move(todo));
  loop_->atTurnEnd(*atTurnEnd_);
}

bool callAtTurnEnd(std::shared_ptr<TurnEnd> todo) {
  const std::shared_ptr<Process> process = Process::existing();
  if (process == nullptr || !process->loop().onLoopThread()) return false;
  process->callAtTurnEnd(std::move(todo));
  return true;
}

std::shared_ptr<StrandPool::Strand> Process::makeStrand() {
  return strands_->makeStrand();
}

Result<std::shared_ptr<net::TlsClientContext>> Process::tlsContext(const net::TlsClientOptions& options) {
  net::TlsClientOptions whole = options;
  whole.caPem += extraCertificateAuthorities();
  TlsContexts& contexts = TlsContexts::all();
  const std::lock_guard lock(contexts.mutex);
  auto& slot = (*contexts.map)[keyOf(whole)];
  if (slot != nullptr) return slot;
  Result<std::shared_ptr<net::TlsClientContext>> made = net::TlsClientContext::create(whole);
  if (made) slot = made.value();
  return made;
}

}  // namespace rtm::client
