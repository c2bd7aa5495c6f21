#include "client/media/media_transfer.hpp"

#include <algorithm>
#include <utility>

#include "client/runtime/process.hpp"
#include "client/version.hpp"

namespace rtm::client {

namespace {

constexpr std::uint32_t kMediaProtocolVersion = 1;
/// Small, so that an upload reads from its file only what the network takes soon.
constexpr std::size_t kMediaQueueBound = 256 * 1024;
constexpr std::uint64_t kSampleMs = 100;

}  // namespace

MediaTransfer::MediaTransfer(net::IoLoop& loop, Owner& owner, long long id, MediaJob job)
    : loop_(loop),
      owner_(owner),
      id_(id),
      job_(std::move(job)),
      file_(loop),
      connectTimer_(loop, [this] { search(); }),
      sampleTimer_(loop, [this] {
        sampleTimer_.arm(kSampleMs);
        sample();
      }) {
  if (job_.file) file_.adopt(std::move(job_.file));
}

MediaTransfer::~MediaTransfer() = default;

void MediaTransfer::connect(std::uint64_t delayMs, MediaRoute route) {
  route_ = std::move(route);
  connectAfter(delayMs);
}

void MediaTransfer::connectAfter(std::uint64_t delayMs) {
  closeLink();
  if (delayMs == 0 && download_.fileState != FileState::Making) {
    search();
  } else {
    connectTimer_.arm(delayMs);
  }
}

void MediaTransfer::closeLink() {
  // The next connection continues at the position that the task knows.
  if (job_.direction == MediaDirection::Download) sample();
  connectTimer_.cancel();
  sampleTimer_.cancel();
  moving_ = false;
  download_.paused = false;
  connector_.reset();
  link_.reset();
}

void MediaTransfer::report(const MediaEvent& event) {
  run(owner_.onMediaEvent(id_, event));
}

void MediaTransfer::fail(const std::string& why) {
  owner_.onMediaLog(id_, LogLevel::Error, why);
  closeLink();
  if (std::exchange(download_.failed, true)) return;
  file_.discard([this](std::int64_t) { report({.input = MediaInput::Failed, .code = media_code::kFailure}); });
}

void MediaTransfer::linkLost(const std::string& why, std::uint64_t delayMs) {
  owner_.onMediaLog(id_, LogLevel::Warning, why);
  closeLink();
  report({.input = MediaInput::LinkLost, .delayMs = delayMs});
}

void MediaTransfer::refused(const std::string& why, int code) {
  owner_.onMediaLog(id_, LogLevel::Warning, why);
  closeLink();
  report({.input = MediaInput::Refused, .code = code});
}

void MediaTransfer::run(const MediaEffects& effects) {
  for (const MediaEffect& effect : effects) {
    switch (effect.action) {
      case MediaAction::Connect:
        connectAfter(effect.value);
        break;
      case MediaAction::Open:
        open(effect.value);
        break;
      case MediaAction::Move:
        move(effect.value);
        break;
      case MediaAction::CloseLink:
        closeLink();
        break;
      case MediaAction::Publish:
        publish();
        break;
      case MediaAction::Ask:
      case MediaAction::Progress:
      case MediaAction::End:
        break;  // the owner has done these effects
    }
  }
}

void MediaTransfer::search() {
  connectTimer_.cancel();
  if (job_.direction == MediaDirection::Download && !job_.path.empty() && download_.fileState != FileState::Ready) {
    return prepareFile();  // calls search() again
  }
  if (route_.target.options.endpoints.empty()) return linkLost("no server is known");
  auto tls = Process::tlsContext(route_.target.tls);
  if (!tls) return fail(tls.failure().message);
  connector_ = std::make_unique<net::Connector>(loop_, std::move(tls.value()), route_.target.options,
                                                [this](Result<net::LinkHandle> result) {
                                                  if (!result) return linkLost(result.failure().message);
                                                  linkUp(std::move(result.value()));
                                                });
  connector_->start();
}

void MediaTransfer::linkUp(net::LinkHandle link) {
  link_ = std::move(link);
  link_->setObserver(this);
  link_->setFrameLimit(wire::kMaxFrameBody);
  link_->setQueueBound(kMediaQueueBound);
  link_->send(wire::Hello{.version = kMediaProtocolVersion,
                          .capabilities = static_cast<std::uint64_t>(wire::Capability::MediaMessages),
                          .sdkVersion = kSdkVersion});
}

/// Decodes `body` as Message and calls `handle`. A body that does not decode is a fault of the server, which another
/// attempt would meet again.
#define RTM_HANDLE(Message, handle)          \
  case wire::FrameKind::Message: {           \
    wire::Message message;                   \
    if (!wire::decode(body, message)) break; \
    return handle(message);                  \
  }

bool MediaTransfer::onFrame(wire::FrameKind kind, ByteView body) {
  const bool download = job_.direction == MediaDirection::Download;
  switch (kind) {
    RTM_HANDLE(HelloOk, onHelloOk)
    RTM_HANDLE(Bye, onBye)
    case wire::FrameKind::MediaOpened: {
      wire::MediaOpened opened;
      if (!wire::decode(body, opened)) break;
      if (opened.code != 0) {
        refused("the server refused the ticket, code " + std::to_string(opened.code), static_cast<int>(opened.code));
        return false;
      }
      report({.input = MediaInput::Opened, .offset = opened.offset, .size = opened.size});
      return link_ != nullptr;
    }
    case wire::FrameKind::MediaData: {
      wire::MediaData data;
      if (!download || !moving_ || !wire::decode(body, data) || data.data.empty()) break;
      return onData(data.data);
    }
    case wire::FrameKind::MediaEnd: {
      wire::MediaEnd end;
      if (!download || !moving_ || !wire::decode(body, end)) break;
      return onEnd(end);
    }
    case wire::FrameKind::MediaStored: {
      wire::MediaStored stored;
      if (download || !wire::decode(body, stored)) break;
      if (stored.code != 0) {
        owner_.onMediaLog(id_, LogLevel::Error,
                          "the server did not store the upload, code " + std::to_string(stored.code));
      }
      report({.input = MediaInput::Stored, .code = static_cast<int>(stored.code)});
      return link_ != nullptr;
    }
    default:
      if (static_cast<unsigned>(kind) >= 128) return true;
      break;
  }
  fail("the server sent a frame that is malformed or unexpected, kind " + std::to_string(static_cast<unsigned>(kind)));
  return false;
}

#undef RTM_HANDLE

bool MediaTransfer::onHelloOk(const wire::HelloOk& hello) {
  if (hello.version != kMediaProtocolVersion) {
    fail("the server speaks protocol version " + std::to_string(hello.version) + ", this SDK speaks version 1");
    return false;
  }
  if (hello.area != 0 && (hello.area & route_.areaMask) == 0) {
    fail("refused a server in area " + std::to_string(hello.area) + ", expected one of the area mask " +
         std::to_string(route_.areaMask));
    return false;
  }
  report({.input = MediaInput::LinkUp});
  return link_ != nullptr;
}

bool MediaTransfer::onBye(const wire::Bye& bye) {
  const std::string said = "the server said goodbye, code " + std::to_string(static_cast<unsigned>(bye.code)) + ": " +
                           std::string(bye.reason);
  const bool noUse = bye.code == wire::ByeCode::Malformed || bye.code == wire::ByeCode::TooLarge ||
                     bye.code == wire::ByeCode::Unexpected || bye.code == wire::ByeCode::Version;
  if (noUse) {
    refused(said, media_code::kFailure);
  } else {
    linkLost(said, bye.retryAfterMs);
  }
  return false;
}

void MediaTransfer::open(std::uint64_t offset) {
  if (link_ != nullptr) link_->send(wire::MediaOpen{.ticket = route_.ticket, .offset = offset});
}

void MediaTransfer::move(std::uint64_t offset) {
  if (link_ == nullptr) return;
  moving_ = true;
  sampleTimer_.arm(kSampleMs);
  if (job_.direction == MediaDirection::Download) return;
  upload_.sent = offset;
  upload_.piece.clear();
  upload_.pieceAt = 0;
  upload_.endSent = false;
  // The bytes behind the hashed ones have never been read. The transfer reads them for the checksum even if the server
  // has them.
  upload_.readAt = std::min(offset, checksum_.bytes);
  pump();
}

/// Reports the position of the body to the task.
void MediaTransfer::sample() {
  if (!moving_ || link_ == nullptr) return;
  std::uint64_t position = download_.received;
  if (job_.direction == MediaDirection::Upload)
    position = upload_.sent - std::min<std::uint64_t>(upload_.sent, link_->queuedBytes());
  if (position == sampled_) return;
  sampled_ = position;
  report({.input = MediaInput::Moved, .offset = position});
}

void MediaTransfer::onBatchEnd() {
  if (job_.direction == MediaDirection::Download) sample();
}

void MediaTransfer::onDrained() {
  sample();
  if (job_.direction == MediaDirection::Upload) pump();
}

void MediaTransfer::onLinkEnd(const net::LinkEnd& end) {
  linkLost(end.detail);
}

}  // namespace rtm::client
