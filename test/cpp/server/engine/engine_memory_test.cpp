// What users of every engine take is counted, bounded, and given back.

#include <random>

#include "engine_harness.hpp"
#include "server/governor/ledger.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

using wire::AttributeAction;

constexpr std::uint64_t kMiB = 1024 * 1024;

class EngineMemory : public EngineTest {
 protected:
  void SetUp() override { limit({}); }
  void TearDown() override {
    EngineTest::TearDown();
    engine_.reset();  // before the ledger
  }
  void limit(LedgerBounds bounds) {
    bounds.apps = 3;
    engine_.reset();
    ledger_ = std::make_unique<Ledger>(bounds);
    EngineSetup setup;
    setup.parameters.ledger = ledger_.get();
    build(setup);
  }
  std::uint32_t writeChannel(const Opened& writer, const std::string& channel, const std::string& key,
                             std::size_t bytes, AttributeAction action = AttributeAction::Merge) {
    AttributeWriteRequest request = requestOf(writer, channel, key, bytes, action);
    std::uint32_t result = ~0U;
    home(writer).client->writeChannelAttributes(std::move(request),
                                                [&](ChannelWriteOutcome outcome) { result = outcome.code; });
    run();
    return result;
  }
  std::uint32_t writeOwn(const Opened& writer, const std::string& key, std::size_t bytes) {
    AttributeWriteRequest request = requestOf(writer, writer.user, key, bytes, AttributeAction::Merge);
    std::uint32_t result = ~0U;
    home(writer).client->writeUserAttributes(std::move(request), [&](std::uint32_t code) { result = code; });
    run();
    return result;
  }
  void close(const Opened& session) {
    home(session).client->closeSession(nameOf(session), session.outcome.fence, SessionEnd::Logout);
    run();
  }
  std::uint64_t bytesOf(const std::string& user) const { return ledger_->bytesOf({kApp, user}); }

  std::unique_ptr<Ledger> ledger_;

 private:
  AttributeWriteRequest requestOf(const Opened& writer, const std::string& owner, const std::string& key,
                                  std::size_t bytes, AttributeAction action) {
    AttributeWriteRequest request;
    request.app = kApp;
    request.owner = owner;
    request.writerId = writer.user;
    request.sessionId = writer.address.sessionId;
    request.fence = writer.outcome.fence;
    request.requestId = ++lastRequest_;
    request.write.action = action;
    request.write.entries.emplace_back(key, std::string(bytes, 'x'));
    return request;
  }
  std::uint32_t lastRequest_ = 0;
};
RTM_ENGINE_SUITE(EngineMemory);

TEST_P(EngineMemory, OfChannelAttributesIsPaidByTheirWriterUpToABound) {
  limit({.memory = 0, .user = 4 * kMiB / 3 * 4});
  const Opened mallory = open("mallory");
  const Opened ann = open("ann", 1);
  std::uint32_t refused = 0;
  for (int i = 0; i < 1000 && refused == 0; ++i) {
    refused = writeChannel(mallory, "c" + std::to_string(i), "key", 8000);
  }
  EXPECT_EQ(code::attributes::kSizeOverflow, refused);
  EXPECT_LE(bytesOf("mallory"), 4 * kMiB);
  EXPECT_GE(bytesOf("mallory"), 3 * kMiB);
  close(mallory);
  const Opened again = open("mallory", 2);
  EXPECT_EQ(code::attributes::kSizeOverflow, writeChannel(again, "more", "key", 8000)) << "a new login pays no debt";
  EXPECT_EQ(code::kOk, writeChannel(ann, "c0", "key", 8000)) << "others write, also in the same channel";
  EXPECT_EQ(code::kOk, writeChannel(again, "more", "key", 5000)) << "what Ann has replaced is paid back";
  pass(180'000);
  EXPECT_EQ(code::kOk, writeChannel(again, "later", "key", 8000));
}

TEST_P(EngineMemory, OfLargeMessagesInRingsIsPaidByTheirAuthorUpToABound) {
  limit({.memory = 0, .user = kMiB});
  const Opened mallory = open("mallory");
  Opened ann = open("ann", 1);
  for (const char* channel : {"one", "two"}) join(mallory, channel);
  const JoinOutcome joined = join(ann, "one");
  loseLink(ann);
  std::uint64_t seq = 0;
  for (int i = 0; i < 30; ++i) {
    for (const char* channel : {"one", "two"}) publish(mallory, channel, ++seq, std::string(30'000, 'x'));
  }
  run();
  EXPECT_LE(bytesOf("mallory"), 3 * kMiB / 4);
  EXPECT_GE(ledger_->bytesOf(MemoryCategory::Rings), kMiB / 2);
  resume(ann, 0);
  const JoinOutcome again = join(ann, "one", true, joined.epoch, joined.offset);
  EXPECT_FALSE(again.complete) << "what the author could not pay was not kept";
  EXPECT_GE(again.replay.size(), 8U);
  leave(mallory, "two");
  leave(mallory, "one");
  leave(ann, "one");
  run();
  EXPECT_EQ(0U, ledger_->bytesOf(MemoryCategory::Rings));
}

TEST_P(EngineMemory, OfAnInboxIsBoundedButForItsFirstMegabyte) {
  limit({.memory = 0, .user = 4 * kMiB});
  const Opened ann = open("ann");
  const Opened ben = open("ben", 1);
  while (writeChannel(ben, "c" + std::to_string(bytesOf("ben")), "key", 8000) == code::kOk) {
  }
  for (std::uint64_t seq = 1; seq <= 100; ++seq) send(ann, "ben", seq, std::string(30'000, 'x'));
  run();
  EXPECT_LE(bytesOf("ben"), 4 * kMiB + 128 * 1024);
  const Results refused = resultsOf(ann);
  EXPECT_GE(refused.size(), 50U) << "what does not fit fails at once";
  EXPECT_LE(refused.size(), 80U) << "a small inbox has its place, whatever else the user has";
  for (const auto& [seq, result] : refused) EXPECT_EQ(code::peer::kFailure, result);
}

TEST_P(EngineMemory, OfNewChannelsIsBounded) {
  limit({.memory = 0, .user = 256 * 1024});
  const Opened mallory = open("mallory");
  const Opened ann = open("ann", 1);
  int joined = 0;
  while (joined < 1000 && join(mallory, "c" + std::to_string(joined)).joined) ++joined;
  EXPECT_LT(joined, 200);
  EXPECT_GT(joined, 100);
  EXPECT_TRUE(join(ann, "mine").joined);
  EXPECT_TRUE(join(mallory, "mine").joined) << "a channel that exists costs its maker";
}

TEST_P(EngineMemory, FailsStoredAndThenAllMessagesWhenItIsShort) {
  constexpr auto kOffline = static_cast<std::uint32_t>(wire::SendFlag::Offline);
  limit({.memory = 100 * kMiB, .user = 0});
  const Opened ann = open("ann");
  const Opened ben = open("ben", 1);
  ledger_->setResident(90 * kMiB);
  send(ann, "away", 1, "stored", 0, kOffline);
  send(ann, "ben", 2, "live");
  run();
  acknowledge(ben, 1);
  run();
  EXPECT_EQ((Results{{1, code::peer::kFailure}, {2, code::kOk}}), resultsOf(ann));
  ledger_->setResident(100 * kMiB);
  send(ann, "ben", 3, "live");
  run();
  EXPECT_EQ((Results{{3, code::peer::kFailure}}), resultsOf(ann));
  ledger_->setResident(0);
  send(ann, "away", 4, "stored", 0, kOffline);
  run();
  EXPECT_EQ((Results{{4, code::peer::kCached}}), resultsOf(ann));
}

TEST_P(EngineMemory, SumsToZeroAfterRandomOperations) {
  std::mt19937 random(7);
  const auto below = [&random](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  std::map<std::string, Opened> users;
  std::map<std::string, std::uint64_t> lastSeq;
  std::map<std::string, std::set<std::string>> joined;
  for (int step = 0; step < 3000; ++step) {
    const std::string name = "u" + std::to_string(below(6));
    const std::string other = "u" + std::to_string(below(6));
    const std::string channel = "c" + std::to_string(below(4));
    const auto known = users.find(name);
    if (known == users.end()) {
      users[name] = open(name, below(5));
      continue;
    }
    Opened& user = known->second;
    switch (below(10)) {
      case 0:
        join(user, channel);
        joined[name].insert(channel);
        break;
      case 1:
        leave(user, channel);
        joined[name].erase(channel);
        break;
      case 2:
        writeChannel(user, channel, "k" + std::to_string(below(3)), below(900), static_cast<AttributeAction>(below(4)));
        break;
      case 3:
        writeOwn(user, "k" + std::to_string(below(3)), below(900));
        break;
      case 4:
        publish(user, channel, ++lastSeq[name], std::string(below(8000), 'p'));
        run();
        break;
      case 5:
      case 6:
        send(user, other, ++lastSeq[name], std::string(below(5000), 'm'), 0, below(2));
        run();
        break;
      case 7: {
        const auto messages = inboxOf(user);
        if (!messages.empty()) acknowledge(user, messages.back().offset);
        run();
        break;
      }
      case 8:
        if (below(3) == 0) {
          close(user);
          users.erase(name);
          lastSeq.erase(name);
          joined.erase(name);
        } else {
          loseLink(user);
          resume(user, below(5));
          for (const std::string& each : joined[name]) join(user, each, true);  // as a gateway does
        }
        break;
      default:
        pass(below(3000));
    }
  }
  EXPECT_GT(ledger_->used(), 0U);
  for (const auto& [name, user] : users) close(user);
  pass(200'000);  // attributes outlive their channels
  for (std::size_t i = 0; i < kMemoryCategories; ++i) {
    EXPECT_EQ(0U, ledger_->bytesOf(static_cast<MemoryCategory>(i))) << "category " << i;
  }
  EXPECT_EQ(0U, ledger_->used());
  EXPECT_TRUE(ledger_->largest(1).empty());
}

}  // namespace
}  // namespace rtm::server
