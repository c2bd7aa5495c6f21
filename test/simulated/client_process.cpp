#include "simulated/client_process.hpp"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "client/process_settings.hpp"
#include "client/runtime/process.hpp"
#include "simulated/loops.hpp"

namespace rtm {
namespace {

std::map<const simulated::Machine*, std::shared_ptr<client::Process>> processes;

}  // namespace

void simulated::endClientProcess(const Machine& machine) {
  const auto found = processes.find(&machine);
  if (found == processes.end()) return;
  const std::shared_ptr<client::Process> process = std::move(found->second);
  processes.erase(found);
  process->loop().stop();
}

}  // namespace rtm

namespace rtm::client {

struct Process::AtTurnEnd final : net::TurnHook {
  void onTurnEnd() override {}
};

Process::Process(std::unique_ptr<net::IoLoop> loop)
    : loop_(std::move(loop)), atTurnEnd_(std::make_unique<AtTurnEnd>()) {}

Process::~Process() = default;

std::shared_ptr<Process> Process::join(Dispatch dispatch) {
  simulated::require(dispatch == Dispatch::Direct, "a simulated program has no threads for events");
  std::shared_ptr<Process>& process = processes[simulated::Loops::machine()];
  if (process == nullptr) process.reset(new Process(std::move(net::IoLoop::start("client").value())));
  ++process->clients_;
  return process;
}

/// The loop goes with endClientProcess().
void Process::leave() {
  --clients_;
}

std::shared_ptr<StrandPool::Strand> Process::makeStrand() {
  return nullptr;
}

/// Nothing here is encrypted.
Result<std::shared_ptr<net::TlsClientContext>> Process::tlsContext(const net::TlsClientOptions& /*options*/) {
  return std::shared_ptr<net::TlsClientContext>();
}

}  // namespace rtm::client
