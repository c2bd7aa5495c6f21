#include "net/admission/pending_links.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/resolve/socket_address.hpp"

namespace rtm::net::test {
namespace {

AddressPrefix prefixOf(const std::string& address) {
  return AddressPrefix::of(*SocketAddress::parse(address, 1));
}

/// A table of places with names for the clients, so that a test can say who was dropped.
class PendingLinksTest : public ::testing::Test {
 protected:
  PendingPlace enter(const std::string& name, const std::string& address, std::uint64_t nowMs = 0) {
    auto place = links().enter(prefixOf(address), nowMs, [this, name] { dropped.push_back(name); });
    entered = place.has_value();
    return place ? std::move(*place) : PendingPlace();
  }
  PendingLinks& links() {
    if (links_ == nullptr) links_ = std::make_shared<PendingLinks>(limits);
    return *links_;
  }

  PendingLinks::Limits limits{.total = 4, .perPrefix = 3, .firstByteMs = 3000, .firstByteOfManyMs = 1000};
  std::vector<std::string> dropped;
  bool entered = false;

 private:
  std::shared_ptr<PendingLinks> links_;
};

TEST_F(PendingLinksTest, APrefixIsAnIpv4AddressOrAnIpv6Network) {
  EXPECT_EQ(prefixOf("192.0.2.7").kind, AddressPrefix::Kind::V4);
  EXPECT_EQ(prefixOf("::ffff:192.0.2.7"), prefixOf("192.0.2.7"));
  EXPECT_NE(prefixOf("192.0.2.7"), prefixOf("192.0.2.8"));
  EXPECT_EQ(prefixOf("2001:db8:1:2::1"), prefixOf("2001:db8:1:2:ffff::9"));
  EXPECT_NE(prefixOf("2001:db8:1:2::1"), prefixOf("2001:db8:1:3::1"));
  EXPECT_EQ(prefixOf("2001:db8:1:2::1").kind, AddressPrefix::Kind::V6);
}

TEST_F(PendingLinksTest, AFullPrefixDropsItsOldestSilentClientForTheNewcomer) {
  const auto a = enter("a", "192.0.2.1");
  const auto b = enter("b", "192.0.2.1");
  const auto c = enter("c", "192.0.2.1");
  const auto d = enter("d", "192.0.2.1");
  EXPECT_TRUE(entered);
  EXPECT_EQ(dropped, std::vector<std::string>{"a"});
  EXPECT_EQ(links().size(), 3u);
  EXPECT_EQ(links().counters().dropped, 1u);
}

TEST_F(PendingLinksTest, WhoHasSentSomethingOutlivesWhoIsSilent) {
  auto oldest = enter("oldest", "192.0.2.1");
  auto older = enter("older", "192.0.2.1");
  const auto silent = enter("silent", "192.0.2.1");
  oldest.moveTo(PendingStage::AwaitingLogin);
  older.moveTo(PendingStage::Handshaking);
  const auto next = enter("next", "192.0.2.1");
  EXPECT_EQ(dropped, std::vector<std::string>{"silent"});
  dropped.clear();
  PendingPlace last = enter("last", "192.0.2.1");
  EXPECT_EQ(dropped, std::vector<std::string>{"next"});
  last.moveTo(PendingStage::AwaitingLogin);
  const auto another = enter("another", "192.0.2.1");
  EXPECT_EQ(dropped, (std::vector<std::string>{"next", "older"}));
}

TEST_F(PendingLinksTest, WhenAllPlacesAreTakenTheLargestPrefixMakesRoom) {
  const auto good = enter("good", "192.0.2.1");
  const auto a = enter("a", "192.0.2.2");
  const auto b = enter("b", "192.0.2.2");
  const auto c = enter("c", "192.0.2.2");
  const auto newcomer = enter("newcomer", "192.0.2.3");
  EXPECT_TRUE(entered);
  EXPECT_EQ(dropped, std::vector<std::string>{"a"});
  EXPECT_EQ(links().sizeOf(prefixOf("192.0.2.2")), 2u);
}

TEST_F(PendingLinksTest, WhoWaitsForTheServerGoesOnlyForASmallerPrefix) {
  std::vector<PendingPlace> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(enter("waiting " + std::to_string(i), "192.0.2.1"));
    waiting.back().moveTo(PendingStage::WaitsForUs);
  }
  const auto refused = enter("refused", "192.0.2.1");
  EXPECT_FALSE(entered);
  EXPECT_EQ(links().counters().refused, 1u);
  PendingPlace other = enter("other", "192.0.2.2");
  EXPECT_TRUE(entered);
  other.moveTo(PendingStage::WaitsForUs);
  EXPECT_FALSE(links().dropOne());
  PendingPlace third = enter("third", "192.0.2.3");  // the one that came last has waited least
  EXPECT_TRUE(entered);
  third.moveTo(PendingStage::WaitsForUs);
  EXPECT_EQ(dropped, std::vector<std::string>{"waiting 2"});
  const auto fourth = enter("fourth", "192.0.2.2");
  EXPECT_FALSE(entered) << "its prefix would hold as many places as the largest";
}

TEST_F(PendingLinksTest, TimeThatAClientWaitedForTheServerDoesNotCountAgainstIt) {
  PendingPlace served = enter("served", "192.0.2.1");
  PendingPlace slow = enter("slow", "192.0.2.1");
  served.moveTo(PendingStage::WaitsForUs);
  slow.moveTo(PendingStage::Handshaking);
  served.moveTo(PendingStage::Handshaking);  // the server has answered only now
  const auto third = enter("third", "192.0.2.1");
  PendingPlace leaving = enter("leaving", "192.0.2.1");
  EXPECT_EQ(dropped, std::vector<std::string>{"third"});
  leaving.moveTo(PendingStage::Leaving);
  PendingPlace fifth = enter("fifth", "192.0.2.1");
  fifth.moveTo(PendingStage::AwaitingLogin);
  const auto sixth = enter("sixth", "192.0.2.1");
  EXPECT_EQ(dropped, (std::vector<std::string>{"third", "leaving", "slow"}));
}

TEST_F(PendingLinksTest, ASilentClientIsDroppedInTimeAndSoonerInAPrefixWithMany) {
  limits = {.total = 12, .perPrefix = 6, .firstByteMs = 3000, .firstByteOfManyMs = 1000};
  const auto first = enter("first", "192.0.2.1", 1000);
  links().sweep(3999);
  EXPECT_TRUE(dropped.empty());
  links().sweep(4000);
  EXPECT_EQ(dropped, std::vector<std::string>{"first"});
  dropped.clear();
  PendingPlace greeted = enter("greeted", "192.0.2.1", 5000);
  greeted.moveTo(PendingStage::Handshaking);
  const auto alone = enter("alone", "192.0.2.2", 5000);
  std::vector<PendingPlace> many;
  for (int i = 0; i < 3; ++i) many.push_back(enter("many", "192.0.2.3", 5000));
  links().sweep(5999);
  EXPECT_TRUE(dropped.empty());
  links().sweep(6000);
  EXPECT_EQ(dropped, (std::vector<std::string>(3, "many")));
  links().sweep(8000);
  EXPECT_EQ(dropped.size(), 4u);
  EXPECT_EQ(links().size(), 1u) << "who has sent something has the listener's own time limit";
  EXPECT_EQ(links().counters().silent, 5u);
}

TEST_F(PendingLinksTest, APlaceIsGivenBackOnceAndAlsoByAMove) {
  PendingPlace a = enter("a", "192.0.2.1");
  PendingPlace moved = std::move(a);
  EXPECT_EQ(links().size(), 1u);
  moved.release();
  moved.release();
  EXPECT_EQ(links().size(), 0u);
  PendingPlace b = enter("b", "192.0.2.1");
  b = PendingPlace();
  EXPECT_EQ(links().size(), 0u);
  EXPECT_FALSE(links().dropOne());
  EXPECT_TRUE(dropped.empty());
}

TEST_F(PendingLinksTest, WhoTakesAClientOverSaysHowToDropIt) {
  PendingPlace place = enter("first owner", "192.0.2.1");
  place.onDrop([this] { dropped.emplace_back("second owner"); });
  EXPECT_TRUE(links().dropOne());
  EXPECT_EQ(dropped, std::vector<std::string>{"second owner"});
  place.onDrop([this] { dropped.emplace_back("too late"); });  // it has no place any more
  EXPECT_FALSE(links().dropOne());
}

TEST_F(PendingLinksTest, AnIpv6SiteHasABoundOfItsOwnAndItsLargestPrefixMakesRoom) {
  limits = {.total = 100, .perPrefix = 50, .perSite = 4};
  const auto a = enter("a", "2001:db8:1:1::1");
  const auto b = enter("b", "2001:db8:1:2::1");
  const auto c = enter("c", "2001:db8:1:2::2");
  const auto d = enter("d", "2001:db8:1:3::1");
  const auto other = enter("another site", "2001:db8:2::1");
  EXPECT_TRUE(dropped.empty());
  const auto e = enter("e", "2001:db8:1:4::1");
  EXPECT_TRUE(entered);
  EXPECT_EQ(dropped, std::vector<std::string>{"b"});
  EXPECT_EQ(links().sizeOfSite(prefixOf("2001:db8:1:9::").site()), 4u);
}

TEST_F(PendingLinksTest, ASiteWhoseClientsAllWaitForTheServerKeepsThemFromPrefixesOfTheSameSize) {
  limits = {.total = 100, .perPrefix = 50, .perSite = 3};
  std::vector<PendingPlace> waiting;
  for (const char* address : {"2001:db8:1:1::1", "2001:db8:1:2::1", "2001:db8:1:3::1"}) {
    waiting.push_back(enter(address, address));
    waiting.back().moveTo(PendingStage::WaitsForUs);
  }
  const auto newcomer = enter("newcomer", "2001:db8:1:4::1");
  EXPECT_FALSE(entered) << "the largest prefix would be no larger than its own";
  waiting.push_back(enter("another site", "2001:db8:2::1"));
  EXPECT_TRUE(entered);
}

TEST_F(PendingLinksTest, ManyPrefixesOfOneSiteAreNoMoreThanOneForTheOthers) {
  limits = {.total = 6, .perPrefix = 5, .perSite = 5};
  // The highest address of all: equal sizes must not make it the victim.
  const auto good = enter("good", "3fff::1");
  std::vector<PendingPlace> many;
  for (int i = 0; i < 20; ++i) many.push_back(enter("many", "2001:db8:1:" + std::to_string(i) + "::1"));
  const auto second = enter("second", "192.0.2.1");
  EXPECT_TRUE(entered);
  EXPECT_EQ(dropped, std::vector<std::string>(16, "many"));
  EXPECT_EQ(links().size(), 6u);
}

TEST_F(PendingLinksTest, AnExemptPrefixHasOnlyTheBoundForAll) {
  limits = {.total = 4, .perPrefix = 1, .perSite = 1, .exempt = PrefixList::parse({"10.0.0.0/8"}).value()};
  std::vector<PendingPlace> proxy;
  for (int i = 0; i < 4; ++i) proxy.push_back(enter("proxy " + std::to_string(i), "10.1.2.3"));
  EXPECT_TRUE(dropped.empty());
  const auto newcomer = enter("newcomer", "192.0.2.1");
  EXPECT_EQ(dropped, std::vector<std::string>{"proxy 0"});
}

}  // namespace
}  // namespace rtm::net::test
