#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "net/link/link.hpp"
#include "net/link/listener.hpp"
#include "net/transport/transport_factory.hpp"

namespace rtm::net {

/// Makes the links of one scheme, for both ends. FrameLinkFactory makes one of any byte transport; a link over
/// datagrams has a factory of its own. Any thread may call scheme() and secure(); the rest belongs to the loop given.
class LinkFactory {
 public:
  /// Called once, after dial() has returned: the link is ready, or (`failure` not null) never will be. Not called once
  /// the owner has let go of the link.
  using OnReady = MoveFunction<void(const OpenFailure* failure)>;

  virtual ~LinkFactory() = default;

  /// "rtms" for endpoints of the form rtms://host.
  virtual std::string scheme() const = 0;
  /// Whether connections are encrypted and the server shows a certificate.
  virtual bool secure() const = 0;
  /// Begins to connect; the link must not be used before `onReady`. The failure's message is for the log.
  virtual Result<LinkHandle> dial(IoLoop& loop, const DialTarget& target, std::uint64_t timeoutMs,
                                  OnReady onReady) const = 0;
  /// The failure's code is an errno. `onRefused` may be empty.
  virtual Result<std::unique_ptr<Listener>> listen(IoLoop& loop, const ListenOptions& options, Listener::OnLink onLink,
                                                   Listener::OnRefused onRefused) const = 0;
};

}  // namespace rtm::net
