#include "net/connect/parse_endpoint.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/schemes.hpp"

namespace rtm::net {
namespace {

const std::string kPin(64, 'a');

struct Good {
  std::string text;
  std::string host;
  std::uint16_t port;
  bool tls;
  std::string pin;
  std::uint32_t areas;
  std::string shown;
};

TEST(EndpointTest, ReadsWellFormedEndpoints) {
  const std::vector<Good> table = {
      {"rtms://example.com", "example.com", 9136, true, "", 0, "rtms://example.com:9136"},
      {"rtm://example.com:80", "example.com", 80, false, "", 0, "rtm://example.com:80"},
      {"RTMS://Example.COM:65535", "example.com", 65535, true, "", 0, "rtms://example.com:65535"},
      {"rtms://example.com.", "example.com", 9136, true, "", 0, "rtms://example.com:9136"},
      {"example.com:80", "example.com", 80, true, "", 0, "rtms://example.com:80"},
      {"[::1]:80#sha256=" + kPin, "::1", 80, true, kPin, 0, "rtms://[::1]:80#sha256=" + kPin},
      {"rtms://127.0.0.1:1", "127.0.0.1", 1, true, "", 0, "rtms://127.0.0.1:1"},
      {"rtms://[::1]", "::1", 9136, true, "", 0, "rtms://[::1]:9136"},
      {"rtms://[2001:db8::1]:443", "2001:db8::1", 443, true, "", 0, "rtms://[2001:db8::1]:443"},
      {"rtms://[fe80::1%eth9]:443", "fe80::1%eth9", 443, true, "", 0, "rtms://[fe80::1%eth9]:443"},
      {"rtms://rtm_server-1", "rtm_server-1", 9136, true, "", 0, "rtms://rtm_server-1:9136"},
      {"rtms://h:1#sha256=" + std::string(64, 'A'), "h", 1, true, kPin, 0, "rtms://h:1#sha256=" + kPin},
      {"rtms://h#area=CN", "h", 9136, true, "", 1, "rtms://h:9136#area=CN"},
      {"rtms://h#area=IN|NA&sha256=" + kPin, "h", 9136, true, kPin, 34, "rtms://h:9136#sha256=" + kPin + "&area=NA|IN"},
      {"rtms://h:7#udp=on", "h", 7, true, "", 0, "rtms://h:7#udp=on"},
      {"rtms://h:7#area=CN&udp=8", "h", 7, true, "", 1, "rtms://h:7#area=CN&udp=8"},
      {"rtms://h:7#udp=7", "h", 7, true, "", 0, "rtms://h:7#udp=on"},
      {"rtms://h:7#udp=off", "h", 7, true, "", 0, "rtms://h:7#udp=off"},
      {"rtmu://h:7#sha256=" + kPin, "h", 7, true, kPin, 0, "rtmu://h:7#sha256=" + kPin},
      {"rtm://h#area=GLOB", "h", 9136, false, "", 0xFFFFFFFF, "rtm://h:9136#area=GLOB"},
  };
  for (const Good& good : table) {
    const auto endpoint = parseEndpoint(good.text);
    ASSERT_TRUE(endpoint) << good.text << ": " << endpoint.failure().message;
    EXPECT_EQ(endpoint.value().host, good.host) << good.text;
    EXPECT_EQ(endpoint.value().port, good.port) << good.text;
    EXPECT_EQ(schemes::secure(endpoint.value().scheme), good.tls) << good.text;
    EXPECT_EQ(endpoint.value().pin, good.pin) << good.text;
    EXPECT_EQ(endpoint.value().areas, good.areas) << good.text;
    EXPECT_EQ(endpoint.value().toString(), good.shown) << good.text;
    const auto again = parseEndpoint(good.shown);
    ASSERT_TRUE(again) << good.shown;
    EXPECT_EQ(again.value().toString(), good.shown);
  }
}

TEST(EndpointTest, NamesTheWrongPart) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"", "the host is missing"},
      {":9136", "the host is missing"},
      {"example.com", "the scheme is missing, expected rtms://host (rtm:// without TLS), or host:port"},
      {"[::1]", "the scheme is missing"},
      {"https://example.com", "unknown scheme \"https\""},
      {"rtms://", "the host is missing"},
      {"rtms://:9136", "the host is missing"},
      {"rtms://user@example.com", "user names and passwords"},
      {"rtms://::1", "stands in brackets"},
      {"rtms://2001:db8::1:443", "stands in brackets"},
      {"rtms://[::1", "closing bracket"},
      {"rtms://[127.0.0.1]", "is not an IPv6 address"},
      {"rtms://[]", "is not an IPv6 address"},
      {"rtms://[::1]9136", "unexpected \"9136\""},
      {"rtms://256.1.1.1", "is not an IPv4 address"},
      {"rtms://127.1", "is not an IPv4 address"},
      {"rtms://2130706433", "is not an IPv4 address"},
      {"rtms://a..b", "1 to 63 bytes"},
      {"rtms://" + std::string(64, 'x'), "1 to 63 bytes"},
      {"rtms://" + std::string(300, 'x'), "300 bytes, at most 253"},
      {"rtms://bücher.example", "only letters"},
      {"rtms://a b", "only letters"},
      {"rtms://h:", "port \"\": expected a number"},
      {"rtms://h:0", "port \"0\""},
      {"rtms://h:65536", "port \"65536\""},
      {"rtms://h:99999999999", "port \"99999999999\""},
      {"rtms://h:-1", "port \"-1\""},
      {"rtms://h:80x", "port \"80x\""},
      {"rtms://h/path", "unexpected \"/path\""},
      {"rtms://h:1?x=1", "unexpected \"?x=1\""},
      {"rtms://h#", "unknown option \"\""},
      {"rtms://h#pin=1", "unknown option \"pin\""},
      {"rtms://h#sha256", "0 characters, expected 64"},
      {"rtms://h#sha256=ab", "2 characters, expected 64"},
      {"rtms://h#sha256=" + std::string(64, 'g'), "expected 64 hexadecimal digits"},
      {"rtms://h#sha256=" + kPin + "&sha256=" + kPin, "occurs twice"},
      {"rtm://h#sha256=" + kPin, "needs rtms://"},
      {"rtms://h#area=", "area \"\""},
      {"rtms://h#area=XX", "area \"XX\""},
      {"rtms://h#area=CN|", "area \"\""},
      {"rtms://h#area=CN&", "unknown option \"\""},
      {"rtms://h#udp=", "expected on, off, or a port"},
      {"rtms://h#udp=65536", "expected on, off, or a port"},
      {"rtms://h#udp=yes", "expected on, off, or a port"},
      {"rtm://h#udp=on", "needs rtms://"},
      {"rtmu://h#udp=on", "needs rtms://"},
  };
  for (const auto& [text, problem] : table) {
    const auto endpoint = parseEndpoint(text);
    ASSERT_FALSE(endpoint) << text;
    EXPECT_NE(endpoint.failure().message.find(problem), std::string::npos) << text << "\n"
                                                                           << endpoint.failure().message;
  }
}

TEST(EndpointTest, DoesNotRepeatEndlessInput) {
  const std::string endless(1'000'000, '7');
  for (const char* begin : {"", "://", "rtms://", "rtms://a", "rtms://a:", "rtms://[", "rtms://a#", "rtms://a#area="}) {
    for (const char* end : {"", "://a", "]", "/", "=x"}) {
      const auto endpoint = parseEndpoint(begin + endless + end);
      ASSERT_FALSE(endpoint) << begin << "…" << end;
      EXPECT_LT(endpoint.failure().message.size(), 1000u) << begin << "…" << end;
    }
  }
}

TEST(EndpointTest, ReadsListsSeparatedByCommasAndWhiteSpace) {
  const auto list = parseEndpoints(" rtms://a,rtms://b:1\n\trtm://c ,, ");
  ASSERT_TRUE(list) << list.failure().message;
  ASSERT_EQ(list.value().size(), 3u);
  EXPECT_EQ(list.value()[0].host, "a");
  EXPECT_EQ(list.value()[1].port, 1);
  EXPECT_EQ(list.value()[2].scheme, "rtm");
}

TEST(EndpointTest, RefusesListsThatAreEmptyOrPartlyWrong) {
  for (const char* text : {"", " ", ",", "\n"}) {
    const auto list = parseEndpoints(text);
    ASSERT_FALSE(list) << text;
    EXPECT_NE(list.failure().message.find("is empty"), std::string::npos);
  }
  const auto list = parseEndpoints("rtms://a rtms://b:x");
  ASSERT_FALSE(list);
  EXPECT_NE(list.failure().message.find("\"rtms://b:x\""), std::string::npos);
}

}  // namespace
}  // namespace rtm::net
