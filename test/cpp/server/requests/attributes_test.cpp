#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

using wire::AttributeAction;
using Entries = std::vector<std::pair<std::string, std::string>>;
/// A size, and the code it is answered with.
using Cases = std::vector<std::pair<std::size_t, std::uint32_t>>;

std::vector<wire::Attribute> onWire(const Entries& entries) {
  std::vector<wire::Attribute> out;
  for (const auto& [key, value] : entries) out.push_back({key, value, {}, {}});
  return out;
}

struct Answer {
  std::uint32_t code = 0;
  Entries entries;
  std::vector<std::string> writers;
  std::vector<std::uint64_t> times;
};

template <typename Message>
Answer answerOf(const Message& message, std::uint32_t code) {
  Answer answer;
  answer.code = code;
  for (const wire::Attribute& entry : message.entries) {
    answer.entries.emplace_back(entry.key, entry.value);
    answer.writers.emplace_back(entry.updatedBy);
    answer.times.push_back(entry.updatedMs.value);
  }
  return answer;
}

class Attributes : public LoopsTest {
 protected:
  static std::uint32_t write(TestClient& client, AttributeAction action, const Entries& entries = {}) {
    client.send(
        wire::UserAttributesWrite{.requestId = client.nextRequest(), .action = action, .entries = onWire(entries)});
    return client.expectResult();
  }
  static Answer read(TestClient& client, const std::string& user, std::vector<std::string_view> keys = {}) {
    client.send(wire::UserAttributesRead{.requestId = client.nextRequest(), .userId = user, .keys = std::move(keys)});
    const RawFrame frame = client.expect<wire::UserAttributes>();
    const auto message = frame.decode<wire::UserAttributes>();
    return answerOf(message, message.code);
  }
  static std::uint32_t writeChannel(TestClient& client, const std::string& channel, AttributeAction action,
                                    const Entries& entries = {}, bool notify = false) {
    client.send(wire::ChannelAttributesWrite{.requestId = client.nextRequest(),
                                             .channelId = channel,
                                             .action = action,
                                             .entries = onWire(entries),
                                             .notify = notify});
    return client.expectResult();
  }
  static Answer readChannel(TestClient& client, const std::string& channel, std::vector<std::string_view> keys = {}) {
    client.send(
        wire::ChannelAttributesRead{.requestId = client.nextRequest(), .channelId = channel, .keys = std::move(keys)});
    const RawFrame frame = client.expect<wire::ChannelAttributes>();
    const auto message = frame.decode<wire::ChannelAttributes>();
    return answerOf(message, message.code);
  }
  static Answer notice(TestClient& client) {
    const RawFrame frame = client.expect<wire::ChannelAttributesEvent>();
    return answerOf(frame.decode<wire::ChannelAttributesEvent>(), 0);
  }
  std::unique_ptr<TestClient> resume(const std::string& user, const Login& session) {
    auto client = connect();
    client->send(wire::Resume{.appId = kStaticApp,
                              .userId = user,
                              .token = {},
                              .sessionId = session.sessionId,
                              .resumeToken = session.resumeToken,
                              .inboxEpoch = session.inboxEpoch,
                              .inboxOffset = 0,
                              .channels = {},
                              .firstUnansweredSeq = 1});
    EXPECT_TRUE(client->expect<wire::ResumeResult>().decode<wire::ResumeResult>().resumed);
    return client;
  }
};
INSTANTIATE_TEST_SUITE_P(Loops, Attributes, ::testing::Values(1U, 2U));

TEST_P(Attributes, OfAUserAreReadByEverybodyInTheApp) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  const auto elsewhere = login("carol", kOtherStaticApp);
  EXPECT_EQ(0U, write(*alice, AttributeAction::Set, {{"b", "2"}, {"a", "1"}}));
  EXPECT_EQ((Entries{{"a", "1"}, {"b", "2"}}), read(*bob, "alice").entries);
  EXPECT_EQ((Entries{{"b", "2"}}), read(*bob, "alice", {"b", "none"}).entries);
  EXPECT_EQ(0U, read(*alice, "bob").code);
  EXPECT_EQ(6U, read(*elsewhere, "alice").code);
  EXPECT_EQ(6U, read(*bob, "nobody").code);
  EXPECT_EQ(3U, read(*bob, "a*b").code);
  EXPECT_EQ(3U, read(*bob, "alice", {""}).code);
}

TEST_P(Attributes, OfAUserChangeByAction) {
  start(options());
  const auto alice = login("alice");
  write(*alice, AttributeAction::Set, {{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(0U, write(*alice, AttributeAction::Merge, {{"b", "3"}, {"c", "4"}}));
  EXPECT_EQ((Entries{{"a", "1"}, {"b", "3"}, {"c", "4"}}), read(*alice, "alice").entries);
  EXPECT_EQ(0U, write(*alice, AttributeAction::Delete, {{"a", ""}, {"none", ""}}));
  EXPECT_EQ((Entries{{"b", "3"}, {"c", "4"}}), read(*alice, "alice").entries);
  EXPECT_EQ(0U, write(*alice, AttributeAction::Clear));
  EXPECT_EQ(Entries{}, read(*alice, "alice").entries);
  EXPECT_EQ(3U, write(*alice, AttributeAction::Set));
  EXPECT_EQ(3U, write(*alice, AttributeAction::Set, {{"k", ""}}));
  EXPECT_EQ(3U, write(*alice, AttributeAction::Set, {{std::string(33, 'k'), "v"}}));
}

TEST_P(Attributes, OfAUserAreRefusedAboveTheirSizeAndStayAsTheyWere) {
  start(options());
  const auto alice = login("alice");
  EXPECT_EQ(0U, write(*alice, AttributeAction::Set, {{"a", std::string(8192, 'x')}}));
  EXPECT_EQ(0U, write(*alice, AttributeAction::Merge, {{"b", std::string(8190, 'x')}})) << "16 KB exactly";
  EXPECT_EQ(4U, write(*alice, AttributeAction::Merge, {{"b", std::string(8191, 'x')}}));
  EXPECT_EQ(4U, write(*alice, AttributeAction::Set, {{"a", std::string(8193, 'x')}}));
  EXPECT_EQ(8190U, read(*alice, "alice").entries[1].second.size());
}

TEST_P(Attributes, AreRefusedAboveTheServersOwnLimits) {
  server::ServerOptions small = options();
  small.limits.userAttributes = {.entries = 3, .keyBytes = 4, .valueBytes = 10, .totalBytes = 20};
  small.limits.channelAttributes = {.entries = 2, .keyBytes = 5, .valueBytes = 40, .totalBytes = 60};
  start(small);
  const auto alice = login("alice");
  const auto user = [&](const Entries& entries) { return write(*alice, AttributeAction::Set, entries); };
  const auto channel = [&](const Entries& entries) {
    return writeChannel(*alice, "room", AttributeAction::Set, entries);
  };
  const auto x = [](std::size_t size) { return std::string(size, 'x'); };
  EXPECT_EQ(0U, user({{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(0U, user({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  EXPECT_EQ(4U, user({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}));
  EXPECT_EQ(4U, write(*alice, AttributeAction::Merge, {{"d", "4"}}));
  for (const auto& [size, code] : Cases{{3, 0}, {4, 0}, {5, 3}}) EXPECT_EQ(code, user({{x(size), "v"}}));
  for (const auto& [size, code] : Cases{{9, 0}, {10, 0}, {11, 4}}) EXPECT_EQ(code, user({{"k", x(size)}}));
  for (const auto& [size, code] : Cases{{7, 0}, {8, 0}, {9, 4}}) {
    EXPECT_EQ(code, user({{"a", x(10)}, {"b", x(size)}})) << "in total " << size + 12;
  }
  EXPECT_EQ(3U, read(*alice, "alice", {"12345"}).code);
  EXPECT_EQ(0U, channel({{"a", "1"}}));
  EXPECT_EQ(0U, channel({{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(4U, channel({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
  for (const auto& [size, code] : Cases{{4, 0}, {5, 0}, {6, 3}}) EXPECT_EQ(code, channel({{x(size), "v"}}));
  for (const auto& [size, code] : Cases{{39, 0}, {40, 0}, {41, 4}}) {
    EXPECT_EQ(code, channel({{"k", x(size)}}));
  }
  for (const auto& [size, code] : Cases{{17, 0}, {18, 0}, {19, 4}}) {
    EXPECT_EQ(code, channel({{"a", x(40)}, {"b", x(size)}})) << "in total " << size + 42;
  }
  EXPECT_EQ(3U, readChannel(*alice, "room", {"123456"}).code);
}

TEST_P(Attributes, WithoutLimitsAreAsManyAsAFrameCarries) {
  server::ServerOptions large = options();
  large.limits.channelAttributes = {};
  start(large);
  const auto alice = login(std::string(64, 'a'));
  alice->join("room");
  Entries entries;
  for (int i = 0; i < 128; ++i) {
    const std::string number = std::to_string(1000 + i);
    entries.emplace_back(number + std::string(124, 'k'), std::string(256, 'v'));
  }
  ASSERT_EQ(0U, writeChannel(*alice, "room", AttributeAction::Set, entries, true)) << "48 KiB, and 128 of them";
  EXPECT_EQ(entries, readChannel(*alice, "room").entries);
  EXPECT_EQ(entries, notice(*alice).entries);
  EXPECT_EQ(4U, writeChannel(*alice, "room", AttributeAction::Merge, {{entries[0].first, std::string(257, 'v')}}));
  EXPECT_EQ(4U, writeChannel(*alice, "empty", AttributeAction::Set, {{"k", std::string(48 * 1024, 'v')}}));
  EXPECT_EQ(0U, writeChannel(*alice, "empty", AttributeAction::Set, {{"k", std::string(48 * 1024 - 1, 'v')}}));
}

TEST_P(Attributes, OfAUserEndWithTheSessionAndSurviveAResume) {
  start(options());
  const auto bob = login("bob");
  auto alice = login("alice");
  write(*alice, AttributeAction::Set, {{"a", "1"}});
  const Login session = alice->session();
  alice->cut();
  EXPECT_EQ((Entries{{"a", "1"}}), read(*bob, "alice").entries);
  alice = resume("alice", session);
  EXPECT_EQ((Entries{{"a", "1"}}), read(*bob, "alice").entries);
  alice->logout();
  EXPECT_EQ(6U, read(*bob, "alice").code);
  alice = login("alice");
  const Answer fresh = read(*bob, "alice");
  EXPECT_EQ(0U, fresh.code);
  EXPECT_EQ(Entries{}, fresh.entries);
}

TEST_P(Attributes, OfAChannelAreWrittenByAnybodyAndStampedByTheServer) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  EXPECT_EQ(0U, writeChannel(*alice, "room", AttributeAction::Set, {{"b", "2"}, {"a", "1"}}));
  EXPECT_EQ(0U, writeChannel(*bob, "room", AttributeAction::Merge, {{"b", "3"}}));
  const Answer answer = readChannel(*alice, "room");
  EXPECT_EQ((Entries{{"a", "1"}, {"b", "3"}}), answer.entries);
  EXPECT_EQ((std::vector<std::string>{"alice", "bob"}), answer.writers);
  const std::uint64_t now = std::uint64_t{nowSeconds()} * 1000;
  EXPECT_NEAR(static_cast<double>(now), static_cast<double>(answer.times[0]), 5000);
  constexpr std::uint64_t kClockStepMs = 10;  // each loop stamps with its own clock, which it reads once a turn
  EXPECT_LE(answer.times[0], answer.times[1] + kClockStepMs);
  const Answer unknown = readChannel(*alice, "another");
  EXPECT_EQ(0U, unknown.code);
  EXPECT_EQ(Entries{}, unknown.entries);
  EXPECT_EQ(3U, readChannel(*alice, "null").code);
  EXPECT_EQ(3U, writeChannel(*alice, "null", AttributeAction::Clear));
}

TEST_P(Attributes, OfAChannelHoldTwiceAsMuchAndComeInOneFrame) {
  start(options());
  const auto alice = login(std::string(64, 'a'));
  alice->join(std::string(64, 'c'));
  Entries entries;
  for (char i = 0; i < 32; ++i) entries.emplace_back(std::string(31, 'k') + static_cast<char>('A' + i), "");
  for (auto& [key, value] : entries) value = std::string(1024 - 32, 'v');
  EXPECT_EQ(0U, writeChannel(*alice, std::string(64, 'c'), AttributeAction::Set, entries, true));
  EXPECT_EQ(entries, readChannel(*alice, std::string(64, 'c')).entries);
  EXPECT_EQ(entries, notice(*alice).entries);
  EXPECT_EQ(4U, writeChannel(*alice, std::string(64, 'c'), AttributeAction::Merge,
                             {{entries[0].first, std::string(993, 'v')}}));
}

TEST_P(Attributes, OfAChannelReachAllMembersIfTheWriterAsks) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  const auto outsider = login("carol");
  alice->join("room");
  bob->join("room");
  EXPECT_EQ(0U, writeChannel(*outsider, "room", AttributeAction::Set, {{"a", "1"}}));
  EXPECT_EQ(0U, writeChannel(*alice, "room", AttributeAction::Merge, {{"b", "2"}}, true));
  EXPECT_EQ((Entries{{"a", "1"}, {"b", "2"}}), notice(*bob).entries) << "the first one told of the second write";
  EXPECT_EQ((Entries{{"a", "1"}, {"b", "2"}}), notice(*alice).entries);
  EXPECT_EQ(4U, writeChannel(*alice, "room", AttributeAction::Merge, {{"b", std::string(8193, 'x')}}, true));
  EXPECT_EQ(0U, writeChannel(*outsider, "room", AttributeAction::Clear, {}, true));
  EXPECT_EQ(Entries{}, notice(*bob).entries) << "and nothing told of the refused one";
  outsider->settle();
  EXPECT_EQ(0U, outsider->count(wire::FrameKind::ChannelAttributesEvent));
}

TEST_P(Attributes, OfAChannelAreWrittenByItsMembersOnlyIfTheServerSaysSo) {
  server::ServerOptions closed = options();
  closed.channelAttributesWriters = server::ChannelAttributesWriters::Members;
  start(closed);
  const auto alice = login("alice");
  const auto outsider = login("carol");
  alice->join("room");
  EXPECT_EQ(0U, writeChannel(*alice, "room", AttributeAction::Set, {{"a", "1"}}, true));
  EXPECT_EQ((Entries{{"a", "1"}}), notice(*alice).entries);
  EXPECT_EQ(2U, writeChannel(*outsider, "room", AttributeAction::Set, {{"a", "2"}}, true));
  EXPECT_EQ(2U, writeChannel(*outsider, "empty", AttributeAction::Set, {{"a", "2"}}));
  EXPECT_EQ((Entries{{"a", "1"}}), readChannel(*outsider, "room").entries) << "everybody reads";
  alice->leave("room");
  EXPECT_EQ(2U, writeChannel(*alice, "room", AttributeAction::Clear));
  EXPECT_EQ((Entries{{"a", "1"}}), readChannel(*alice, "room").entries);
  EXPECT_EQ(0U, alice->count(wire::FrameKind::ChannelAttributesEvent));
}

TEST_P(Attributes, OfManyChannelsAreRefusedToAWriterWhoseNoticesCostTooMuch) {
  start(options());
  constexpr int kMembers = 10;
  constexpr int kChannels = 40;
  const auto channel = [](int number) { return "room" + std::to_string(number); };
  std::vector<std::unique_ptr<TestClient>> members;
  for (int i = 0; i < kMembers; ++i) {
    members.push_back(login("member" + std::to_string(i)));
    for (int number = 0; number < kChannels; ++number) members.back()->join(channel(number));
  }
  const auto writer = login("writer");
  // 31 KiB for ten members, 120 times: 36 MiB, of which 8 are free and 4 are paid each second.
  std::map<std::uint32_t, std::pair<int, std::string>> asked;
  for (int round = 0; round < 3; ++round) {
    for (int number = 0; number < kChannels; ++number) {
      const std::string value = std::to_string(round) + std::string(7800, 'x');
      const std::uint32_t request = writer->nextRequest();
      asked[request] = {number, value};
      writer->send(
          wire::ChannelAttributesWrite{.requestId = request,
                                       .channelId = channel(number),
                                       .action = AttributeAction::Set,
                                       .entries = onWire({{"a", value}, {"b", value}, {"c", value}, {"d", value}}),
                                       .notify = true});
    }
  }
  std::map<int, std::string> written;
  int refused = 0;
  std::map<std::uint32_t, std::uint32_t> codes;
  while (codes.size() < asked.size()) {
    const RawFrame frame = writer->expect<wire::Result>();
    const auto result = frame.decode<wire::Result>();
    ASSERT_TRUE(asked.contains(result.requestId));
    codes[result.requestId] = result.code;
  }
  for (const auto& [request, code] : codes) {
    refused += code == 5 ? 1 : 0;
    EXPECT_TRUE(code == 0 || code == 5) << code;
    if (code == 0) written[asked[request].first] = asked[request].second;
  }
  EXPECT_LT(0, refused);
  EXPECT_FALSE(written.empty());
  EXPECT_EQ(0U, writeChannel(*writer, "quiet", AttributeAction::Set, {{"a", "1"}})) << "nobody is told, so it is free";
  for (int number = 0; number < kChannels; ++number) {
    const Entries entries = readChannel(*members[0], channel(number)).entries;
    EXPECT_EQ(written[number], entries.empty() ? std::string() : entries[0].second)
        << "what was refused changed nothing";
  }
  EXPECT_EQ(0U, writeChannel(*members[0], channel(0), AttributeAction::Clear, {}, true)) << "others pay for themselves";
}

TEST_P(Attributes, OfAnEmptyChannelAreRemovedAfterATime) {
  server::ServerOptions quick = options();
  quick.engineParameters.attributeAfterlifeMs = 400;
  start(quick);
  const auto alice = login("alice");
  alice->join("room");
  writeChannel(*alice, "room", AttributeAction::Set, {{"a", "1"}});
  writeChannel(*alice, "empty", AttributeAction::Set, {{"b", "2"}});
  EXPECT_TRUE(eventually([&] { return readChannel(*alice, "empty").entries.empty(); }));
  EXPECT_EQ((Entries{{"a", "1"}}), readChannel(*alice, "room").entries);
  alice->leave("room");
  EXPECT_EQ((Entries{{"a", "1"}}), readChannel(*alice, "room").entries);
  EXPECT_TRUE(eventually([&] { return readChannel(*alice, "room").entries.empty(); }));
}

TEST_P(Attributes, OfAChannelAreNotWrittenTwiceByARequestRepeatedAfterAResume) {
  start(options());
  auto alice = login("alice");
  const Login session = alice->session();
  const auto bob = login("bob");
  bob->join("room");
  const Entries own{{"k", "alice's"}};
  const wire::ChannelAttributesWrite mine{
      .requestId = 77, .channelId = "room", .action = AttributeAction::Set, .entries = onWire(own), .notify = true};
  alice->send(mine);
  EXPECT_EQ("alice's", notice(*bob).entries[0].second);
  writeChannel(*bob, "room", AttributeAction::Set, {{"k", "bob's"}});
  alice->cut();
  alice = resume("alice", session);
  alice->send(mine);
  const RawFrame frame = alice->expect<wire::Result>();
  EXPECT_EQ(77U, frame.decode<wire::Result>().requestId);
  EXPECT_EQ(0U, frame.decode<wire::Result>().code);
  EXPECT_EQ((Entries{{"k", "bob's"}}), readChannel(*bob, "room").entries);
  EXPECT_EQ(0U, bob->count(wire::FrameKind::ChannelAttributesEvent));
}

TEST_P(Attributes, OfAChannelReachAMemberAfterItsResume) {
  start(options());
  auto alice = login("alice");
  const Login session = alice->session();
  const auto bob = login("bob");
  alice->join("room");
  alice->cut();
  writeChannel(*bob, "room", AttributeAction::Set, {{"a", "1"}}, true);
  alice = resume("alice", session);
  EXPECT_EQ((Entries{{"a", "1"}}), notice(*alice).entries);
}

TEST_P(Attributes, CallsAreCountedByGroup) {
  server::ServerOptions counted = options();
  for (std::size_t group = static_cast<std::size_t>(wire::RateGroup::UserAttributesWrite);
       group <= static_cast<std::size_t>(wire::RateGroup::ChannelAttributesRead); ++group) {
    counted.limits.rates[group] = {2, 60'000};
  }
  start(counted);
  const auto alice = login("alice");
  for (const std::uint32_t expected : {0U, 0U, 5U}) {
    EXPECT_EQ(expected, write(*alice, AttributeAction::Clear));
    EXPECT_EQ(expected, read(*alice, "alice").code);
    EXPECT_EQ(expected, writeChannel(*alice, "room", AttributeAction::Clear));
    EXPECT_EQ(expected, readChannel(*alice, "room").code);
  }
}

TEST_P(Attributes, CallsRepeatedAfterAResumeAreNotTooOften) {
  server::ServerOptions counted = options();
  counted.limits.rates[static_cast<std::size_t>(wire::RateGroup::UserAttributesWrite)] = {2, 60'000};
  start(counted);
  auto alice = login("alice");
  const Login session = alice->session();
  EXPECT_EQ(0U, write(*alice, AttributeAction::Clear));
  EXPECT_EQ(0U, write(*alice, AttributeAction::Clear));
  alice->cut();
  alice = resume("alice", session);
  EXPECT_EQ(0U, write(*alice, AttributeAction::Clear));
  EXPECT_EQ(0U, write(*alice, AttributeAction::Clear));
  EXPECT_EQ(5U, write(*alice, AttributeAction::Clear));
}

}  // namespace
}  // namespace rtm::test
