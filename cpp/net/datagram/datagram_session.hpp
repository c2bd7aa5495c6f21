#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/datagram/datagram_handshake.hpp"
#include "net/datagram/datagram_header.hpp"
#include "net/datagram/datagram_seal.hpp"
#include "net/datagram/micros.hpp"
#include "net/datagram/path_check.hpp"
#include "net/datagram/stream.hpp"
#include "net/resolve/socket_address.hpp"
#include "net/transport/connect_error.hpp"
#include "net/transport/link_report.hpp"

namespace rtm::net {

/// What became of datagrams, for metrics.
struct DatagramCounts {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t malformed = 0;  ///< no datagram of ours, or not one that belongs here
  std::uint64_t unknown = 0;    ///< of no link that is known
  std::uint64_t forged = 0;     ///< with a bad tag
  std::uint64_t replayed = 0;   ///< come before, or too late to tell
  std::uint64_t retries = 0;    ///< answers that ask for a token
  std::uint64_t moved = 0;      ///< links that go on from another address
};

/// One link over datagrams, without a socket: first the handshake, then a sealed stream. Pure: datagrams, bytes and the
/// time come in; datagrams, bytes and the next moment come out.
class DatagramSession final : private StreamSink {
 public:
  /// Hears of the link. No call may destroy the session.
  class Sink : public StreamSink {
   public:
    /// Bytes travel from now on.
    virtual void onSessionOpen() = 0;
    /// Instead of onSessionOpen(): the handshake has failed.
    virtual void onSessionFailed(OpenFailure failure) = 0;
    /// After onSessionOpen(): the other side has closed the link, or it cannot go on.
    virtual void onSessionEnd(LinkEndCause cause, std::string detail) = 0;

   protected:
    ~Sink() = default;
  };
  /// Takes the datagrams that leave.
  class Output {
   public:
    virtual void send(const SocketAddress& to, ByteView datagram) = 0;

   protected:
    ~Output() = default;
  };

  /// The client's side. `token`: see ClearStream.
  static std::unique_ptr<DatagramSession> client(const ConnectionId& id, const SocketAddress& server,
                                                 std::unique_ptr<TlsLayer> layer, Bytes token, Sink& sink);
  /// The server's side of a client whose address is proven.
  static std::unique_ptr<DatagramSession> server(const ConnectionId& id, const SocketAddress& client,
                                                 DatagramHandshake::MakeLayer makeLayer, Sink& sink);
  virtual ~DatagramSession() = default;
  DatagramSession(const DatagramSession&) = delete;
  DatagramSession& operator=(const DatagramSession&) = delete;

  /// A datagram with this session's id. `whole` holds `datagram`. True: the other side has sealed it.
  bool datagramCame(Micros now, const SocketAddress& from, const Datagram& datagram, ByteView whole,
                    DatagramCounts& counts);
  /// TLS has something to do; a server may let it wait.
  bool wantsStep() const { return handshake_ != nullptr && handshake_->wantsStep(); }
  /// The server has not worked for this handshake yet.
  bool fresh() const { return handshake_ != nullptr && handshake_->fresh(); }
  void step(Micros now);

  /// Sends all that may leave now. To be called after any of the other calls, and at dueAt().
  void pump(Micros now, Output& output);
  /// When to call pump() again if nothing comes and nothing is written; empty: never.
  std::optional<Micros> dueAt(Micros now) const;

  /// After onSessionOpen().
  Stream& stream() { return sealed_->stream; }
  const Stream& stream() const { return sealed_->stream; }
  void resume(Micros now) { sealed_->stream.resume(now, sink_); }

  /// An acknowledgement is due, so pump() does not wait for the end of a turn that brings many datagrams.
  bool mustAnswer(Micros now) const { return sealed_ != nullptr && !ended_ && sealed_->stream.mustAnswer(now); }

  bool open() const { return sealed_ != nullptr && !ended_; }
  /// The other side has answered.
  bool answered() const { return sealed_ != nullptr || handshake_->answered(); }
  bool resumed() const { return resumed_; }
  const SocketAddress& remote() const { return path_.address(); }
  /// Tells the other side that the link is over; nothing is sent or taken afterwards.
  void close(Output& output);

 private:
  struct Sealed {
    Sealer sealer;
    Opener opener;
    Stream stream;
  };
  enum class Role : std::uint8_t { Client, Server };

  DatagramSession(Role role, const ConnectionId& id, const SocketAddress& remote,
                  std::unique_ptr<DatagramHandshake> handshake, Sink& sink);
  void onStreamBytes(ByteView bytes) override { sink_.onStreamBytes(bytes); }
  void onStreamEnd() override { sink_.onStreamEnd(); }
  void endIfFailed();
  void establish(Micros now);
  bool openSealed(Micros now, const SocketAddress& from, ByteView whole, DatagramCounts& counts);
  void controlCame(ByteView payload, const SocketAddress& from);
  void moved(Micros now, const SocketAddress& from, const Opened& opened, std::size_t bytes, DatagramCounts& counts);
  void pumpHandshake(Micros now, Output& output);
  void pumpSealed(Micros now, Output& output);
  bool sendControl(std::uint8_t kind, ByteView body, Output& output);
  void end(LinkEndCause cause, std::string detail);

  const Role role_;
  const ConnectionId id_;
  Sink& sink_;
  std::unique_ptr<DatagramHandshake> handshake_;
  std::unique_ptr<Sealed> sealed_;
  PathCheck path_;
  std::vector<Bytes> early_;                  ///< server: sealed datagrams that came before the end of the handshake
  Bytes finished_;                            ///< client: the last clear datagram, until the server has sealed one
  std::optional<PathCheck::Challenge> echo_;  ///< to be sent back
  Micros handshakeEnd_ = 0;                   ///< when what is left of the handshake is given up
  bool confirmed_ = false;                    ///< the other side has sealed a datagram
  bool resumed_ = false;
  bool ended_ = false;
};

}  // namespace rtm::net
