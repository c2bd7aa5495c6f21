#include "net/datagram/datagram_session.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <utility>

namespace rtm::net {
namespace {

/// The first byte of a sealed payload that does not belong to the stream, whose items have lower ones.
enum Control : std::uint8_t { kChallenge = 16, kEcho = 17, kClose = 18 };
constexpr std::uint8_t kFirstControl = kChallenge;

constexpr std::size_t kMostEarly = 4;
/// How long a lost ticket or the last word of a handshake may take to come.
constexpr Micros kHandshakeRest = 10 * kSecond;
/// A link that is closed sends nothing more, so its goodbye goes several times.
constexpr int kGoodbyes = 3;

std::optional<PathCheck::Challenge> random() {
  PathCheck::Challenge made{};
  // Without random bytes no new address is ever proven, which is safe.
  if (RAND_bytes(made.data(), static_cast<int>(made.size())) != 1) return std::nullopt;
  return made;
}

}  // namespace

DatagramSession::DatagramSession(Role role, const ConnectionId& id, const SocketAddress& remote,
                                 std::unique_ptr<DatagramHandshake> handshake, Sink& sink)
    : role_(role), id_(id), sink_(sink), handshake_(std::move(handshake)), path_(remote) {}

std::unique_ptr<DatagramSession> DatagramSession::client(const ConnectionId& id, const SocketAddress& server,
                                                         std::unique_ptr<TlsLayer> layer, Bytes token, Sink& sink) {
  return std::unique_ptr<DatagramSession>(new DatagramSession(
      Role::Client, id, server, DatagramHandshake::client(id, std::move(layer), std::move(token)), sink));
}

std::unique_ptr<DatagramSession> DatagramSession::server(const ConnectionId& id, const SocketAddress& client,
                                                         DatagramHandshake::MakeLayer makeLayer, Sink& sink) {
  return std::unique_ptr<DatagramSession>(
      new DatagramSession(Role::Server, id, client, DatagramHandshake::server(id, std::move(makeLayer)), sink));
}

bool DatagramSession::datagramCame(Micros now, const SocketAddress& from, const Datagram& datagram, ByteView whole,
                                   DatagramCounts& counts) {
  if (ended_) return false;
  if (datagram.header.type == DatagramType::Sealed) {
    if (sealed_ != nullptr) return openSealed(now, from, whole, counts);
    // The client's last word of the handshake may come later than what it sealed at once.
    if (role_ == Role::Server && early_.size() < kMostEarly) early_.emplace_back(whole.begin(), whole.end());
    return false;
  }
  // What is left of a handshake brings a ticket, which TLS protects, and acknowledgements of clear datagrams.
  if (handshake_ != nullptr) {
    handshake_->datagramCame(now, datagram);
    endIfFailed();
  }
  return false;
}

void DatagramSession::step(Micros now) {
  if (!wantsStep()) return;  // it has failed while it waited for its turn
  handshake_->step();
  endIfFailed();
  if (!ended_ && sealed_ == nullptr && handshake_->secrets()) establish(now);
}

/// Once there are keys, what is left of the handshake can end nothing.
void DatagramSession::endIfFailed() {
  if (ended_ || sealed_ != nullptr || handshake_->error().empty()) return;
  ended_ = true;
  sink_.onSessionFailed({handshake_->failureCode(), handshake_->error(), handshake_->answered()});
}

void DatagramSession::establish(Micros now) {
  const DatagramSecrets& secrets = *handshake_->secrets();
  const bool client = role_ == Role::Client;
  auto sealer = Sealer::create(secrets.aead, client ? secrets.ofClient : secrets.ofServer, id_);
  auto opener = Opener::create(secrets.aead, client ? secrets.ofServer : secrets.ofClient);
  if (!sealer || !opener) {
    ended_ = true;
    return sink_.onSessionFailed({ConnectError::Unreachable, "TLS: out of memory", true});
  }
  Stream::Options options;
  options.payload = kMaxSealedPayload;
  sealed_ = std::make_unique<Sealed>(Sealed{std::move(*sealer), std::move(*opener), Stream(options)});
  sealed_->stream.sending().inherit(handshake_->path());
  handshakeEnd_ = now + kHandshakeRest;
  resumed_ = handshake_->resumed();
  sink_.onSessionOpen();
  DatagramCounts ignored;
  for (const Bytes& early : std::exchange(early_, {})) {
    if (!ended_) openSealed(now, path_.address(), early, ignored);
  }
}

bool DatagramSession::openSealed(Micros now, const SocketAddress& from, ByteView whole, DatagramCounts& counts) {
  std::array<std::uint8_t, kMaxSealedPayload> into{};
  const Opened opened = sealed_->opener.open(whole, into);
  switch (opened.outcome) {
    case Opened::Outcome::Ok:
      break;
    case Opened::Outcome::Replayed:
    case Opened::Outcome::TooOld:
      ++counts.replayed;
      return false;
    case Opened::Outcome::Exhausted:
      end(LinkEndCause::NetworkError, "too many forged datagrams for one key");
      return false;
    default:
      ++counts.forged;
      return false;
  }
  if (!confirmed_) {
    confirmed_ = true;
    finished_ = {};
    if (handshake_ != nullptr) handshake_->otherSideDone();
  }
  moved(now, from, opened, whole.size(), counts);
  if (!opened.payload.empty() && opened.payload[0] >= kFirstControl) {
    controlCame(opened.payload, from);
  } else if (!sealed_->stream.packetCame(now, opened.number, opened.payload, *this)) {
    end(LinkEndCause::Malformed, "a sealed datagram that is no packet of the stream");
  }
  return true;
}

void DatagramSession::moved(Micros now, const SocketAddress& from, const Opened& opened, std::size_t bytes,
                            DatagramCounts& counts) {
  if (role_ == Role::Client) return;  // a server does not move, and its socket takes datagrams of nobody else
  const PathCheck::Change change = path_.datagramCame(now, from, opened.highest, bytes);
  if (change == PathCheck::Change::None) return;
  ++counts.moved;
  if (change == PathCheck::Change::Host) sealed_->stream.sending().newPath();
}

void DatagramSession::controlCame(ByteView payload, const SocketAddress& from) {
  const ByteView body = payload.subspan(1);
  switch (payload[0]) {
    case kChallenge: {
      PathCheck::Challenge echo;
      if (body.size() != echo.size()) break;
      std::copy(body.begin(), body.end(), echo.begin());
      echo_ = echo;
      return;
    }
    case kEcho:
      if (from == path_.address()) path_.echoed(body);
      return;
    case kClose:
      return end(LinkEndCause::PeerClosed, "closed by the other side");
    default:
      break;
  }
  end(LinkEndCause::Malformed, "a sealed datagram of an unknown kind");
}

void DatagramSession::end(LinkEndCause cause, std::string detail) {
  if (std::exchange(ended_, true)) return;
  sink_.onSessionEnd(cause, std::move(detail));
}

void DatagramSession::pump(Micros now, Output& output) {
  if (handshake_ != nullptr) pumpHandshake(now, output);
  if (sealed_ != nullptr && !ended_) pumpSealed(now, output);
}

void DatagramSession::pumpHandshake(Micros now, Output& output) {
  Bytes datagram;
  while (path_.hasRoom() && handshake_->fill(now, datagram)) {
    path_.sent(datagram.size());
    output.send(path_.address(), datagram);
    if (role_ == Role::Client && !confirmed_ && handshake_->carriedBytes()) finished_ = datagram;
    datagram.clear();
  }
  const bool done = role_ == Role::Server && sealed_ != nullptr && handshake_->flushed();
  if (done || (sealed_ != nullptr && now >= handshakeEnd_)) handshake_.reset();
}

void DatagramSession::pumpSealed(Micros now, Output& output) {
  if (path_.expire(now)) sealed_->stream.sending().newPath();
  if (path_.challengeDue(now)) {
    if (const auto challenge = path_.challenge(now, random())) sendControl(kChallenge, *challenge, output);
  }
  if (const auto echo = std::exchange(echo_, std::nullopt)) sendControl(kEcho, *echo, output);
  Bytes payload;
  Bytes datagram;
  while (!ended_ && path_.hasRoom() && sealed_->stream.fill(now, payload)) {
    // The server cannot open a sealed datagram before the last word of the handshake, which may be lost.
    if (role_ == Role::Client && !confirmed_ && !finished_.empty()) output.send(path_.address(), finished_);
    const auto number = sealed_->sealer.seal(payload, datagram);
    if (!number) return end(LinkEndCause::NetworkError, "all numbers of a key are used");
    sealed_->stream.sent(now, *number, datagram.size());
    path_.sent(datagram.size());
    output.send(path_.address(), datagram);
    payload.clear();
    datagram.clear();
  }
}

bool DatagramSession::sendControl(std::uint8_t kind, ByteView body, Output& output) {
  Bytes payload{kind};
  payload.insert(payload.end(), body.begin(), body.end());
  if (!path_.hasRoom(kDatagramHeaderBytes + payload.size() + kTagBytes)) return false;
  Bytes datagram;
  if (!sealed_->sealer.seal(payload, datagram)) return false;
  path_.sent(datagram.size());
  output.send(path_.address(), datagram);
  return true;
}

std::optional<Micros> DatagramSession::dueAt(Micros now) const {
  std::optional<Micros> due;
  const auto atLatest = [&](std::optional<Micros> at) {
    if (at) due = std::min(due.value_or(*at), *at);
  };
  if (ended_) return due;
  if (handshake_ != nullptr && path_.hasRoom()) atLatest(handshake_->dueAt(now));
  if (sealed_ == nullptr) return due;
  if (handshake_ != nullptr) atLatest(handshakeEnd_);
  if (path_.hasRoom()) atLatest(sealed_->stream.dueAt(now));
  atLatest(path_.dueAt());
  return due;
}

void DatagramSession::close(Output& output) {
  if (sealed_ != nullptr && !ended_) {
    for (int i = 0; i < kGoodbyes; ++i) sendControl(kClose, {}, output);
  }
  ended_ = true;
}

}  // namespace rtm::net
