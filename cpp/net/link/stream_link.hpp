#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/move_function.hpp"
#include "net/link/link.hpp"
#include "net/loop/timer.hpp"
#include "net/resolve/socket_address.hpp"
#include "net/transport/connect_error.hpp"
#include "net/transport/tls/tls_session.hpp"

namespace rtm::net {

/// A link over TCP, with or without TLS.
///
/// Its memory is freed by the loop, after the close callback of its handle and after its owner has let go, whichever
/// comes last: so anything may happen to it inside its own callbacks.
class StreamLink final : public Link, private StopHook {
 public:
  struct NotReady {
    ConnectError code;
    std::string detail;
    bool connected;  ///< TCP stood; what failed was the handshake
  };
  /// Called once when the link is ready to carry frames, or (`failure` not null) never will be. Never called after the
  /// owner has let go of the link, which it may do inside this call.
  using OnReady = MoveFunction<void(const NotReady* failure)>;
  using Handle = std::unique_ptr<StreamLink, Link::Closer>;

  /// A link that does nothing yet. `tls` null: plaintext.
  static Handle create(IoLoop& loop, const SocketAddress& remote, std::unique_ptr<TlsSession> tls);

  /// Connects and shakes hands within `timeoutMs`. `onReady` is never called inside.
  void connect(std::uint64_t timeoutMs, OnReady onReady);
  /// Takes over a connected socket, also if that fails. A plaintext link calls `onReady` inside.
  void adopt(int socket, std::uint64_t timeoutMs, OnReady onReady);

  /// Whether TCP stands.
  bool connected() const { return stage_ == Stage::Handshaking || stage_ == Stage::Open; }

  void pauseReading() override;
  void resumeReading() override;
  void closeAfterFlush() override;
  std::string remoteAddress() const override { return remote_.toString(); }
  LinkInfo info() const override;
  std::shared_ptr<WriteGate> writeGate() override;

 private:
  friend class WriteGate;
  enum class Stage { New, Connecting, Handshaking, Open, Lingering, Ended };

  StreamLink(IoLoop& loop, const SocketAddress& remote, std::unique_ptr<TlsSession> tls);
  ~StreamLink() override = default;
  void destroy() override;
  std::size_t unsentBytes() const override;
  void end(LinkEndCause cause, std::string detail) override;
  void onTurnEnd() override;
  void onLoopStop() override;

  void begin();
  void becomeOpen();
  void failReady(ConnectError code, std::string detail);
  void onDeadline();
  void closeHandle();

  // stream_link_io.cpp
  void updateReading();
  void onReadResult(ssize_t result, const uv_buf_t* buffer);
  void received(ByteView bytes);
  void continueHandshake();
  void readRecords();
  void keepEarlyBytes();
  void flush();
  void finishLinger();
  void countQueue();
  ssize_t tryWrite(ByteView bytes);
  bool give(Bytes& bytes);
  void startWrite(std::size_t offset);
  void onWritten(int status);
  void writeFailed(int error);

  // write_gate.cpp
  /// Keeps other threads out while the loop's thread works on this link; costs nothing without a gate.
  std::unique_lock<std::recursive_mutex> hold() const;
  void closeGate();
  bool writeFromOutside(ByteView frames);
  void goOnFromOutside();
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp_); }

  uv_tcp_t tcp_{};
  union {
    uv_connect_t connect;
    uv_write_t write;
  } request_{};
  SocketAddress remote_;
  std::unique_ptr<TlsSession> tls_;
  OnReady onReady_;
  Timer deadline_;     ///< of connect and handshake, then of a linger, or of a dead socket's last words
  Bytes unsent_;       ///< what libuv is writing; nothing more is encrypted meanwhile
  Bytes backlog_;      ///< what TLS itself had to say meanwhile
  Bytes early_;        ///< came while there was no observer, for instance with the end of the handshake
  std::string dying_;  ///< why writing failed, while reading may still bring the other side's last words
  std::uint64_t timeoutMs_ = 0;
  std::size_t counted_ = 0;  ///< of this link in LoopCounters::queuedBytes
  int startError_ = 0;
  int socket_ = -1;  ///< for the gate; libuv's
  Stage stage_ = Stage::New;
  bool heard_ = false;  ///< at least one byte came
  bool reading_ = false;
  bool paused_ = false;
  bool writing_ = false;
  bool writtenOutside_ = false;  ///< unsent_ is what another thread could not write; libuv does not have it yet
  bool peerDone_ = false;
  bool closeSaid_ = false;
  bool orphaned_ = false;
  bool handleClosed_ = false;
};

}  // namespace rtm::net
