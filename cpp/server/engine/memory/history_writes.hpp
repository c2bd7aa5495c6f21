#pragma once

#include <map>
#include <optional>
#include <utility>

#include "server/engine/memory/outlet.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// Gives flagged texts to the history, and holds the results of their sends until the history has the texts. Results of
/// other sends never wait. One for the tables of a loop; loop thread only. Bound: kMaxUnansweredBytes of texts without
/// an answer; above it the history fails at once.
class HistoryWrites {
 public:
  HistoryWrites(Outlet& outlet, MessageStore& store) : outlet_(outlet), store_(store) {}

  /// The record of a send, if its flags ask for one and its content is a text.
  static std::optional<HistoryRecord> recordOf(const PeerSendOp& op);
  static std::optional<HistoryRecord> recordOf(const PublishOp& op);

  /// The send has been taken: keeps its record, if there is one. To be called before its result.
  void keep(AppNumber app, const SessionAddress& sender, std::uint64_t seq, std::optional<HistoryRecord> record);
  /// As Outlet::sendResults(), but the results of sends that wait for the history are held. Success becomes FAILURE
  /// where the history failed.
  void sendResults(const SessionAddress& to, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);
  /// Forgets failures whose sends never got a result.
  void tick();

 private:
  using Key = std::pair<std::uint64_t, std::uint64_t>;  ///< session, seq
  struct Waiting {
    bool failed = false;                ///< the history has failed, and the result has not come
    std::optional<std::uint32_t> code;  ///< the result has come, and the history has not answered
    SessionAddress sender;
    std::uint64_t forgetAt = 0;  ///< with `failed`
  };

  void stored(const Key& key, bool ok);
  void fail(const Key& key);

  Outlet& outlet_;
  MessageStore& store_;
  std::map<Key, Waiting> waiting_;
  std::size_t bytes_ = 0;  ///< given to the store and not answered
};

}  // namespace rtm::server
