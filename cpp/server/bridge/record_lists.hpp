#pragma once

// What the generated records (bridge_records.hpp) are put together with: names, lists, and the way of an answer to a
// completion.

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/move_function.hpp"
#include "server/bridge/record.hpp"
#include "server/model/codes.hpp"
#include "server/model/loop_host.hpp"
#include "server/model/names.hpp"

namespace rtm::server {

inline std::uint32_t placeOf(AppNumber app) {
  return static_cast<std::uint32_t>(app);
}

inline void writeTexts(RecordWriter& out, std::span<const std::string> texts) {
  out.word(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) out.text(text);
}

template <typename Record>
void writeList(RecordWriter& out, const std::vector<Record>& records) {
  out.word(static_cast<std::uint32_t>(records.size()));
  for (const Record& record : records) write(out, record);
}

inline ScopedName readName(RecordReader& in) {
  const auto app = static_cast<AppNumber>(in.word());
  return {app, in.text()};
}

/// `Text`: a string, or a view into the record.
template <typename Text>
void readTexts(RecordReader& in, std::vector<Text>& texts) {
  in.list([&texts](RecordReader& item) { texts.emplace_back(item.text()); });
}

template <typename Record>
void readList(RecordReader& in, std::vector<Record>& records) {
  in.list([&records](RecordReader& item) { read(item, records.emplace_back()); });
}

/// Reads an answer. Nothing for a failure, and for an answer that is not whole.
template <typename Record>
std::optional<Record> readAnswer(RecordReader* in) {
  std::optional<Record> answer;
  if (in == nullptr) return answer;
  read(*in, answer.emplace());
  if (!in->complete()) answer.reset();
  return answer;
}

// Completions as the receivers of an answer.

/// Completes whatever the answer is.
inline auto doneTo(Task done) {
  return [finish = std::move(done)](RecordReader*) mutable { finish(); };
}

/// Completes with false for a failure.
inline auto flagTo(MoveFunction<void(bool)> done) {
  return [finish = std::move(done)](RecordReader* in) mutable {
    const bool flag = in != nullptr && in->flag();
    finish(flag && in->complete());
  };
}

/// Completes with nothing for a failure.
inline auto countTo(MoveFunction<void(std::optional<std::uint32_t>)> done) {
  return [finish = std::move(done)](RecordReader* in) mutable {
    std::optional<std::uint32_t> count;
    if (in != nullptr) count = in->word();
    if (in != nullptr && !in->complete()) count.reset();
    finish(count);
  };
}

/// Completes with FAILURE for a failure.
inline auto codeTo(MoveFunction<void(std::uint32_t)> done) {
  return [finish = std::move(done)](RecordReader* in) mutable {
    const std::uint32_t code = in != nullptr ? in->word() : code::attributes::kFailure;
    finish(in != nullptr && !in->complete() ? code::attributes::kFailure : code);
  };
}

/// Completes with an outcome that has failed for a failure.
template <typename Outcome>
auto outcomeTo(MoveFunction<void(Outcome)> done) {
  return [finish = std::move(done)](RecordReader* in) mutable {
    std::optional<Outcome> outcome = readAnswer<Outcome>(in);
    if (!outcome) outcome.emplace().failed = true;
    finish(std::move(*outcome));
  };
}

}  // namespace rtm::server
