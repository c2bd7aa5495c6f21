#include "net/schemes.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>
#include <vector>

#include "base/process_life.hpp"
#include "net/link/frame_link_factory.hpp"
#include "net/transport/tcp/tcp_factory.hpp"
#include "net/transport/tls/tls_factory.hpp"
#include "net/transport/udp/udp_factory.hpp"

namespace rtm::net {
namespace {

using Factory = std::shared_ptr<const LinkFactory>;

Factory frames(std::unique_ptr<const TransportFactory> transports) {
  return std::make_shared<FrameLinkFactory>(std::move(transports));
}

struct Table {
  ProcessMutex mutex;
  /// A new transport is one line here.
  std::vector<Factory> factories{
      frames(std::make_unique<TcpFactory>()),
      frames(std::make_unique<TlsFactory>("rtms", std::make_unique<TcpFactory>())),
      frames(std::make_unique<UdpFactory>()),
  };
};

/// Never destroyed: services may still connect while the process ends.
Table& table() {
  static Table* const kTable = new Table;
  return *kTable;
}

}  // namespace

namespace schemes {

std::shared_ptr<const LinkFactory> find(std::string_view scheme) {
  Table& all = table();
  const std::lock_guard lock(all.mutex);
  const auto found = std::find_if(all.factories.rbegin(), all.factories.rend(),
                                  [&](const Factory& factory) { return factory->scheme() == scheme; });
  return found != all.factories.rend() ? *found : nullptr;
}

bool secure(std::string_view scheme) {
  const auto factory = find(scheme);
  return factory != nullptr && factory->secure();
}

Added::Added(std::shared_ptr<const LinkFactory> factory) : factory_(std::move(factory)) {
  Table& all = table();
  const std::lock_guard lock(all.mutex);
  all.factories.push_back(factory_);
}

Added::Added(std::unique_ptr<const TransportFactory> transports) : Added(frames(std::move(transports))) {}

Added::~Added() {
  Table& all = table();
  const std::lock_guard lock(all.mutex);
  std::erase(all.factories, factory_);
}

}  // namespace schemes

Result<std::unique_ptr<Listener>> listen(IoLoop& loop, const ListenOptions& options, Listener::OnLink onLink,
                                         Listener::OnRefused onRefused) {
  const auto factory = schemes::find(options.scheme);
  if (factory == nullptr) return Failure{EPROTONOSUPPORT, "cannot listen on " + options.scheme + "://: unknown scheme"};
  return factory->listen(loop, options, std::move(onLink), std::move(onRefused));
}

}  // namespace rtm::net
