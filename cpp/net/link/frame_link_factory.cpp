#include "net/link/frame_link_factory.hpp"

#include <unordered_map>

#include "net/admission/admission.hpp"
#include "net/link/frame_link.hpp"

namespace rtm::net {
namespace {

/// The handshakes under way of one listener. Kept alive by the calls that run in it: the receiver of a link may destroy
/// the listener.
class Handshakes : public std::enable_shared_from_this<Handshakes> {
 public:
  Handshakes(IoLoop& loop, const ListenOptions& options, Listener::OnLink onLink, Listener::OnRefused onRefused)
      : loop_(loop),
        timeoutMs_(options.handshakeTimeoutMs),
        admission_(options.admission),
        onLink_(std::move(onLink)),
        onRefused_(std::move(onRefused)) {}

  Result<bool> open(const TransportFactory& transports, const ListenOptions& options) {
    auto acceptor = transports.listen(
        loop_, options, [this](std::unique_ptr<ByteTransport> transport) { begin(std::move(transport)); },
        [this](const std::string& why) { return exhausted(why); });
    if (!acceptor) return acceptor.failure();
    acceptor_ = std::move(acceptor.value());
    return true;
  }

  void close() {
    underWay_.clear();
    acceptor_.reset();
  }

  std::uint16_t port() const { return acceptor_->port(); }
  const ListenerCounters& counters() const { return counters_; }

 private:
  void begin(std::unique_ptr<ByteTransport> transport) {
    const auto self = shared_from_this();
    ++counters_.accepted;
    const AddressPrefix prefix = transport->remotePrefix();
    FrameLink::Handle handle = FrameLink::create(loop_, std::move(transport));
    FrameLink* link = handle.get();
    if (admission_->pending->refuses(prefix, loop_.now()))
      return refused(Listener::Refusal::Dropped, *link, "refused for a while: its address has broken the protocol");
    auto place = admission_->pending->enter(prefix, loop_.now(), [this, link] { drop(link); });
    if (acceptor_ == nullptr) return;  // the dropped client's owner has destroyed the listener
    if (!place)
      return refused(Listener::Refusal::Dropped, *link, "no place: all clients without a login wait for this server");
    link->takePlace(std::move(*place));
    underWay_.emplace(link, std::move(handle));
    link->start(timeoutMs_, [this, link](const OpenFailure* failure) { finished(link, failure); });
  }

  /// Others need the place of a handshake that is under way.
  void drop(FrameLink* link) {
    const auto self = shared_from_this();
    const auto position = underWay_.find(link);
    if (position == underWay_.end()) return;
    const FrameLink::Handle handle = std::move(position->second);
    underWay_.erase(position);
    refused(Listener::Refusal::Dropped, *handle, "dropped before a login: it kept the server waiting");
  }

  bool exhausted(const std::string& why) {
    const auto self = shared_from_this();
    if (onRefused_) onRefused_(Listener::Refusal::Exhausted, "", why);
    return admission_->pending->dropOne();
  }

  void refused(Listener::Refusal refusal, const FrameLink& link, const std::string& why) {
    ++counters_.refused;
    if (onRefused_) onRefused_(refusal, link.remoteAddress(), why);
  }

  void finished(FrameLink* link, const OpenFailure* failure) {
    const auto self = shared_from_this();
    const auto position = underWay_.find(link);
    FrameLink::Handle handle = std::move(position->second);
    underWay_.erase(position);
    if (failure == nullptr) {
      ++counters_.ready;
      handle->place().onDrop(nullptr);  // from here on the receiver says how to close the link
      return onLink_(LinkHandle(std::move(handle)));
    }
    const bool gone = failure->code == ConnectError::Unreachable;
    refused(gone ? Listener::Refusal::Gone : Listener::Refusal::Handshake, *handle, failure->detail);
  }

  IoLoop& loop_;
  std::uint64_t timeoutMs_;
  std::shared_ptr<Admission> admission_;
  Listener::OnLink onLink_;
  Listener::OnRefused onRefused_;
  ListenerCounters counters_;
  std::unordered_map<FrameLink*, FrameLink::Handle> underWay_;
  std::unique_ptr<Acceptor> acceptor_;
};

class FrameListener final : public Listener {
 public:
  explicit FrameListener(std::shared_ptr<Handshakes> handshakes) : handshakes_(std::move(handshakes)) {}
  ~FrameListener() override { handshakes_->close(); }
  FrameListener(const FrameListener&) = delete;
  FrameListener& operator=(const FrameListener&) = delete;

  std::uint16_t port() const override { return handshakes_->port(); }
  const ListenerCounters& counters() const override { return handshakes_->counters(); }

 private:
  std::shared_ptr<Handshakes> handshakes_;
};

}  // namespace

Result<LinkHandle> FrameLinkFactory::dial(IoLoop& loop, const DialTarget& target, std::uint64_t timeoutMs,
                                          OnReady onReady) const {
  auto transport = transports_->dial(loop, target);
  if (!transport) return transport.failure();
  FrameLink::Handle link = FrameLink::create(loop, std::move(transport.value()));
  link->start(timeoutMs, std::move(onReady));
  return LinkHandle(std::move(link));
}

Result<std::unique_ptr<Listener>> FrameLinkFactory::listen(IoLoop& loop, const ListenOptions& options,
                                                           Listener::OnLink onLink,
                                                           Listener::OnRefused onRefused) const {
  ListenOptions complete = options;
  if (complete.admission == nullptr) complete.admission = std::make_shared<Admission>(loop, PendingLinks::Limits{});
  auto handshakes = std::make_shared<Handshakes>(loop, complete, std::move(onLink), std::move(onRefused));
  if (auto opened = handshakes->open(*transports_, complete); !opened) return opened.failure();
  return std::unique_ptr<Listener>(std::make_unique<FrameListener>(std::move(handshakes)));
}

}  // namespace rtm::net
