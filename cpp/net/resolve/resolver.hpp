#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "net/loop/io_loop.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::net {

/// Name lookups of one loop, on threads of their own: the loop never waits for a name server.
///
/// Each family is a separate lookup, so that a name server that swallows one kind of query does not delay the other.
/// Equal lookups at the same time are one lookup: a thousand bots that reconnect ask one question, and a dead name
/// server ties up one thread for each family, not one for each retry.
class Resolver final : public LoopLocal {
 public:
  using Answer = Result<std::vector<SocketAddress>>;
  using Callback = MoveFunction<void(const Answer&)>;
  /// Blocking; runs on a resolver thread, on several at once. The default asks getaddrinfo.
  using Lookup = std::function<Answer(const std::string& host, Family family)>;

  static constexpr std::size_t kMaxThreads = 8;

  /// Interest in one answer; destroying it drops the interest, also from inside its own callback.
  class Request {
   public:
    ~Request();
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

   private:
    friend class Resolver;
    Request();
    struct Waiting;
    std::unique_ptr<Waiting> waiting_;
  };

  explicit Resolver(IoLoop& loop);
  /// Joins idle threads. A thread that still waits for a name server is left behind: it holds only a shared block, and
  /// ends when its call returns.
  ~Resolver() override;

  /// Loop thread. Calls back on it, later, once; the answer's addresses carry `port`. After `timeoutMs` the answer is
  /// a failure, even if the thread still waits.
  std::unique_ptr<Request> resolve(const std::string& host, std::uint16_t port, Family family, std::uint64_t timeoutMs,
                                   Callback callback);

  /// For tests: replaces getaddrinfo for lookups that begin later.
  void setLookup(Lookup lookup);

 private:
  struct Pool;
  using Key = std::pair<std::string, Family>;
  void answered(const Key& key, const Answer& answer);
  static void work(const std::shared_ptr<Pool>& pool);

  IoLoop& loop_;
  std::shared_ptr<Pool> pool_;
  std::map<Key, std::list<Request::Waiting*>> jobs_;  ///< under way, with the requests that still wait
};

}  // namespace rtm::net
