#pragma once

// Stored messages, asked for later.
// See messages.hpp for how to read this file.

#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/codec.hpp"
#include "wire/kinds.hpp"

namespace rtm::wire {

struct HistoryQuery {
  static constexpr FrameKind kKind = FrameKind::HistoryQuery;
  std::uint32_t requestId = 0;
  std::string_view source;
  std::string_view destination;
  Fixed64 startMs;
  Fixed64 endMs;
  std::uint32_t offset = 0;
  std::uint32_t limit = 0;
  bool descending = false;
  bool countOnly = false;
  static constexpr auto fields() {
    return std::make_tuple(
        field(1, &HistoryQuery::requestId), field(2, &HistoryQuery::source), field(3, &HistoryQuery::destination),
        field(4, &HistoryQuery::startMs), field(5, &HistoryQuery::endMs), field(6, &HistoryQuery::offset),
        field(7, &HistoryQuery::limit), field(8, &HistoryQuery::descending), field(9, &HistoryQuery::countOnly));
  }
};

struct HistoryMessage {
  std::string_view source;
  std::string_view destination;
  bool channel = false;
  Fixed64 serverTimeMs;
  std::string_view text;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &HistoryMessage::source), field(2, &HistoryMessage::destination),
                           field(3, &HistoryMessage::channel), field(4, &HistoryMessage::serverTimeMs),
                           field(5, &HistoryMessage::text));
  }
};

struct HistoryResult {
  static constexpr FrameKind kKind = FrameKind::HistoryResult;
  std::uint32_t requestId = 0;
  std::uint32_t code = 0;
  std::vector<HistoryMessage> messages;
  std::uint32_t total = 0;
  static constexpr auto fields() {
    return std::make_tuple(field(1, &HistoryResult::requestId), field(2, &HistoryResult::code),
                           field(3, &HistoryResult::messages), field(4, &HistoryResult::total));
  }
};

}  // namespace rtm::wire
