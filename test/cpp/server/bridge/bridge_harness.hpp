#pragma once

// The JavaScript side of a bridge, played by a test: takes operations when told, and answers with what and when the
// test likes.

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "server/bridge/bridge.hpp"

namespace rtm::server {

/// A loop that runs when the test says so.
class ManualLoop final : public LoopHost {
 public:
  std::uint64_t now() const override { return clock; }
  std::uint64_t wallClockMs() const override { return 1'700'000'000'000 + clock; }
  void post(Task task) override { tasks_.push_back(std::move(task)); }
  void requestTurnEnd() override {}
  /// How many tasks there were.
  std::size_t run() {
    std::size_t ran = 0;
    for (; !tasks_.empty(); ++ran) {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
    }
    return ran;
  }
  std::uint64_t clock = 1000;

 private:
  std::deque<Task> tasks_;
};

inline std::string hexOf(ByteView bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

struct TakenOperation {
  Operation operation{};
  std::uint64_t request = 0;
  Bytes fields;
};

class FakeJavaScript {
 public:
  explicit FakeJavaScript(std::size_t mostBytes = 1 << 20, std::uint32_t loops = 0) {
    Bridge::Options options;
    options.ring = [this] { ++rings; };
    options.log = [this](LogLevel, std::string_view line) { lines.emplace_back(line); };
    options.mostBytes = mostBytes;
    options.loops = loops;
    bridge = std::make_shared<Bridge>(std::move(options));
  }

  /// All orders that wait.
  std::vector<TakenOperation> take() {
    std::vector<TakenOperation> taken;
    for (Bytes batch = bridge->takeOperations(); !batch.empty(); batch = bridge->takeOperations()) {
      RecordReader records{ByteView(batch)};
      while (records.left() > 0) {
        RecordReader record(records.bytes());
        TakenOperation& order = taken.emplace_back();
        order.operation = static_cast<Operation>(record.byte());
        order.request = record.number();
        const ByteView fields = record.raw(record.left());
        order.fields.assign(fields.begin(), fields.end());
      }
      EXPECT_TRUE(records.complete());
    }
    return taken;
  }

  template <typename Fill>
  static void appendAnswer(Bytes& batch, AnswerKind kind, std::uint64_t request, Fill&& fill) {
    Bytes record;
    RecordWriter writer(record);
    writer.byte(static_cast<std::uint8_t>(kind)).number(request);
    fill(writer);
    RecordWriter(batch).bytes(record);
  }
  template <typename Fill>
  void answer(std::uint64_t request, Fill&& fill) {
    Bytes batch;
    appendAnswer(batch, AnswerKind::Done, request, fill);
    bridge->receive(batch);
  }
  void succeed(std::uint64_t request) {
    answer(request, [](RecordWriter&) {});
  }
  void fail(std::uint64_t request) {
    Bytes batch;
    appendAnswer(batch, AnswerKind::Failed, request, [](RecordWriter&) {});
    bridge->receive(batch);
  }

  template <typename Fill>
  void tell(NewsKind kind, std::uint32_t loop, Fill&& fill) {
    Bytes record;
    RecordWriter writer(record);
    writer.byte(static_cast<std::uint8_t>(kind)).word(loop);
    fill(writer);
    Bytes batch;
    RecordWriter(batch).bytes(record);
    bridge->receive(batch);
  }

  std::size_t rings = 0;
  std::vector<std::string> lines;
  std::shared_ptr<Bridge> bridge;
};

}  // namespace rtm::server
