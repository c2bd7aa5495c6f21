#include "server/engine/memory/attribute_set.hpp"

#include <gtest/gtest.h>

#include <string>

#include "server/engine/memory/channel_attribute_table.hpp"

namespace rtm::server {
namespace {

using wire::AttributeAction;
using Entries = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint32_t kOk = 0;
constexpr std::uint32_t kInvalid = 3;
constexpr std::uint32_t kTooLarge = 4;

std::string text(std::size_t size) {
  return std::string(size, 'x');
}

class AttributeSets : public ::testing::Test {
 protected:
  std::uint32_t apply(AttributeAction action, Entries entries = {}, const std::string& writer = "alice",
                      std::uint64_t now = 1) {
    return set_.apply({action, std::move(entries)}, writer, now);
  }
  Entries all() const {
    Entries out;
    for (const StoredAttribute& entry : set_.read({})) out.emplace_back(entry.key, entry.value);
    return out;
  }
  AttributeSet set_{wire::kSdkUserAttributes};
};

TEST_F(AttributeSets, AreReadInOrderOfTheKeysBytes) {
  ASSERT_EQ(kOk, apply(AttributeAction::Set, {{"b", "1"}, {"\xc3\xa4", "2"}, {"a", "3"}, {"B", "4"}}));
  EXPECT_EQ((Entries{{"B", "4"}, {"a", "3"}, {"b", "1"}, {"\xc3\xa4", "2"}}), all());
}

TEST_F(AttributeSets, ChangeAsTheActionSays) {
  apply(AttributeAction::Set, {{"a", "1"}, {"b", "2"}});
  apply(AttributeAction::Merge, {{"b", "3"}, {"c", "4"}});
  EXPECT_EQ((Entries{{"a", "1"}, {"b", "3"}, {"c", "4"}}), all());
  apply(AttributeAction::Delete, {{"a", ""}, {"unknown", ""}});
  EXPECT_EQ((Entries{{"b", "3"}, {"c", "4"}}), all());
  apply(AttributeAction::Set, {{"d", "5"}});
  EXPECT_EQ((Entries{{"d", "5"}}), all());
  EXPECT_EQ(2U, set_.bytes());
  apply(AttributeAction::Clear);
  EXPECT_EQ(Entries{}, all());
  EXPECT_EQ(0U, set_.bytes());
}

TEST_F(AttributeSets, TakeTheLastOfEqualKeysOfOneWrite) {
  ASSERT_EQ(kOk, apply(AttributeAction::Set, {{"a", "first"}, {"a", "second"}}));
  EXPECT_EQ((Entries{{"a", "second"}}), all());
  EXPECT_EQ(7U, set_.bytes());
}

TEST_F(AttributeSets, StampOnlyTheKeysOfAWrite) {
  apply(AttributeAction::Set, {{"a", "1"}, {"b", "2"}}, "alice", 10);
  apply(AttributeAction::Merge, {{"b", "2"}}, "bob", 20);
  const auto entries = set_.read({});
  EXPECT_EQ("alice", entries[0].updatedBy);
  EXPECT_EQ(10U, entries[0].updatedMs);
  EXPECT_EQ("bob", entries[1].updatedBy);
  EXPECT_EQ(20U, entries[1].updatedMs);
}

TEST_F(AttributeSets, AreReadByKeysThatExist) {
  apply(AttributeAction::Set, {{"a", "1"}, {"b", "2"}});
  const auto entries = set_.read({"zz", "b", "b"});
  ASSERT_EQ(1U, entries.size());
  EXPECT_EQ("b", entries[0].key);
}

TEST_F(AttributeSets, HoldValuesOfUpTo8Kilobytes) {
  EXPECT_EQ(kOk, apply(AttributeAction::Set, {{"a", text(8191)}}));
  EXPECT_EQ(kOk, apply(AttributeAction::Set, {{"a", text(8192)}}));
  EXPECT_EQ(kTooLarge, apply(AttributeAction::Set, {{"a", text(8193)}}));
  EXPECT_EQ(8193U, set_.bytes()) << "key and value of the last one that fitted";
}

TEST_F(AttributeSets, HoldUpTo32Keys) {
  Entries entries;
  for (int i = 0; i < 31; ++i) entries.emplace_back("k" + std::to_string(i), "v");
  EXPECT_EQ(kOk, apply(AttributeAction::Set, entries));
  EXPECT_EQ(kOk, apply(AttributeAction::Merge, {{"another", "v"}}));
  EXPECT_EQ(kTooLarge, apply(AttributeAction::Merge, {{"one more", "v"}}));
  EXPECT_EQ(kOk, apply(AttributeAction::Merge, {{"another", "w"}})) << "replaces, adds none";
  EXPECT_EQ(32U, set_.size());
}

TEST_F(AttributeSets, HoldAsManyBytesAsTheirOwnerMay) {
  for (const wire::AttributeLimits& bounds : {wire::kSdkUserAttributes, wire::kSdkChannelAttributes}) {
    AttributeSet set(bounds);
    const auto merge = [&set](Entries entries) {
      return set.apply({AttributeAction::Merge, std::move(entries)}, "alice", 1);
    };
    std::size_t left = bounds.totalBytes;
    for (char key = 'a'; left > 8000; ++key, left -= 8000) ASSERT_EQ(kOk, merge({{std::string(1, key), text(7999)}}));
    EXPECT_EQ(kOk, merge({{"z", text(left - 2)}}));
    EXPECT_EQ(bounds.totalBytes - 1, set.bytes());
    EXPECT_EQ(kOk, merge({{"z", text(left - 1)}}));
    EXPECT_EQ(bounds.totalBytes, set.bytes());
    EXPECT_EQ(kTooLarge, merge({{"z", text(left)}}));
    EXPECT_EQ(bounds.totalBytes, set.bytes());
  }
}

TEST_F(AttributeSets, StayAsTheyAreWhenAWriteIsRefused) {
  apply(AttributeAction::Set, {{"a", "1"}}, "alice", 10);
  EXPECT_EQ(kTooLarge, apply(AttributeAction::Set, {{"a", "2"}, {"b", text(8193)}}, "bob", 20));
  EXPECT_EQ(kTooLarge, apply(AttributeAction::Merge, {{"a", "2"}, {"b", text(8193)}}, "bob", 20));
  EXPECT_EQ((Entries{{"a", "1"}}), all());
  EXPECT_EQ("alice", set_.read({})[0].updatedBy);
}

TEST(AttributeWrites, AreCheckedForKeysAndValues) {
  const auto check = [](AttributeAction action, const std::string& key, const std::string& value) {
    wire::Attribute entry;
    entry.key = key;
    entry.value = value;
    return checkAttributeWrite(action, {entry}, 32);
  };
  EXPECT_EQ(kOk, check(AttributeAction::Set, "k", "v"));
  EXPECT_EQ(kOk, check(AttributeAction::Set, text(31), "v"));
  EXPECT_EQ(kOk, check(AttributeAction::Set, text(32), "v"));
  EXPECT_EQ(kInvalid, check(AttributeAction::Set, text(33), "v"));
  EXPECT_EQ(kInvalid, check(AttributeAction::Set, "", "v"));
  EXPECT_EQ(kInvalid, check(AttributeAction::Merge, "k", ""));
  EXPECT_EQ(kInvalid, check(AttributeAction::Merge, "k\n", "v"));
  EXPECT_EQ(kInvalid, check(AttributeAction::Merge, "k\x7f", "v"));
  EXPECT_EQ(kInvalid, check(AttributeAction::Merge, "k\xc2\x85", "v"));  // a control character of two bytes
  EXPECT_EQ(kOk, check(AttributeAction::Merge, "k\xc2\xa0", "v"));
  EXPECT_EQ(kInvalid, check(AttributeAction::Set, "k", std::string("a\0b", 3)));
  EXPECT_EQ(kInvalid, check(AttributeAction::Set, "\xff", "v"));
  EXPECT_EQ(kOk, check(AttributeAction::Set, "clé à moi", "v"));
  EXPECT_EQ(kOk, check(AttributeAction::Delete, "k", ""));
  EXPECT_EQ(kInvalid, check(AttributeAction::Delete, "", ""));
  EXPECT_EQ(kInvalid, check(static_cast<AttributeAction>(4), "k", "v"));
  EXPECT_EQ(kInvalid, checkAttributeWrite(AttributeAction::Set, {}, 32));
  EXPECT_EQ(kInvalid, checkAttributeWrite(AttributeAction::Delete, {}, 32));
  EXPECT_EQ(kOk, checkAttributeWrite(AttributeAction::Clear, {}, 32));
}

AttributeWriteRequest put(const std::string& value, std::uint32_t requestId, std::uint64_t fence,
                          std::uint64_t sessionId = 7) {
  AttributeWriteRequest request;
  request.owner = "room";
  request.writerId = "alice";
  request.sessionId = sessionId;
  request.fence = fence;
  request.requestId = requestId;
  request.serverTimeMs = 5;
  request.notify = true;
  request.write = {AttributeAction::Merge, {{"k", value}}};
  return request;
}

TEST(AttributeRecords, KnowAWriteThatIsRepeatedAfterAResume) {
  AttributeRecord record(wire::kSdkChannelAttributes);
  EXPECT_FALSE(record.write(put("mine", 1, 10)).repeat);
  EXPECT_FALSE(record.write(put("another's", 1, 11, 8)).repeat) << "the same number in another session";
  const auto again = record.write(put("mine", 1, 12));
  EXPECT_TRUE(again.repeat);
  EXPECT_EQ(kOk, again.code);
  EXPECT_EQ("another's", record.set().read({})[0].value);
}

TEST(AttributeRecords, ExecuteARequestNumberThatIsUsedAgainOnTheSameLink) {
  AttributeRecord record(wire::kSdkChannelAttributes);
  record.write(put("1", 1, 10));
  EXPECT_FALSE(record.write(put("2", 1, 10)).repeat);
  EXPECT_EQ("2", record.set().read({})[0].value);
}

TEST(AttributeRecords, AnswerARepeatOfARefusedWriteLikeTheFirst) {
  AttributeRecord record(wire::kSdkChannelAttributes);
  EXPECT_EQ(kTooLarge, record.write(put(text(8193), 1, 10)).code);
  const auto again = record.write(put(text(8193), 1, 11));
  EXPECT_EQ(kTooLarge, again.code);
  EXPECT_TRUE(again.repeat);
}

TEST(AttributeRecords, RememberABoundedNumberOfWrites) {
  AttributeRecord record(wire::kSdkChannelAttributes);
  for (std::uint32_t i = 0; i <= AttributeRecord::kRemembered; ++i) record.write(put("v", i, 10));
  EXPECT_FALSE(record.write(put("v", 0, 11)).repeat) << "forgotten";
  EXPECT_TRUE(record.write(put("v", 2, 11)).repeat);
  EXPECT_TRUE(record.write(put("v", AttributeRecord::kRemembered, 11)).repeat);
}

class ChannelAttributeTables : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kAfterlife = 1000;
  const ScopedName room_{AppNumber{}, "room"};
  ChannelAttributeTable table_{EngineParameters{.attributeAfterlifeMs = kAfterlife}};
  using Members = ChannelAttributeTable::Members;
  bool there() { return !table_.read(room_, {}).empty(); }
};

TEST_F(ChannelAttributeTables, RemoveAttributesOfAChannelWithoutMembersAfterATime) {
  table_.write(put("1", 1, 1), Members::None, 100);
  table_.write(put("2", 2, 1), Members::None, 600);
  table_.tick(1599);
  EXPECT_TRUE(there());
  table_.tick(1600);
  EXPECT_FALSE(there());
  EXPECT_EQ(0U, table_.size());
}

TEST_F(ChannelAttributeTables, KeepThemWhileTheChannelHasMembers) {
  table_.write(put("1", 1, 1), Members::None, 100);
  table_.occupied(room_);
  table_.tick(100'000);
  EXPECT_TRUE(there());
  table_.vacated(room_, 100'000);
  table_.tick(100'999);
  EXPECT_TRUE(there());
  table_.occupied(room_);
  table_.tick(200'000);
  EXPECT_TRUE(there()) << "somebody came back in time";
  table_.vacated(room_, 200'000);
  table_.tick(201'000);
  EXPECT_FALSE(there());
}

TEST_F(ChannelAttributeTables, HaveANoticeForMembersOnlyAndOnceForEachWrite) {
  EXPECT_EQ(0U, table_.write(put("1", 1, 1), Members::None, 100).noticeBytes);
  EXPECT_NE(0U, table_.write(put("2", 2, 1), Members::Present, 100).noticeBytes);
  EXPECT_EQ(0U, table_.write(put("2", 2, 2), Members::Present, 100).noticeBytes) << "a repeat";
  EXPECT_EQ(0U, table_.write(put(text(8193), 3, 2), Members::Present, 100).noticeBytes) << "refused";
}

TEST_F(ChannelAttributeTables, KnowWhichMembersMayHaveMissedANotice) {
  EXPECT_FALSE(table_.missedNotice(room_, 0, 100));
  table_.write(put("1", 1, 1), Members::Present, 100);
  table_.notice(room_, 5, 100);
  EXPECT_TRUE(table_.missedNotice(room_, 4, 30'100));
  EXPECT_TRUE(table_.missedNotice(room_, 5, 30'100)) << "the notice came behind message 5";
  EXPECT_FALSE(table_.missedNotice(room_, 6, 30'100)) << "who has message 6 has the notice";
  EXPECT_FALSE(table_.missedNotice(room_, 4, 30'101)) << "too long ago";
}

}  // namespace
}  // namespace rtm::server
