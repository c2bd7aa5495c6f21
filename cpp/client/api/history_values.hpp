#pragma once

#include <string_view>

#include "client/api/own_codes.hpp"

namespace rtm::client {

/// Which messages are asked for. At least one of `source` and `destination` is given; a user sees what it sent or
/// received itself and the channels it is in, or everything where the server is open.
struct HistoryQuery {
  std::string_view source;       ///< a user; empty: anybody
  std::string_view destination;  ///< a user or a channel; empty: any
  long long startMs = 0;         ///< server time, since 1970 UTC; inclusive
  long long endMs = 0;           ///< inclusive, not before startMs
  unsigned offset = 0;           ///< messages to skip
  unsigned limit = 20;           ///< most messages in the answer, 1 to 100; the server may send fewer (a frame is full)
  bool descending = false;       ///< newest first
  bool countOnly = false;        ///< no messages, only how many there are
};

/// One message of the past. Views live until the event returns.
struct HistoryMessage {
  std::string_view source;
  std::string_view destination;
  bool channel = false;  ///< `destination` is a channel
  long long serverReceivedMs = 0;
  std::string_view text;
};

}  // namespace rtm::client
