#pragma once

// A server whose behaviour the test writes: it logs every user in, hands out tickets, and lets the test decide what
// happens on media connections. For faults that the real server does not have.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "net/loop/io_loop.hpp"
#include "net/schemes.hpp"
#include "wire/messages.hpp"

namespace rtm::sdk::test {

class FakeMediaServer {
 public:
  /// One connection; hooks run on the server's loop.
  class Connection final : public net::LinkObserver {
   public:
    Connection(FakeMediaServer& host, net::LinkHandle accepted) : link(std::move(accepted)), server_(host) {
      link->setFrameLimit(wire::kMaxFrameBody);
      link->setObserver(this);
    }
    bool onFrame(wire::FrameKind kind, ByteView body) override;
    void onLinkEnd(const net::LinkEnd&) override { server_.note("end"); }

    void sendBody(ByteView whole, std::size_t pieceSize = 1000) {
      for (std::size_t at = 0; at < whole.size(); at += pieceSize) {
        link->send(wire::MediaData{.data = whole.subspan(at, std::min(pieceSize, whole.size() - at))});
      }
    }
    void sendEnd(ByteView whole) {
      Sha256 hash;
      hash.add(whole);
      const Sha256::Digest digest = hash.finish();
      link->send(wire::MediaEnd{.sha256 = digest});
    }
    void cut() { link.reset(); }

    net::LinkHandle link;
    int number = 0;  ///< of media connections, from 0

   private:
    FakeMediaServer& server_;
  };

  FakeMediaServer();
  ~FakeMediaServer();

  /// What happens on a media connection; set before the first one. Defaults: a good server for `body`.
  std::function<void(Connection&, const wire::MediaOpen&)> onOpen;
  std::function<void(Connection&, ByteView)> onData;
  std::function<void(Connection&, const wire::MediaEnd&)> onEnd;
  std::function<wire::MediaTicket(std::uint32_t requestId)> ticket;
  Bytes body;      ///< what a download gets
  Bytes received;  ///< of an upload

  std::string endpoint() const { return "rtm://127.0.0.1:" + std::to_string(port_); }
  /// Events in order, by name: "open 0", "cut", "end" …
  void note(std::string what);
  bool hasNote(const std::string& what);
  int count(const std::string& what);
  /// Cuts the connection of the session.
  void cutSession();
  /// Says goodbye to the session.
  void endSession(wire::ByeCode code);
  bool resumes = true;  ///< false: every new connection begins a new session

 private:
  std::unique_ptr<net::IoLoop> loop_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Connection* session_ = nullptr;
  int mediaConnections_ = 0;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> notes_;
};

}  // namespace rtm::sdk::test
