#include "server/options.hpp"

#include <gtest/gtest.h>

#include <string>

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
            "graceMs: expected 1 to 86400000, got 86400001");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.mediaStoreBytes = 0; }),
            "mediaStoreBytes: expected at least 1, got 0");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.retention.offlineMs = 0; }),
            "retention.offlineMs: expected at least 1, got 0");
  EXPECT_EQ(complaintOf([](ServerOptions& options) { options.engineParameters.attributeAfterlifeMs = 0; }),
            "engineParameters.attributeAfterlifeMs: expected 1 to 86400000, got 0");
}

}  // namespace
}  // namespace rtm::server
