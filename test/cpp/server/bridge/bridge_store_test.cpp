#include "server/bridge/bridge_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bridge_harness.hpp"
#include "server/bridge/bridge_media_catalog.hpp"

namespace rtm::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr AppNumber kBridgedApp{1};

class BridgeStoreTest : public ::testing::Test {
 protected:
  /// Appends a message; its outcome goes to `outcomes` under `name`.
  void append(const std::string& name, std::size_t bytes = 2) {
    OfflineMessage message{
        .senderId = "\u00e4lice", .timeMs = 1'700'000'000'123, .requiredCapabilities = 5, .content = Bytes(bytes)};
    message.content.back() = 0xFF;
    store.appendOffline(loop, {kBridgedApp, "bob"}, std::move(message),
                        [this, name](bool ok) { outcomes.push_back(name + (ok ? " ok" : " failed")); });
  }

  FakeJavaScript js;
  ManualLoop loop;
  BridgeStore store{js.bridge};
  std::vector<std::string> outcomes;
};

// test/unit/bridge.test.ts has the same bytes.
constexpr const char* kAppendOffline =
    "34000000"
    "01"
    "0100000000000000"
    "01000000"
    "03000000626f62"
    "06000000c3a46c696365"
    "7b68e5cf8b010000"
    "0500000000000000"
    "0200000000ff";
constexpr const char* kLoadedAnswer =
    "30000000"
    "01"
    "0100000000000000"
    "01000000"
    "2a00000000000000"
    "03000000616e6e"
    "0100000000000000"
    "0000000000000000"
    "00000000";

TEST_F(BridgeStoreTest, PacksAnOperationAsJavaScriptReadsIt) {
  append("a");
  EXPECT_EQ(kAppendOffline, hexOf(js.bridge->takeOperations()));
}

TEST_F(BridgeStoreTest, ReadsAnAnswerAsJavaScriptPacksIt) {
  OfflinePage loaded;
  store.loadOffline(loop, {kBridgedApp, "bob"}, 7, [&](OfflinePage page) { loaded = std::move(page); });
  Bytes batch;
  FakeJavaScript::appendAnswer(batch, AnswerKind::Done, 1, [](RecordWriter& out) {
    out.word(1).number(42).text("ann").number(1).number(0).bytes(Bytes{});
  });
  EXPECT_EQ(kLoadedAnswer, hexOf(batch));
  js.bridge->receive(batch);
  loop.run();
  ASSERT_TRUE(loaded.ok);
  EXPECT_EQ(42U, loaded.entries.at(0).id);
}

TEST_F(BridgeStoreTest, LoadsStoredMessages) {
  OfflinePage loaded;
  store.loadOffline(loop, {kBridgedApp, "bob"}, 7, [&](OfflinePage page) { loaded = std::move(page); });
  js.answer(js.take().at(0).request, [](RecordWriter& out) {
    out.word(2);
    out.number(42).text("ann").number(1).number(3).bytes(Bytes{1, 2});
    out.number(43).text("ben").number(2).number(0).bytes(Bytes{});
  });
  EXPECT_TRUE(loaded.entries.empty());  // completes on the loop
  loop.run();
  ASSERT_TRUE(loaded.ok);
  ASSERT_EQ(2U, loaded.entries.size());
  EXPECT_EQ(42U, loaded.entries[0].id);
  EXPECT_EQ("ann", loaded.entries[0].message->senderId);
  EXPECT_EQ((Bytes{1, 2}), loaded.entries[0].message->content);
  EXPECT_EQ(43U, loaded.entries[1].id);
  EXPECT_TRUE(loaded.entries[1].message->content.empty());
}

TEST_F(BridgeStoreTest, GivesOperationsInOrderAndTakesAnswersInAnyOrder) {
  append("a");
  append("b");
  store.removeOffline(loop, {kBridgedApp, "bob"}, 3, 9,
                      [this](bool ok) { outcomes.emplace_back(ok ? "c ok" : "c failed"); });
  EXPECT_EQ(1U, js.rings);
  const std::vector<TakenOperation> orders = js.take();
  ASSERT_EQ(3U, orders.size());
  EXPECT_EQ(Operation::RemoveOffline, orders[2].operation);
  RecordReader fields{ByteView(orders[2].fields)};
  EXPECT_EQ(1U, fields.word());
  EXPECT_EQ("bob", fields.text());
  EXPECT_EQ(3U, fields.number());
  EXPECT_EQ(9U, fields.number());
  EXPECT_TRUE(fields.complete());
  js.succeed(orders[2].request);
  js.fail(orders[0].request);
  js.succeed(orders[1].request);
  EXPECT_TRUE(outcomes.empty());
  loop.run();
  EXPECT_THAT(outcomes, ElementsAre("c ok", "a failed", "b ok"));
  append("d");
  EXPECT_EQ(2U, js.rings);  // it was idle
}

TEST_F(BridgeStoreTest, AnswersOfOneBatchComeInOneTaskForEachLoop) {
  ManualLoop other;
  append("a");
  append("b");
  store.removeOffline(other, {kBridgedApp, "eve"}, 1, 1, [this](bool) { outcomes.emplace_back("eve"); });
  Bytes batch;
  for (const TakenOperation& order : js.take()) {
    FakeJavaScript::appendAnswer(batch, AnswerKind::Done, order.request, [](RecordWriter&) {});
  }
  js.bridge->receive(batch);
  EXPECT_EQ(1U, loop.run());
  EXPECT_THAT(outcomes, ElementsAre("a ok", "b ok"));
  EXPECT_EQ(1U, other.run());
}

TEST_F(BridgeStoreTest, RingsAgainForOperationsThatDoNotFitIntoOneChunk) {
  for (int i = 0; i < 6; ++i) append("x", 100'000);
  EXPECT_EQ(1U, js.rings);
  EXPECT_LT(js.bridge->takeOperations().size(), 2 * Bridge::kPieceBytes);
  EXPECT_EQ(2U, js.rings);
  EXPECT_FALSE(js.bridge->takeOperations().empty());
  EXPECT_EQ(2U, js.rings);  // the last one
  EXPECT_TRUE(js.bridge->takeOperations().empty());
}

TEST(BridgeStore, RefusesAtOnceWhileTooMuchWaits) {
  FakeJavaScript js(1000);
  ManualLoop loop;
  BridgeStore store(js.bridge);
  std::vector<bool> outcomes;
  const auto append = [&] {
    store.appendOffline(loop, {kBridgedApp, "bob"}, {.senderId = "a", .content = Bytes(900)},
                        [&](bool ok) { outcomes.push_back(ok); });
  };
  append();
  append();
  append();
  EXPECT_THAT(outcomes, ElementsAre(false));
  const std::vector<TakenOperation> orders = js.take();
  ASSERT_EQ(2U, orders.size());
  append();  // taken is not answered
  EXPECT_THAT(outcomes, ElementsAre(false, false));
  js.succeed(orders[0].request);
  js.succeed(orders[1].request);
  append();
  EXPECT_EQ(1U, js.take().size());
}

TEST_F(BridgeStoreTest, CompletesNothingOnceItIsClosed) {
  append("answered");
  append("waiting");
  const std::vector<TakenOperation> orders = js.take();
  js.succeed(orders[0].request);
  store.close();
  loop.run();
  js.bridge->close();
  js.succeed(orders[1].request);
  append("late");
  EXPECT_EQ(0U, loop.run());
  EXPECT_TRUE(outcomes.empty());
  EXPECT_TRUE(js.take().empty());
}

TEST_F(BridgeStoreTest, KeepsOperationsToBeTakenAfterTheEnd) {
  append("a");
  js.bridge->close();
  EXPECT_EQ(1U, js.take().size());
}

TEST_F(BridgeStoreTest, LogsAShortAnswerAndTreatsItAsAFailure) {
  HistoryPage found;
  found.ok = true;
  HistoryFilter filter;
  filter.app = kBridgedApp;
  store.queryHistory(loop, filter, [&](HistoryPage page) { found = std::move(page); });
  js.answer(js.take().at(0).request, [](RecordWriter& out) {
    out.word(1).word(0xFFFFFFFF).text("from");  // a list of many, and then nothing
  });
  loop.run();
  EXPECT_FALSE(found.ok);
  EXPECT_TRUE(found.records.empty());
  EXPECT_THAT(js.lines, ElementsAre(HasSubstr("fields of an answer")));
}

TEST_F(BridgeStoreTest, NeverReadsBeyondABatch) {
  append("a");
  const std::uint64_t request = js.take().at(0).request;
  Bytes whole;
  FakeJavaScript::appendAnswer(whole, AnswerKind::Done, request, [](RecordWriter&) {});
  for (std::size_t size = 1; size < whole.size(); ++size) {
    js.bridge->receive(ByteView(whole).first(size));
    EXPECT_EQ(size, js.lines.size());
  }
  Bytes huge{0xFF, 0xFF, 0xFF, 0xFF, 1};
  js.bridge->receive(huge);
  js.succeed(request + 1);  // never asked
  EXPECT_EQ(whole.size() + 1, js.lines.size());
  EXPECT_EQ(0U, loop.run());
  js.succeed(request);
  loop.run();
  EXPECT_THAT(outcomes, ElementsAre("a ok"));
}

TEST_F(BridgeStoreTest, CarriesHistory) {
  HistoryRecord record{.source = "a", .destination = "room", .channel = true, .timeMs = 12, .text = "hi"};
  bool kept = false;
  store.appendHistory(loop, kBridgedApp, record, [&](bool ok) { kept = ok; });
  js.succeed(js.take().at(0).request);
  loop.run();
  EXPECT_TRUE(kept);
  HistoryPage found;
  store.queryHistory(loop, HistoryFilter{}, [&](HistoryPage page) { found = std::move(page); });
  js.answer(js.take().at(0).request,
            [](RecordWriter& out) { out.word(9).word(1).text("a").text("room").flag(true).number(12).text("hi"); });
  loop.run();
  ASSERT_TRUE(found.ok);
  EXPECT_EQ(9U, found.total);
  ASSERT_EQ(1U, found.records.size());
  EXPECT_EQ("room", found.records[0]->destination);
  EXPECT_TRUE(found.records[0]->channel);
}

TEST_F(BridgeStoreTest, CarriesRecordsOfMedia) {
  BridgeMediaCatalog catalog(js.bridge);
  catalog.attach(loop);
  MediaRecord record{.appId = "app", .mediaId = "id", .size = 5, .digest = {}, .image = true, .expiresAtMs = 99};
  record.digest.fill(7);
  bool added = false;
  catalog.add(record, [&](bool ok) { added = ok; });
  const TakenOperation order = js.take().at(0);
  js.succeed(order.request);
  std::optional<MediaRecord> found;
  catalog.find("app", "id", 3, [&](std::optional<MediaRecord> known) { found = std::move(known); });
  js.answer(js.take().at(0).request, [&](RecordWriter& out) { out.word(1).raw(order.fields); });  // as it came
  loop.run();
  EXPECT_TRUE(added);
  ASSERT_TRUE(found);
  EXPECT_EQ("id", found->mediaId);
  EXPECT_EQ(record.digest, found->digest);
  EXPECT_TRUE(found->image);
  EXPECT_EQ(99U, found->expiresAtMs);
  std::optional<std::vector<MediaRecord>> expired;
  catalog.takeExpired(5, 16, [&](std::vector<MediaRecord> records) { expired = std::move(records); });
  js.fail(js.take().at(0).request);
  loop.run();
  ASSERT_TRUE(expired);
  EXPECT_TRUE(expired->empty());
}

}  // namespace
}  // namespace rtm::server
