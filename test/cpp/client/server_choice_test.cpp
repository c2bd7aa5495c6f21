// Which server comes next, as tables: rounds, hints of servers that go away, and refusals.

#include "client/connection/server_choice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/connect/parse_endpoint.hpp"

namespace rtm::client {
namespace {

const std::string kPin(64, 'a');
const std::string kOtherPin(64, 'b');

ServerChoice::Endpoints endpoints(const std::string& list) {
  return net::parseEndpoints(list).value();
}

std::string hosts(const ServerChoice::Endpoints& list) {
  std::string names;
  for (const net::Endpoint& endpoint : list) names += (names.empty() ? "" : " ") + endpoint.host;
  return names;
}

constexpr std::uint32_t kEverywhere = ~std::uint32_t{0};

TEST(ServerChoice, EachServerHasOneTurnInARound) {
  const auto three = endpoints("rtm://a rtm://b rtm://c");
  ServerChoice choice;
  choice.begin();
  EXPECT_EQ(hosts(choice.next(three, kEverywhere)), "a b c");
  choice.onUseless(three[0].toString(), false);
  EXPECT_TRUE(choice.another(three, kEverywhere));
  EXPECT_EQ(hosts(choice.next(three, kEverywhere)), "b c");
  choice.onUseless(three[1].toString(), false);
  choice.onUseless(three[2].toString(), false);
  EXPECT_FALSE(choice.another(three, kEverywhere));
  EXPECT_EQ(hosts(choice.next(three, kEverywhere)), "a b c") << "a new round";
}

TEST(ServerChoice, ARoundEndsWhenTheRestCannotBeReached) {
  const auto two = endpoints("rtm://a rtm://b");
  ServerChoice choice;
  choice.onUseless(two[0].toString(), false);
  choice.endRound();
  EXPECT_EQ(hosts(choice.next(two, kEverywhere)), "a b");
}

TEST(ServerChoice, TheServerOfTheSessionHasThreeTurns) {
  const auto two = endpoints("rtm://a rtm://b");
  ServerChoice choice;
  choice.onEstablished(two[0].toString());
  for (int turn = 1; turn <= 2; ++turn) {
    choice.onUseless(two[0].toString(), true);
    EXPECT_EQ(hosts(choice.next(two, kEverywhere)), "a b") << turn;
  }
  choice.onUseless(two[0].toString(), true);
  EXPECT_EQ(hosts(choice.next(two, kEverywhere)), "b");

  choice.onEstablished(two[0].toString());
  choice.onUseless(two[0].toString(), false);
  EXPECT_EQ(hosts(choice.next(two, kEverywhere)), "b") << "without a session it is a server like any other";
}

TEST(ServerChoice, OnlyServersOfAllowedAreasAreTried) {
  const auto tagged = endpoints("rtm://cn#area=CN rtm://eu#area=EU rtm://any");
  struct Row {
    const char* areas;
    const char* expected;
  };
  for (const Row& row : {Row{"CN", "cn any"}, Row{"EU", "eu any"}, Row{"JP", "any"}, Row{"GLOB", "cn eu any"}}) {
    ServerChoice choice;
    EXPECT_EQ(hosts(choice.next(tagged, net::areaCode(row.areas))), row.expected) << row.areas;
  }
  ServerChoice choice;
  EXPECT_EQ(hosts(choice.next(endpoints("rtm://cn#area=CN"), net::areaCode("EU"))), "");
  EXPECT_FALSE(choice.another(endpoints("rtm://cn#area=CN"), net::areaCode("EU")));
}

TEST(ServerChoice, AHintIsFollowedOnlyIfItNeedsNoNewTrust) {
  const std::string pinned = "rtms://own#sha256=" + kPin;
  struct Row {
    std::string configured;
    std::string told;
    bool taken;
    std::string text;
  };
  const std::vector<Row> rows{
      {"rtm://own", "rtm://new:1", true, "new:1"},
      {"rtm://own", "rtms://new", false, "new:9136: it has no pin, and all configured servers are pinned"},
      {"rtms://own", "rtms://new", true, "new:9136"},
      {"rtms://own", "rtm://new", false, "new:9136: it is without TLS"},
      {pinned, "rtms://new", false, "new:9136: it has no pin, and all configured servers are pinned"},
      {pinned, "rtms://new#sha256=" + kPin, true, "new:9136"},
      {pinned, "rtms://new#sha256=" + kOtherPin, false, "new:9136: its pin is none of the configured"},
      {pinned, "rtms://own", true, "own:9136"},  // ours, with the pin that we know
      {"rtms://own " + pinned, "rtms://new", true, "new:9136"},
  };
  for (const Row& row : rows) {
    ServerChoice choice;
    const auto configured = endpoints(row.configured);
    const std::vector<ServerChoice::Told> told = choice.tell({row.told}, configured);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].taken, row.taken) << row.configured << " told " << row.told;
    EXPECT_EQ(told[0].text, row.text);
    EXPECT_EQ(choice.anyTold(), row.taken);
  }
}

TEST(ServerChoice, ServersOfAGoodbyeComeFirstUntilTheNextLogin) {
  const auto own = endpoints("rtm://own");
  ServerChoice choice;
  choice.tell({"rtm://told"}, own);
  EXPECT_EQ(hosts(choice.next(own, kEverywhere)), "told own");
  choice.tell({"rtm://other"}, own);
  EXPECT_EQ(hosts(choice.next(own, kEverywhere)), "other own") << "the last word counts";
  choice.tell({"rtm://own"}, own);
  EXPECT_EQ(hosts(choice.next(own, kEverywhere)), "own") << "not twice";
  choice.tell({"rtm://told"}, own);
  choice.begin();
  EXPECT_EQ(hosts(choice.next(own, kEverywhere)), "own");
}

TEST(ServerChoice, NamesBeyondTheEighthAreIgnoredAndSoAreUnreadableOnes) {
  const auto own = endpoints("rtm://own");
  ServerChoice choice;
  const std::vector<std::string> names(ServerChoice::kMaxTold + 3, "rtm://told");
  EXPECT_EQ(choice.tell({names.begin(), names.end()}, own).size(), ServerChoice::kMaxTold);
  const std::vector<ServerChoice::Told> told = choice.tell({"nonsense://x"}, own);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_FALSE(told[0].taken);
  EXPECT_FALSE(choice.anyTold());
}

TEST(ServerChoice, ARefusalIsGivenOnceAndForgottenWithALogin) {
  ServerChoice choice;
  EXPECT_FALSE(choice.takeRefusal());
  choice.refuse(LoginCode::Rejected, "too old");
  const auto refusal = choice.takeRefusal();
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, LoginCode::Rejected);
  EXPECT_EQ(refusal->reason, "too old");
  EXPECT_FALSE(choice.takeRefusal());
  choice.refuse(LoginCode::Rejected, "too old");
  choice.onEstablished("rtm://a:9136");
  EXPECT_FALSE(choice.takeRefusal());
}

}  // namespace
}  // namespace rtm::client
