#pragma once

// A real server on loopback over TLS, for bots that use the C++ library.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "integration/bot.hpp"
#include "server/server.hpp"

namespace rtm::test {

inline const std::string kAppId = "0123456789abcdef0123456789abcdef";

class ServerAndBots : public ::testing::Test {
 protected:
  void SetUp() override {
    server::ServerOptions options;
    options.host = "127.0.0.1";
    options.port = 0;
    options.loops = 2;
    options.apps = {{.appId = kAppId, .certificates = {}}};
    adjust(options);
    auto started = server::Server::start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.failure().message;
    server = std::move(started.value());
    endpoint = "rtms://127.0.0.1:" + std::to_string(server->port()) + "#sha256=" + server->fingerprint();
  }

  virtual void adjust(server::ServerOptions&) {}

  std::unique_ptr<server::Server> server;
  std::string endpoint;
};

}  // namespace rtm::test
