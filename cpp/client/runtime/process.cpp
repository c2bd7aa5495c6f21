#include "client/runtime/process.hpp"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "client/process_settings.hpp"

namespace rtm::client {

namespace {

std::string keyOf(const net::TlsClientOptions& options) {
  std::string key{options.allowTls12 ? '1' : '0', options.systemCas ? '1' : '0'};
  key += options.caFile;
  key += '\0';
  key += options.caPem;
  return key;
}

}  // namespace

struct Process::Shared final : net::TurnHook {
  void onTurnEnd() override {
    running.swap(atTurnEnd);
    for (const std::shared_ptr<TurnEnd>& todo : running) todo->onTurnEnd();
    running.clear();
  }

  std::vector<std::shared_ptr<TurnEnd>> atTurnEnd;  ///< loop thread only, as `running`
  std::vector<std::shared_ptr<TurnEnd>> running;
  std::mutex mutex;
  std::unique_ptr<StrandPool> strands;
  std::map<std::string, std::shared_ptr<net::TlsClientContext>> tls;
};

/// A program may return from main() while it is logged in. OpenSSL then frees its state in a handler of exit() while
/// the I/O thread still uses it. Handlers run in reverse order. The first TLS context registers OpenSSL's handler, so
/// this one is registered after it and runs before it. The addon ends its environments by itself and needs no handler.
void Process::stopBeforeTlsAtExit() {
  static_cast<void>(net::TlsClientContext::create({.systemCas = false}));
  std::atexit([] {
    net::IoLoop& loop = instance()->loop();
    if (!loop.onLoopThread()) loop.stop();
  });
}

Process* Process::instance() {
  return find(true);
}

Process* Process::existing() {
  return find(false);
}

Process* Process::find(bool make) {
  static std::mutex mutex;
  static Process* kept = nullptr;  // never destroyed: threads may call until the process ends
  const std::lock_guard lock(mutex);
  if (kept == nullptr && make) {
    Result<std::unique_ptr<net::IoLoop>> loop = net::IoLoop::start("rtm-client");
    if (!loop) return nullptr;
    kept = new Process(std::move(loop.value()));
  }
  return kept;
}

void awaitGoodbyes() {
  Process* const process = Process::existing();
  if (process == nullptr || process->loop().onLoopThread()) return;
  // The first post runs after the goodbyes have been queued, the second after the turn that sends them.
  const auto gone = std::make_shared<std::promise<void>>();
  net::IoLoop& loop = process->loop();
  const bool posted = loop.post([&loop, gone] {
    if (!loop.post([gone] { gone->set_value(); })) gone->set_value();
  });
  if (posted) gone->get_future().wait();
}

Process::Process(std::unique_ptr<net::IoLoop> loop) : loop_(std::move(loop)), shared_(std::make_unique<Shared>()) {}

void Process::callAtTurnEnd(std::shared_ptr<TurnEnd> todo) {
  shared_->atTurnEnd.push_back(std::move(todo));
  loop_->atTurnEnd(*shared_);
}

bool callAtTurnEnd(std::shared_ptr<TurnEnd> todo) {
  Process* const process = Process::existing();
  if (process == nullptr || !process->loop().onLoopThread()) return false;
  process->callAtTurnEnd(std::move(todo));
  return true;
}

std::shared_ptr<StrandPool::Strand> Process::makeStrand() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->strands == nullptr) {
    stopBeforeTlsAtExit();
    const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 2u, 8u);
    shared_->strands = std::make_unique<StrandPool>(threads);
  }
  return shared_->strands->makeStrand();
}

Result<std::shared_ptr<net::TlsClientContext>> Process::tlsContext(const net::TlsClientOptions& options) {
  net::TlsClientOptions whole = options;
  whole.caPem += extraCertificateAuthorities();
  const std::lock_guard lock(shared_->mutex);
  auto& slot = shared_->tls[keyOf(whole)];
  if (slot != nullptr) return slot;
  Result<std::shared_ptr<net::TlsClientContext>> made = net::TlsClientContext::create(whole);
  if (made) slot = made.value();
  return made;
}

}  // namespace rtm::client
