// Call invitations between two users of the C++ library over a real server (docs/spec/semantics.md §7).

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>

#include "integration/server_and_bots.hpp"

namespace rtm::test {
namespace {

using CallInvitation = ServerAndBots;

TEST_F(CallInvitation, IsReceivedAcceptedAndConfirmedWithContentAndResponse) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  call->setContent("lunch?");
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), agora::rtm::INVITATION_API_CALL_ERR_OK);
  EXPECT_EQ(alice.calls->sendLocalInvitation(call), agora::rtm::INVITATION_API_CALL_ERR_ALREADY_SENT);
  ASSERT_TRUE(bob.diary.has("call from alice: lunch?")) << bob.diary.all();
  ASSERT_TRUE(alice.diary.has("ringing")) << alice.diary.all();
  bob.incoming->setResponse("at noon");
  ASSERT_EQ(bob.calls->acceptRemoteInvitation(bob.incoming), agora::rtm::INVITATION_API_CALL_ERR_OK);
  EXPECT_TRUE(alice.diary.has("accepted at noon")) << alice.diary.all();
  EXPECT_TRUE(bob.diary.has("acceptance confirmed")) << bob.diary.all();
  EXPECT_EQ(call->getState(), agora::rtm::LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE);
  EXPECT_STREQ(call->getResponse(), "at noon");
  EXPECT_EQ(bob.calls->acceptRemoteInvitation(bob.incoming), agora::rtm::INVITATION_API_CALL_ERR_ALREADY_END);
  EXPECT_EQ(alice.calls->cancelLocalInvitation(call), agora::rtm::INVITATION_API_CALL_ERR_ALREADY_END);
  call->release();
}

TEST_F(CallInvitation, CanBeRefused) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
  ASSERT_TRUE(bob.diary.has("call from alice: ")) << bob.diary.all();
  bob.incoming->setResponse("busy");
  ASSERT_EQ(bob.calls->refuseRemoteInvitation(bob.incoming), 0);
  EXPECT_TRUE(bob.diary.has("refusal done"));
  EXPECT_TRUE(alice.diary.has("refused busy")) << alice.diary.all();
  call->release();
}

TEST_F(CallInvitation, CanBeCanceledWhileItRings) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  EXPECT_EQ(alice.calls->cancelLocalInvitation(call), agora::rtm::INVITATION_API_CALL_ERR_NOT_STARTED);
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
  ASSERT_TRUE(alice.diary.has("ringing")) << alice.diary.all();
  ASSERT_EQ(alice.calls->cancelLocalInvitation(call), 0);
  EXPECT_TRUE(alice.diary.has("canceled"));
  EXPECT_TRUE(bob.diary.has("call canceled")) << bob.diary.all();
  EXPECT_EQ(bob.calls->acceptRemoteInvitation(bob.incoming), agora::rtm::INVITATION_API_CALL_ERR_ALREADY_END);
  call->release();
}

TEST_F(CallInvitation, ReachesACalleeWhoLogsInWhileItIsRepeated) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
  bob.login();
  EXPECT_TRUE(bob.diary.has("call from alice: ")) << bob.diary.all();
  EXPECT_TRUE(alice.diary.has("ringing")) << alice.diary.all();
  call->release();
}

TEST_F(CallInvitation, FailsWhenTheCalleeStaysOffline) {
  Bot alice(kAppId, "alice", endpoint, R"({"invitation_send_ms":300})");
  alice.login();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("nobody");
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
  EXPECT_TRUE(alice.diary.has("failed " + std::to_string(agora::rtm::LOCAL_INVITATION_ERR_PEER_OFFLINE)))
      << alice.diary.all();
  call->release();
}

TEST_F(CallInvitation, ExpiresOnBothSidesWhenNobodyActs) {
  const std::string shortened = R"({"invitation_ms":500})";
  Bot alice(kAppId, "alice", endpoint, shortened);
  Bot bob(kAppId, "bob", endpoint, shortened);
  alice.login();
  bob.login();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
  EXPECT_TRUE(alice.diary.has("failed " + std::to_string(agora::rtm::LOCAL_INVITATION_ERR_INVITATION_EXPIRE)))
      << alice.diary.all();
  EXPECT_TRUE(bob.diary.has("call failed " + std::to_string(agora::rtm::REMOTE_INVITATION_ERR_INVITATION_EXPIRE)))
      << bob.diary.all();
  call->release();
}

TEST_F(CallInvitation, EndsOnBothSidesWhenTheCalleeLogsOut) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  bob.login();
  agora::rtm::ILocalCallInvitation* early = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(early), 0);  // not logged in: accepted, and fails by callback
  EXPECT_TRUE(alice.diary.has("failed " + std::to_string(agora::rtm::LOCAL_INVITATION_ERR_NOT_LOGGEDIN)));
  early->release();
  alice.login();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
  ASSERT_TRUE(bob.diary.has("call from alice: ")) << bob.diary.all();
  ASSERT_EQ(bob.service->logout(), 0);
  EXPECT_TRUE(bob.diary.has("call failed " + std::to_string(agora::rtm::REMOTE_INVITATION_ERR_PEER_OFFLINE)))
      << bob.diary.all();
  call->release();
}

TEST_F(CallInvitation, MayBeReleasedAfterItsManager) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  agora::rtm::ILocalCallInvitation* sent = alice.calls->createLocalCallInvitation("bob");
  agora::rtm::ILocalCallInvitation* idle = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(sent), 0);
  alice.calls->release();
  EXPECT_STREQ(sent->getCalleeId(), "bob");
  sent->release();
  idle->release();
  alice.calls = nullptr;
}

TEST_F(CallInvitation, EndsSilentlyWithItsService) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  agora::rtm::ILocalCallInvitation* sent = alice.calls->createLocalCallInvitation("bob");
  agora::rtm::ILocalCallInvitation* idle = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(sent), 0);
  alice.service->release(true);
  EXPECT_EQ(alice.calls->sendLocalInvitation(idle), agora::rtm::INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(alice.calls->cancelLocalInvitation(sent), agora::rtm::INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(alice.calls->createLocalCallInvitation("bob"), nullptr);
  EXPECT_STREQ(sent->getCalleeId(), "bob");
  sent->release();
  idle->release();
  EXPECT_EQ(alice.diary.all(), "login\n");
}

TEST_F(CallInvitation, OfACalleeMayBeReleasedAfterItsManager) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  std::vector<agora::rtm::IRemoteCallInvitation*> received;
  for (const char* content : {"one", "two"}) {
    agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
    call->setContent(content);
    ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
    ASSERT_TRUE(bob.diary.has(std::string("call from alice: ") + content)) << bob.diary.all();
    received.push_back(bob.incoming);
    call->release();
  }
  ASSERT_EQ(bob.calls->refuseRemoteInvitation(received[0]), 0);  // one has ended, one still rings
  bob.calls->release();
  bob.calls = nullptr;
  EXPECT_STREQ(received[0]->getContent(), "one");
  EXPECT_STREQ(received[1]->getContent(), "two");
  for (agora::rtm::IRemoteCallInvitation* each : received) each->release();
}

/// Releases everything that it has in the middle of its handler, and goes on using its own memory.
class Quitter final : public agora::rtm::IRtmServiceEventHandler, public agora::rtm::IRtmCallEventHandler {
 public:
  void onLoginSuccess() override { diary.write("login"); }
  void onRemoteInvitationReceived(agora::rtm::IRemoteCallInvitation* invitation) override {
    calls->release();
    service->release(false);
    diary.write(std::string("released in the call of ") + invitation->getCallerId());
  }

  Diary diary;
  agora::rtm::IRtmService* service = nullptr;
  agora::rtm::IRtmCallManager* calls = nullptr;
};

TEST_F(CallInvitation, LetsItsHandlerReleaseManagerAndService) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  Quitter bob;
  bob.service = agora::rtm::createRtmService();
  ASSERT_EQ(bob.service->initialize(kAppId.c_str(), &bob), 0);
  ASSERT_EQ(bob.service->setParameters(("{\"rtm.endpoints\":\"" + endpoint + "\"}").c_str()), 0);
  bob.calls = bob.service->getRtmCallManager(&bob);
  ASSERT_EQ(bob.service->login("", "bob"), 0);
  ASSERT_TRUE(bob.diary.has("login")) << bob.diary.all();
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  ASSERT_EQ(alice.calls->sendLocalInvitation(call), 0);
  EXPECT_TRUE(bob.diary.has("released in the call of alice")) << bob.diary.all();
  call->release();
}

/// Holds up its service's events until it is told to go on.
class Slow final : public agora::rtm::IRtmServiceEventHandler {
 public:
  void onLoginSuccess() override {
    entered.set_value();
    goOn.get_future().wait();
  }

  std::promise<void> entered;
  std::promise<void> goOn;
};

TEST_F(CallInvitation, NeedsNoWaitForAHandlerToMakeManagersAndChannels) {
  Slow slow;
  agora::rtm::IRtmService* service = agora::rtm::createRtmService();
  ASSERT_EQ(service->initialize(kAppId.c_str(), &slow), 0);
  ASSERT_EQ(service->setParameters(("{\"rtm.endpoints\":\"" + endpoint + "\"}").c_str()), 0);
  ASSERT_EQ(service->login("", "slow"), 0);
  slow.entered.get_future().wait();
  class : public agora::rtm::IRtmCallEventHandler {
  } calls;
  class : public agora::rtm::IChannelEventHandler {
  } channel;
  // A handler that waits for the thread that makes these would wait for ever.
  std::future<bool> made = std::async(std::launch::async, [&] {
    return service->getRtmCallManager(&calls) != nullptr && service->createChannel("room", &channel) != nullptr;
  });
  EXPECT_EQ(made.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  slow.goOn.set_value();
  EXPECT_TRUE(made.get());
  service->getRtmCallManager(&calls)->release();
  service->release(true);
}

TEST_F(CallInvitation, RefusesBadArguments) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  EXPECT_EQ(alice.calls->createLocalCallInvitation("a/b"), nullptr);
  EXPECT_EQ(alice.calls->sendLocalInvitation(nullptr), agora::rtm::INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  EXPECT_EQ(alice.calls->acceptRemoteInvitation(nullptr), agora::rtm::INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  agora::rtm::ILocalCallInvitation* call = alice.calls->createLocalCallInvitation("bob");
  call->setContent(std::string(8 * 1024 + 1, 'x').c_str());
  EXPECT_EQ(alice.calls->sendLocalInvitation(call), agora::rtm::INVITATION_API_CALL_ERR_INVALID_ARGUMENT);
  call->setContent(std::string(8 * 1024, 'x').c_str());
  EXPECT_EQ(alice.calls->sendLocalInvitation(call), agora::rtm::INVITATION_API_CALL_ERR_OK);
  call->release();
}

}  // namespace
}  // namespace rtm::test
