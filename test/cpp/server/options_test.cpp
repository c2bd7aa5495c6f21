#include "server/options.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtm::server {
namespace {

ServerOptions validOptions() {
  ServerOptions options;
  options.apps = {{std::string(32, 'a'), {}}};
  return options;
}

/// What validate() says of options that `change` has changed; empty: nothing.
template <typename Change>
std::string complaintOf(Change change) {
  ServerOptions options = validOptions();
  change(options);
  const auto valid = validate(options);
  return valid ? std::string() : valid.failure().message;
}

TEST(ServerOptionsTest, AreValidByDefault) {
  EXPECT_EQ(complaintOf([](ServerOptions&) {}), "");
}

TEST(ServerOptionsTest, TakeTheLeastAndTheMostOfASetting) {
  EXPECT_EQ(complaintOf([](ServerOptions& options) {
              options.loops = 64;
              options.heartbeatMs = 1;
              options.graceMs = 86'400'000;
              options.mediaStoreBytes = ~std::uint64_t{0};
              options.retention.offlineMessages = 0;
              options.engineParameters.attributeAfterlifeMs = 1;
            }),
            "");
}

TEST(ServerOptionsTest, NameTheSettingTheBoundsAndTheValue) {
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.loops = 0; }), "loops: expected 1 to 64, got 0");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.loops = 65; }), "loops: expected 1 to 64, got 65");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.graceMs = 86'400'001; }),
            "times.grace: expected 1 to 86400000, got 86400001");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.mediaStoreBytes = 0; }),
            "media.storeBytes: expected at least 1, got 0");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.retention.offlineMs = 0; }),
            "retention.offlineMs: expected at least 1, got 0");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.engineParameters.attributeAfterlifeMs = 0; }),
            "times.attributes: expected 1 to 86400000, got 0");
}

TEST(ServerOptionsTest, NameTheExemptNetworkThatIsWrong) {
  EXPECT_EQ(complaintOf([](ServerOptions& options) {
              options.exemptNetworks = {"10.0.0.0/8", "10.0.0.1/8"};
            }),
            "admission.exempt: expected an address whose bits behind the length are 0, got \"10.0.0.1/8\"");
}

TEST(ServerOptionsTest, AreNotBelowTheTableOfTheSdkByDefault) {
  ServerOptions options = validOptions();
  EXPECT_EQ(shortfalls(options), std::vector<std::string>{});
  options.limits = Limits::off();
  options.admission.logins = 1;
  EXPECT_EQ(shortfalls(options), std::vector<std::string>{}) << "without call frequencies nobody counts logins";
}

struct ShortfallCase {
  const char* name;
  void (*change)(ServerOptions&);
  const char* line;
};
class Shortfalls : public ::testing::TestWithParam<ShortfallCase> {};

TEST_P(Shortfalls, NameTheRow) {
  ServerOptions options = validOptions();
  GetParam().change(options);
  std::vector<std::string> expected;
  if (*GetParam().line != 0) expected.emplace_back(GetParam().line);
  EXPECT_EQ(expected, shortfalls(options));
}

RateRule& rateOf(ServerOptions& options, wire::RateGroup group) {
  return options.limits.rates[static_cast<std::size_t>(group)];
}

const ShortfallCase kShortfalls[] = {
    {"Size", [](ServerOptions& options) { options.limits.messageBytes = 1000; },
     "limits.messageBytes: 1000 is below the table of the SDK, which needs 32768"},
    {"NoSizeLimit", [](ServerOptions& options) { options.limits.messageBytes = 0; }, ""},
    {"LargerSize", [](ServerOptions& options) { options.limits.messageBytes = 40'000; }, ""},
    {"AttributeSize", [](ServerOptions& options) { options.limits.channelAttributes.entries = 31; },
     "limits.channelAttributes: 31 is below the table of the SDK, which needs 32"},
    {"Rate",
     [](ServerOptions& options) {
       rateOf(options, wire::RateGroup::Send) = {1499, 3000};
     },
     "limits.rates.send: 1499 in 3000 ms is below the table of the SDK, which needs 1500 in 3000 ms"},
    {"SameRateWithLessAtOnce",
     [](ServerOptions& options) {
       rateOf(options, wire::RateGroup::Send) = {500, 1000};
     },
     "limits.rates.send: 500 in 1000 ms is below the table of the SDK, which needs 1500 in 3000 ms"},
    {"MoreInAShorterTime",
     [](ServerOptions& options) {
       rateOf(options, wire::RateGroup::Send) = {1500, 1000};
     },
     ""},
    {"LongerWindow",
     [](ServerOptions& options) {
       rateOf(options, wire::RateGroup::Send) = {2999, 6000};
     },
     "limits.rates.send: 2999 in 6000 ms is below the table of the SDK, which needs 1500 in 3000 ms"},
    {"LongerWindowWithEnough",
     [](ServerOptions& options) {
       rateOf(options, wire::RateGroup::Send) = {3000, 6000};
     },
     ""},
    {"LoginsOfAnAddress", [](ServerOptions& options) { options.admission.logins = 1; },
     "admission.logins: 1 is below the call frequency limits.rates.login, which lets one user log in 2 times in 1000 "
     "ms"},
    {"BurstOfAnAddress", [](ServerOptions& options) { options.admission.loginBurst = 1; },
     "admission.loginBurst: 1 is below the call frequency limits.rates.login, which lets one user log in 2 times in "
     "1000 ms"},
    {"NoRateOfAddresses", [](ServerOptions& options) { options.admission.logins = 0; }, ""},
};
INSTANTIATE_TEST_SUITE_P(Table, Shortfalls, ::testing::ValuesIn(kShortfalls),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace rtm::server
