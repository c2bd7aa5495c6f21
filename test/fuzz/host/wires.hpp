#pragma once

// memory:// without threads: the fuzz target holds the far end of every connection of the product, and the product
// moves when the target lets the loops run.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/schemes.hpp"

namespace rtm::fuzz {

/// The far end of one connection.
class Wire {
 public:
  virtual ~Wire() = default;
  /// The product reads these bytes when its loop runs, and if it reads at all.
  virtual void send(Bytes bytes) = 0;
  /// No more bytes come; those that were sent still arrive.
  virtual void finish() = 0;
  /// A reset: what the product has not read is lost.
  virtual void cut() = 0;
  /// While `stalled` the far end takes no bytes, and the product must keep what it writes.
  virtual void stall(bool stalled) = 0;
  /// What the product has written since the last call.
  virtual Bytes take() = 0;
  /// The product has closed, or has said that it writes no more.
  virtual bool ended() const = 0;
};

/// The network. Knows the scheme "memory" while it lives.
class Wires {
 public:
  Wires();
  ~Wires();
  Wires(const Wires&) = delete;
  Wires& operator=(const Wires&) = delete;

  /// Connects to the server, to the `listener`-th of those that listen. `address`: of the client, a literal.
  std::shared_ptr<Wire> connect(std::size_t listener, const std::string& address);
  /// The next connection that a client has made; null: none.
  std::shared_ptr<Wire> accept();
  /// Whether connections of clients succeed.
  void refuse(bool refuses);

  struct Hub;

 private:
  std::shared_ptr<Hub> hub_;
  net::schemes::Added added_;
};

}  // namespace rtm::fuzz
