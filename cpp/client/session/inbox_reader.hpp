#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "wire/messages.hpp"

namespace rtm::client {

/// How far a client has read its inbox at the server, in this session and in the last ones. Pure. Lock: the client
/// lock.
class InboxReader {
 public:
  /// A session begins: its inbox, and the last offset before its first message.
  void open(std::uint64_t epoch, std::uint64_t offset) {
    if (epoch_ != 0) {
      if (earlier_.size() == kMostEarlier) earlier_.erase(earlier_.begin());
      earlier_.push_back({epoch_, offset_});
    }
    epoch_ = epoch;
    offset_ = offset;
    closed_ = false;
    acknowledged();
  }
  /// The server is told that the client leaves: later messages reach nobody, and their senders get that result.
  void close() { closed_ = true; }

  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t offset() const { return offset_; }
  /// False: this message has come before, over an earlier link, or the inbox is closed.
  bool isNew(std::uint64_t offset) const { return offset > offset_ && !closed_; }
  /// Whether an earlier session got the message at this place of its inbox.
  bool hadEarlier(std::uint64_t epoch, std::uint64_t offset) const {
    return std::any_of(earlier_.begin(), earlier_.end(),
                       [&](const Place& place) { return place.epoch == epoch && offset <= place.offset; });
  }
  /// `refused`: the message is of no use to this client, and its sender shall know. More than a few of these at a time
  /// count as taken.
  void take(std::uint64_t offset, bool refused = false) {
    offset_ = offset;
    ackDue_ = true;
    if (refused && refused_.size() < kMostRefused) refused_.push_back(offset);
  }
  bool ackDue() const { return ackDue_; }
  wire::InboxAck ack() const { return {.offset = offset_, .refused = refused_}; }
  void acknowledged() {
    ackDue_ = false;
    refused_.clear();
  }

 private:
  static constexpr std::size_t kMostRefused = 1024;
  /// A message that one session was handed comes with the next one, or with one of the next if that is lost as well.
  static constexpr std::size_t kMostEarlier = 4;
  struct Place {
    std::uint64_t epoch = 0;
    std::uint64_t offset = 0;
  };

  std::uint64_t epoch_ = 0;
  std::uint64_t offset_ = 0;
  bool ackDue_ = false;
  bool closed_ = false;
  std::vector<std::uint64_t> refused_;  ///< offsets up to offset_ since the last acknowledgement
  std::vector<Place> earlier_;          ///< how far earlier sessions have come
};

}  // namespace rtm::client
