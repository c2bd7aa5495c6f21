#include "net/admission/prefix_list.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/resolve/socket_address.hpp"

namespace rtm::net::test {
namespace {

struct ListCase {
  const char* name;
  std::vector<std::string> networks;
  const char* address;
  bool contained;
};
class PrefixLists : public ::testing::TestWithParam<ListCase> {};

TEST_P(PrefixLists, Contain) {
  const ListCase& table = GetParam();
  const auto list = PrefixList::parse(table.networks);
  ASSERT_TRUE(list.ok()) << list.failure().message;
  EXPECT_EQ(table.contained, list.value().contains(AddressPrefix::of(*SocketAddress::parse(table.address, 1))));
}

const ListCase kListCases[] = {
    {"NothingInAnEmptyOne", {}, "192.0.2.1", false},
    {"AnAddress", {"192.0.2.1"}, "192.0.2.1", true},
    {"NotTheNextAddress", {"192.0.2.1"}, "192.0.2.2", false},
    {"TheLastOfANetwork", {"192.0.2.0/24"}, "192.0.2.255", true},
    {"NotTheFirstBehindANetwork", {"192.0.2.0/24"}, "192.0.3.0", false},
    {"OddLengths", {"192.0.2.128/25"}, "192.0.2.129", true},
    {"NotTheOtherHalf", {"192.0.2.128/25"}, "192.0.2.127", false},
    {"EveryIpv4Address", {"0.0.0.0/0"}, "203.0.113.9", true},
    {"NoIpv6AddressOfAnIpv4Network", {"0.0.0.0/0"}, "2001:db8::1", false},
    {"AMappedAddress", {"192.0.2.0/24"}, "::ffff:192.0.2.7", true},
    {"AnIpv6Network", {"2001:db8::/32"}, "2001:db8:ffff:1::1", true},
    {"NotTheNextIpv6Network", {"2001:db8::/32"}, "2001:db9::1", false},
    {"AnIpv6Subnet", {"2001:db8:1:2::/64"}, "2001:db8:1:2::9", true},
    {"TheSubnetOfAnIpv6Address", {"::1"}, "::1", true},
    {"AnyOfSeveral", {"192.0.2.1", "2001:db8::/32", "10.0.0.0/8"}, "10.9.8.7", true},
};
INSTANTIATE_TEST_SUITE_P(Table, PrefixLists, ::testing::ValuesIn(kListCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(PrefixList, NamesTheEntryThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "expected a network such as 192.0.2.0/24 or 2001:db8::/32, got \"\""},
      {"example.org", "expected a network such as 192.0.2.0/24 or 2001:db8::/32, got \"example.org\""},
      {"192.0.2.0/", "expected a network such as 192.0.2.0/24 or 2001:db8::/32, got \"192.0.2.0/\""},
      {"192.0.2.0/-1", "expected a network such as 192.0.2.0/24 or 2001:db8::/32, got \"192.0.2.0/-1\""},
      {"192.0.2.0/24 ", "expected a network such as 192.0.2.0/24 or 2001:db8::/32, got \"192.0.2.0/24 \""},
      {"192.0.2.0/33", "expected at most /32, got \"192.0.2.0/33\""},
      {"192.0.2.1/24", "expected an address whose bits behind the length are 0, got \"192.0.2.1/24\""},
      {"2001:db8::/65", "expected at most /64, because the server counts whole /64 networks, got \"2001:db8::/65\""},
      {"2001:db8::1/64", "expected an address whose bits behind the length are 0, got \"2001:db8::1/64\""},
      {"::ffff:10.0.0.0/104",
       "expected an IPv4 network in its own form, such as 192.0.2.0/24, got \"::ffff:10.0.0.0/104\""},
  };
  for (const auto& [text, message] : wrong) {
    const auto list = PrefixList::parse({"192.0.2.0/24", text});
    ASSERT_FALSE(list.ok()) << text;
    EXPECT_EQ(message, list.failure().message);
  }
}

}  // namespace
}  // namespace rtm::net::test
