#pragma once

#include <utility>

#include "net/link/link_factory.hpp"

namespace rtm::net {

/// Links that carry frames over the byte transports of another factory.
class FrameLinkFactory final : public LinkFactory {
 public:
  explicit FrameLinkFactory(std::unique_ptr<const TransportFactory> transports) : transports_(std::move(transports)) {}

  std::string scheme() const override { return transports_->scheme(); }
  bool secure() const override { return transports_->secure(); }
  Result<LinkHandle> dial(IoLoop& loop, const DialTarget& target, std::uint64_t timeoutMs,
                          OnReady onReady) const override;
  Result<std::unique_ptr<Listener>> listen(IoLoop& loop, const ListenOptions& options, Listener::OnLink onLink,
                                           Listener::OnRefused onRefused) const override;

 private:
  std::unique_ptr<const TransportFactory> transports_;
};

}  // namespace rtm::net
