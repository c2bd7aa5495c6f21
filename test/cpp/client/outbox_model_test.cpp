// The outbox against a model that is a plain list: random calls, the same answers, frames and ends from both.
// RTM_TEST_SEED repeats a run.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "client/outbox_tools.hpp"
#include "client/sending/outbox.hpp"

namespace rtm::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kMaxEntries = 200;
constexpr std::size_t kMaxBytes = 1 << 20;

struct Item {
  OutboxKind kind;
  std::uint64_t id;
  std::uint64_t seq;  ///< 0: of an ended session
  std::uint64_t deadline;
  std::uint32_t channel;
  std::string text;
  bool handed = false;    ///< to the present link
  bool sent = false;      ///< to any link of this session
  bool accepted = false;  ///< not to be sent again
  bool abandoned = false;
};

struct Model {
  std::vector<Item> items;
  std::uint64_t nextSeq = 1;

  std::vector<Sent> due() const {
    std::vector<Sent> frames;
    for (const Item& item : items) {
      if (!item.handed && !item.accepted) frames.push_back(frameOf(item));
    }
    return frames;
  }
  static Sent frameOf(const Item& item) {
    if (item.kind == OutboxKind::Request) return {item.kind, item.id, "", "room"};
    if (item.kind == OutboxKind::ChannelMessage) return {item.kind, item.seq, "room", item.text};
    return {OutboxKind::PeerMessage, item.seq, "peer", item.text};
  }
  template <typename Predicate>
  std::vector<std::uint64_t> endIf(Predicate predicate) {
    std::vector<std::uint64_t> ids;
    for (const Item& item : items) {
      if (predicate(item)) ids.push_back(item.id);
    }
    std::erase_if(items, predicate);
    return ids;
  }
};

class OutboxModel : public ::testing::Test {
 protected:
  OutboxModel() : seed_(chosenSeed()), random_(seed_) { outbox_.setBounds(kMaxEntries, kMaxBytes); }

  static unsigned chosenSeed() {
    const char* text = std::getenv("RTM_TEST_SEED");
    return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : std::random_device{}();
  }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  std::string text() {
    return std::string(below(20) == 0 ? below(30'000) : below(60), static_cast<char>('a' + below(26)));
  }

  void send() {
    Item item{.kind = static_cast<OutboxKind>(below(3)),  // all but requests
              .id = nextId_++,
              .seq = model_.nextSeq,
              .deadline = now_ + below(400),
              .channel = 0,
              .text = text()};
    const bool room = outbox_.entries() < kMaxEntries && outbox_.bytes() < kMaxBytes;
    if (item.kind != OutboxKind::ChannelMessage) {
      ASSERT_EQ(sendPeer(outbox_, item.id, item.text, item.deadline, item.kind), room);
    } else {
      item.channel = static_cast<std::uint32_t>(1 + below(3));
      ASSERT_EQ(sendChannel(outbox_, item.id, item.channel, item.text, item.deadline), room);
    }
    if (!room) return;
    ++model_.nextSeq;
    model_.items.push_back(item);
  }

  void ask() {
    const auto id = static_cast<std::uint32_t>(nextId_++);
    const std::uint64_t deadline = now_ + below(400);
    const bool room = outbox_.entries() < kMaxEntries && outbox_.bytes() < kMaxBytes;
    ASSERT_EQ(request(outbox_, id, deadline), room);
    if (room) model_.items.push_back({OutboxKind::Request, id, 0, deadline, 0, {}});
  }

  void answerSend() {
    // Mostly the oldest, often any number that was ever given, sometimes nonsense.
    std::uint64_t seq = below(model_.nextSeq + 2);
    if (below(3) != 0) seq = outbox_.firstUnansweredSeq();
    if (below(100) == 0) seq = ~std::uint64_t{0} - below(3);
    const auto found = std::find_if(model_.items.begin(), model_.items.end(), [&](const Item& item) {
      return item.kind != OutboxKind::Request && item.seq == seq && seq != 0;
    });
    const auto ended = outbox_.finishSend(seq);
    ASSERT_EQ(ended.has_value(), found != model_.items.end());
    if (!ended) return;
    ASSERT_EQ(ended->id, found->id);
    ASSERT_EQ(ended->kind, found->kind);
    ASSERT_EQ(ended->channel, found->channel);
    model_.items.erase(found);
  }

  void answerRequest() {
    std::uint64_t id = below(nextId_ + 2);
    if (below(2) == 0 && !model_.items.empty()) id = model_.items[below(model_.items.size())].id;
    const auto found = std::find_if(model_.items.begin(), model_.items.end(), [&](const Item& item) {
      return item.kind == OutboxKind::Request && item.id == id;
    });
    const auto ended = outbox_.finishRequest(id);
    ASSERT_EQ(ended.has_value(), found != model_.items.end());
    if (!ended) return;
    ASSERT_EQ(ended->id, id);
    ASSERT_EQ(ended->kind, OutboxKind::Request);
    model_.items.erase(found);
  }

  void withdraw() {
    if (model_.items.empty()) return;
    const auto found = model_.items.begin() + static_cast<std::ptrdiff_t>(below(model_.items.size()));
    const auto ended = outbox_.withdraw(found->kind, found->id);
    ASSERT_EQ(ended.has_value(), !found->sent);
    if (!ended) {
      found->abandoned = true;
      return;
    }
    ASSERT_EQ(ended->id, found->id);
    ASSERT_EQ(ended->channel, found->channel);
    ASSERT_FALSE(ended->sent);
    model_.items.erase(found);
  }

  void flush() {
    const std::vector<Sent> due = model_.due();
    Line line;
    line.room = below(4) == 0 ? below(4) : ~std::size_t{0};
    const bool all = outbox_.flush(line);
    ASSERT_EQ(all, line.frames.size() == due.size());
    ASSERT_LE(line.frames.size(), due.size());
    ASSERT_TRUE(std::equal(line.frames.begin(), line.frames.end(), due.begin()));
    for (const std::size_t piece : line.pieces) ASSERT_LE(piece, 2u * 64 * 1024);
    std::size_t left = line.frames.size();
    for (Item& item : model_.items) {
      if (left == 0) break;
      if (item.handed || item.accepted) continue;
      item.handed = item.sent = true;
      --left;
    }
  }

  void loseLink() {
    outbox_.rewind();
    for (Item& item : model_.items) item.handed = false;
    if (below(5) == 0) return loseSession();
    const std::uint64_t accepted = below(model_.nextSeq + 1);
    outbox_.skipAccepted(accepted);
    for (Item& item : model_.items) {
      if (item.kind != OutboxKind::Request && item.sent && item.seq <= accepted) item.accepted = true;
      if (item.abandoned) item.accepted = true;
    }
  }

  void loseSession() {
    const bool restores = below(2) == 0;
    const auto restoreId = static_cast<std::uint32_t>(nextId_++);
    if (restores) {
      outbox_.startNewSession([&] { request(outbox_, restoreId, now_ + 100); });
    } else {
      outbox_.startNewSession();
    }
    model_.nextSeq = 1;
    for (Item& item : model_.items) {
      item.handed = false;
      if (item.abandoned) item.accepted = true;
      if (item.kind == OutboxKind::Request) continue;
      item.accepted = item.accepted || item.sent;
      item.seq = item.accepted ? 0 : model_.nextSeq++;
    }
    if (restores) model_.items.insert(model_.items.begin(), {OutboxKind::Request, restoreId, 0, now_ + 100, 0, {}});
  }

  void end() {
    std::vector<std::uint64_t> ended;
    const auto note = [&](const OutboxEnd& one) { ended.push_back(one.id); };
    std::vector<std::uint64_t> expected;
    const std::uint64_t which = below(40);
    if (which == 0) {
      outbox_.clear(note);
      expected = model_.endIf([](const Item&) { return true; });
      model_.nextSeq = 1;
    } else if (which < 4) {
      const auto channel = static_cast<std::uint32_t>(1 + below(3));
      outbox_.clearChannel(channel, note);
      expected = model_.endIf(
          [&](const Item& item) { return item.kind == OutboxKind::ChannelMessage && item.channel == channel; });
    } else {
      now_ += below(20);
      outbox_.expire(now_, note);
      expected = model_.endIf([&](const Item& item) { return item.deadline <= now_; });
    }
    ASSERT_EQ(ended, expected);
  }

  void step() {
    const std::uint64_t which = below(100);
    if (which < 35) {
      send();
    } else if (which < 43) {
      ask();
    } else if (which < 75) {
      answerSend();
    } else if (which < 82) {
      answerRequest();
    } else if (which < 94) {
      flush();
    } else if (which < 95) {
      loseLink();
    } else if (which < 96) {
      withdraw();
    } else {
      end();
    }
  }

  void compare() {
    ASSERT_EQ(outbox_.entries(), model_.items.size());
    ASSERT_EQ(outbox_.empty(), model_.items.empty());
    const auto oldest = std::find_if(model_.items.begin(), model_.items.end(), [](const Item& item) {
      return item.kind != OutboxKind::Request && item.seq != 0;
    });
    ASSERT_EQ(outbox_.firstUnansweredSeq(), oldest == model_.items.end() ? model_.nextSeq : oldest->seq);
    ASSERT_LE(outbox_.heldBytes(), 2 * outbox_.bytes() + 256 * 1024);
    ASSERT_TRUE(!outbox_.empty() || outbox_.bytes() + outbox_.heldBytes() == 0);
  }

  const unsigned seed_;
  std::mt19937 random_;
  Outbox outbox_;
  Model model_;
  std::uint64_t now_ = 1;
  std::uint64_t nextId_ = 1;
};

TEST_F(OutboxModel, GivesTheSameAnswersFramesAndEndsOverManyRandomCalls) {
  for (int i = 0; i < 200'000; ++i) {
    step();
    compare();
    if (HasFatalFailure()) FAIL() << "call " << i << ", RTM_TEST_SEED=" << seed_;
  }
}

}  // namespace
}  // namespace rtm::client
