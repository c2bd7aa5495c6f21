#include "sdk/fake_media_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>

namespace rtm::sdk::test {

namespace {

template <typename Message>
Message decoded(ByteView body) {
  Message message;
  EXPECT_TRUE(wire::decode(body, message));
  return message;
}

const Bytes kTicket(16, 7);

}  // namespace

FakeMediaServer::FakeMediaServer() {
  auto loop = net::IoLoop::start("fake-server");
  EXPECT_TRUE(loop.ok());
  loop_ = std::move(loop.value());
  std::promise<std::uint16_t> port;
  loop_->post([&] {
    auto listening = net::listen(*loop_, {.scheme = "rtm", .host = "127.0.0.1"}, [this](net::LinkHandle link) {
      connections_.push_back(std::make_unique<Connection>(*this, std::move(link)));
    });
    EXPECT_TRUE(listening.ok());
    listener_ = std::move(listening.value());
    port.set_value(listener_->port());
  });
  port_ = port.get_future().get();
}

FakeMediaServer::~FakeMediaServer() {
  loop_->post([this] {
    connections_.clear();
    listener_.reset();
  });
  loop_->stop();
}

bool FakeMediaServer::Connection::onFrame(wire::FrameKind kind, ByteView content) {
  FakeMediaServer& server = server_;
  switch (kind) {
    case wire::FrameKind::Hello:
      link->send(wire::HelloOk{
          .version = 1, .capabilities = static_cast<std::uint64_t>(wire::Capability::Resume), .serverVersion = "fake"});
      break;
    case wire::FrameKind::Login: {
      server.session_ = this;
      server.note("login");
      wire::LoginResult result{.sessionId = 1, .resumeToken = kTicket, .heartbeatMs = 1000};
      result.limits = wire::Limits{.mediaBytes = 1024 * 1024, .mediaTasks = 9};
      link->send(result);
      break;
    }
    case wire::FrameKind::Resume:
      server.session_ = this;
      server.note("resume");
      link->send(wire::ResumeResult{.resumed = server.resumes, .resumeToken = kTicket});
      break;
    case wire::FrameKind::Ping:
      link->send(wire::Pong{});
      break;
    case wire::FrameKind::Logout:
      link->send(wire::Result{});
      break;
    case wire::FrameKind::MediaUpload: {
      const auto request = decoded<wire::MediaUpload>(content);
      wire::MediaTicket answer{.requestId = request.requestId, .mediaId = "m1", .ticket = kTicket};
      answer.size = request.size;
      if (server.ticket) answer = server.ticket(request.requestId);
      server.note("ask");
      link->send(answer);
      break;
    }
    case wire::FrameKind::MediaDownload: {
      const auto request = decoded<wire::MediaDownload>(content);
      wire::MediaTicket answer{.requestId = request.requestId, .ticket = kTicket, .size = server.body.size()};
      if (server.ticket) answer = server.ticket(request.requestId);
      server.note("ask");
      link->send(answer);
      break;
    }
    case wire::FrameKind::MediaCancel:
      server.note("cancel " + std::to_string(decoded<wire::MediaCancel>(content).requestId));
      break;
    case wire::FrameKind::MediaOpen: {
      const auto open = decoded<wire::MediaOpen>(content);
      number = server.mediaConnections_++;
      server.note("open " + std::to_string(open.offset));
      if (server.onOpen) {
        server.onOpen(*this, open);
        break;
      }
      if (server.body.empty()) {
        ADD_FAILURE() << "an upload needs onOpen";
        break;
      }
      link->send(wire::MediaOpened{.offset = open.offset, .size = server.body.size()});
      sendBody(ByteView(server.body).subspan(open.offset));
      sendEnd(server.body);
      break;
    }
    case wire::FrameKind::MediaData: {
      const auto data = decoded<wire::MediaData>(content);
      server.received.insert(server.received.end(), data.data.begin(), data.data.end());
      if (server.onData) server.onData(*this, data.data);
      break;
    }
    case wire::FrameKind::MediaEnd: {
      const auto end = decoded<wire::MediaEnd>(content);
      server.note("body end");
      if (server.onEnd) {
        server.onEnd(*this, end);
        break;
      }
      Sha256 hash;
      hash.add(server.received);
      const Sha256::Digest digest = hash.finish();
      const bool whole = std::equal(digest.begin(), digest.end(), end.sha256.begin(), end.sha256.end());
      link->send(wire::MediaStored{.code = whole ? 0u : 1u});
      break;
    }
    default:
      break;
  }
  return link != nullptr;
}

void FakeMediaServer::note(std::string what) {
  {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(what));
  }
  changed_.notify_all();
}

bool FakeMediaServer::hasNote(const std::string& what) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(20),
                           [&] { return std::find(notes_.begin(), notes_.end(), what) != notes_.end(); });
}

int FakeMediaServer::count(const std::string& what) {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count(notes_.begin(), notes_.end(), what));
}

void FakeMediaServer::cutSession() {
  loop_->post([this] { session_->cut(); });
}

void FakeMediaServer::endSession(wire::ByeCode code) {
  loop_->post([this, code] {
    session_->link->send(wire::Bye{.code = code, .reason = "test"});
    session_->link->closeAfterFlush();
  });
}

}  // namespace rtm::sdk::test
