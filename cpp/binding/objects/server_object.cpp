#include "binding/objects/server_object.hpp"

#include <string>
#include <utility>

#include "binding/events/event_records.hpp"
#include "net/loop/thread.hpp"

namespace rtm::binding {

ServerObject::~ServerObject() {
  shutDown();
}

const std::shared_ptr<server::Bridge>& ServerObject::makeBridge(LogSink log, std::uint32_t loops) {
  server::Bridge::Options options;
  options.ring = [mailbox = mailbox_, id = id_] { mailbox->push(EventKind::ServerOperations, id); };
  options.log = std::move(log);
  options.loops = loops;
  bridge_ = std::make_shared<server::Bridge>(std::move(options));
  return bridge_;
}

void ServerObject::start(server::ServerOptions options) {
  auto worker = net::startThread("rtm-server", [this, options = std::move(options)]() mutable {
    Result<std::unique_ptr<server::Server>> started = server::Server::start(std::move(options));
    std::uint32_t port = 0;
    std::string fingerprint;
    std::string failure;
    if (started) {
      const std::lock_guard lock(mutex_);
      server_ = std::move(started.value());
      port = server_->port();
      fingerprint = server_->fingerprint();
    } else {
      failure = started.failure().message.empty() ? "the server did not start" : started.failure().message;
    }
    mailbox_->push(EventKind::ServerStarted, id_,
                   [&](Record& record) { records::writeServerStarted(record, port, fingerprint, failure); });
  });
  if (worker) {
    worker_ = std::move(worker.value());
    return;
  }
  mailbox_->push(EventKind::ServerStarted, id_, [&](Record& record) {
    records::writeServerStarted(record, 0, std::string(), worker.failure().message);
  });
}

void ServerObject::close() {
  if (worker_.joinable()) {
    worker_.join();  // the start: JavaScript closes only after it has heard the outcome
  }
  const auto end = [this] {
    std::unique_ptr<server::Server> server;
    {
      const std::lock_guard lock(mutex_);
      server = std::move(server_);
    }
    if (server != nullptr) {
      server->close();
    }
    mailbox_->push(EventKind::ServerClosed, id_);
  };
  auto worker = net::startThread("rtm-server", end);
  if (!worker) return end();  // the process cannot have any more threads: JavaScript waits for it
  worker_ = std::move(worker.value());
}

void ServerObject::shutDown() {
  if (worker_.joinable()) {
    worker_.join();
  }
  if (server_ != nullptr) {
    server_->close(false);  // JavaScript, where the store is, waits for this
    server_.reset();
  }
}

std::unique_ptr<server::ServerStats> ServerObject::stats() const {
  const std::lock_guard lock(mutex_);
  return server_ != nullptr ? std::make_unique<server::ServerStats>(server_->stats()) : nullptr;
}

MoveFunction<void(bool)> ServerObject::teller(double request) const {
  return [mailbox = mailbox_, id = id_, number = static_cast<long long>(request)](bool outcome) {
    mailbox->push(EventKind::ServerDone, id,
                  [&](Record& record) { records::writeServerDone(record, number, outcome); });
  };
}

}  // namespace rtm::binding
