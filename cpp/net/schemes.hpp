#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/link/link_factory.hpp"

namespace rtm::net {

/// The schemes of endpoints and their factories, one table for the whole process: rtms://, rtm://, and the schemes
/// that were added. Any thread.
namespace schemes {

/// The factory for links to `scheme://…`; null if there is none.
std::shared_ptr<const LinkFactory> find(std::string_view scheme);

/// Whether endpoints of `scheme` are encrypted and their server shows a certificate. False for an unknown scheme.
bool secure(std::string_view scheme);

/// Adds a factory while it lives; of two factories for one scheme the later counts. Links that were made live on.
class Added {
 public:
  explicit Added(std::shared_ptr<const LinkFactory> factory);
  explicit Added(std::unique_ptr<const TransportFactory> transports);
  ~Added();
  Added(const Added&) = delete;
  Added& operator=(const Added&) = delete;

 private:
  std::shared_ptr<const LinkFactory> factory_;
};

}  // namespace schemes

/// Listens as `options.scheme` says. Loop thread. The failure's code is an errno.
Result<std::unique_ptr<Listener>> listen(IoLoop& loop, const ListenOptions& options, Listener::OnLink onLink,
                                         Listener::OnRefused onRefused = nullptr);

}  // namespace rtm::net
