#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "history/history.hpp"

namespace rtm::history {
namespace {

/// A history in short steps: alice is process 1, bob is process 2, both have a session.
class Story {
 public:
  Story() {
    add({.what = What::Start, .process = 1, .user = "alice"});
    add({.what = What::Start, .process = 2, .user = "bob"});
    add({.what = What::LoggedIn, .process = 1});
    add({.what = What::LoggedIn, .process = 2});
  }

  Story& add(Event event) {
    event.ms = ms_;
    events_.push_back(std::move(event));
    return *this;
  }
  Story& wait(std::uint64_t ms) {
    ms_ += ms;
    return *this;
  }
  Story& send(long long message, bool stored = false) {
    return add({.what = What::Send, .process = 1, .message = message, .to = "bob", .stored = stored});
  }
  Story& publish(long long message) {
    return add({.what = What::Send, .process = 1, .message = message, .channel = "room"});
  }
  Story& result(long long message, Outcome outcome) {
    return add({.what = What::Result, .process = 1, .message = message, .outcome = outcome});
  }
  Story& receive(long long message, Process process = 2, const char* channel = "") {
    return add({.what = What::Receive, .process = process, .message = message, .to = "alice", .channel = channel});
  }
  Story& bob(What what, const char* channel = "", bool clean = false) {
    return add({.what = what, .process = 2, .channel = channel, .clean = clean});
  }
  /// The next process of bob.
  Story& bobAgain() {
    add({.what = What::Start, .process = 3, .user = "bob"});
    return add({.what = What::LoggedIn, .process = 3});
  }

  std::vector<std::string> judged(Order order = Order::Exact) const {
    std::vector<std::string> texts;
    for (const Violation& violation : judge(events_, order)) texts.push_back(violation.text);
    return texts;
  }

 private:
  std::vector<Event> events_;
  std::uint64_t ms_ = 0;
};

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(JudgeTest, WhatHappensInAGoodWorldIsFine) {
  Story story;
  story.send(1).send(2).receive(1).receive(2).result(1, Outcome::Delivered).result(2, Outcome::Delivered);
  story.bob(What::Joined, "room").publish(3).receive(3, 2, "room").result(3, Outcome::Delivered);
  story.bob(What::LogOut).bob(What::LoggedOut, "", true).send(4).result(4, Outcome::Unreachable);
  story.send(5, true).result(5, Outcome::Cached).bobAgain().receive(5, 3);
  EXPECT_THAT(story.judged(), IsEmpty());
}

TEST(JudgeTest, AMessageArrivesOnce) {
  EXPECT_THAT(Story().send(1).receive(1).receive(1).result(1, Outcome::Delivered).judged(),
              ElementsAre(HasSubstr("arrives twice")));
}

TEST(JudgeTest, TheNextProcessGetsAgainOnlyWhatACrashLeftInDoubt) {
  Story crash;
  crash.send(1, true).receive(1).bob(What::Crash).result(1, Outcome::Unknown).bobAgain().receive(1, 3);
  EXPECT_THAT(crash.judged(), IsEmpty());
  Story goodOrder;
  goodOrder.send(1, true).receive(1).result(1, Outcome::Delivered).bob(What::LogOut);
  goodOrder.bob(What::LoggedOut, "", true).bobAgain().receive(1, 3);
  EXPECT_THAT(goodOrder.judged(), ElementsAre(HasSubstr("had ended in good order")));
}

TEST(JudgeTest, MessagesOfOneSenderKeepTheirOrder) {
  Story story;
  story.send(1).send(2).receive(2).receive(1).result(1, Outcome::Delivered).result(2, Outcome::Delivered);
  EXPECT_THAT(story.judged(), ElementsAre(HasSubstr("message 1 arrives behind message 2")));
}

TEST(JudgeTest, AMessageComesFromItsSenderToItsReceiver) {
  Story stranger;
  stranger.send(1).add({.what = What::Receive, .process = 2, .message = 1, .to = "carol"});
  stranger.result(1, Outcome::Delivered);
  EXPECT_THAT(stranger.judged(), ElementsAre(HasSubstr("from another user")));
  EXPECT_THAT(Story().receive(7).judged(), ElementsAre(HasSubstr("which nobody has sent")));
}

TEST(JudgeTest, WhatWasCalledDeliveredHadArrived) {
  EXPECT_THAT(Story().send(1).result(1, Outcome::Delivered).receive(1).judged(),
              ElementsAre(HasSubstr("called delivered, and has not arrived")));
}

TEST(JudgeTest, WhatWasCachedArrivesUnlessTheServerForgets) {
  Story story;
  story.bob(What::LogOut).send(1, true).result(1, Outcome::Cached);
  EXPECT_THAT(story.judged(), ElementsAre(HasSubstr("was cached, and never arrives")));
  EXPECT_THAT(story.add({.what = What::ServerForgets}).judged(), IsEmpty());
}

TEST(JudgeTest, WhatWasSaidNotToArriveDoesNot) {
  for (const Outcome outcome : {Outcome::Unreachable, Outcome::Failed, Outcome::Unsent}) {
    Story story;
    story.bob(What::LogOut).send(1).result(1, outcome).bobAgain().receive(1, 3);
    EXPECT_THAT(story.judged(), ElementsAre(HasSubstr("its sender was told that it does not")));
  }
}

TEST(JudgeTest, AUserWhoseSessionGoesOnIsNotUnreachable) {
  EXPECT_THAT(Story().send(1).result(1, Outcome::Unreachable).judged(),
              ElementsAre(HasSubstr("the session of its receiver went on")));
  Story resumed;
  resumed.send(1).result(1, Outcome::Unreachable).bob(What::Resumed);
  EXPECT_THAT(resumed.judged(), Contains(HasSubstr("the session of its receiver went on")));
  Story lost;
  lost.send(1).result(1, Outcome::Unreachable).bob(What::LoggedIn);
  EXPECT_THAT(lost.judged(), IsEmpty());
  // A process that stands still reads first that its session went on, and then that it has ended since.
  Story still;
  still.bob(What::Suspend).send(1).result(1, Outcome::Unreachable).wait(1000).bob(What::Wake).bob(What::Resumed);
  EXPECT_THAT(Story(still).bob(What::LoggedOut).judged(), IsEmpty());
  EXPECT_THAT(Story(still).wait(200).bob(What::LoggedOut).judged(), Contains(HasSubstr("went on")));
}

TEST(JudgeTest, AMemberGetsWhatTheServerTookOrHearsOfTheGap) {
  Story missing;
  missing.bob(What::Joined, "room").publish(1).result(1, Outcome::Delivered);
  EXPECT_THAT(missing.judged(), ElementsAre(HasSubstr("message 1 did not reach bob#2")));
  EXPECT_THAT(missing.bob(What::Missed, "room").judged(), IsEmpty());
  Story earlier;  // a gap that is told before the send is none of it
  earlier.bob(What::Joined, "room").bob(What::Missed, "room").publish(1).result(1, Outcome::Delivered);
  EXPECT_THAT(earlier.judged(), ElementsAre(HasSubstr("did not reach")));
  Story rejoining;  // a gap lasts until the member has joined again: the next message ends it
  rejoining.bob(What::Joined, "room").bob(What::Missed, "room").publish(1).result(1, Outcome::Delivered);
  rejoining.publish(2).receive(2, 2, "room").result(2, Outcome::Delivered);
  EXPECT_THAT(rejoining.judged(), IsEmpty());
  EXPECT_THAT(rejoining.publish(3).result(3, Outcome::Delivered).publish(4).receive(4, 2, "room").judged(),
              Contains(HasSubstr("message 3 did not reach")));
  Story slow;  // and not for ever
  slow.bob(What::Joined, "room").bob(What::Missed, "room").wait(5001).publish(1).result(1, Outcome::Delivered);
  EXPECT_THAT(slow.publish(2).receive(2, 2, "room").judged(), Contains(HasSubstr("message 1 did not reach")));
  Story calm;  // long after the send, and by its own will
  calm.bob(What::Joined, "room").publish(1).result(1, Outcome::Delivered).wait(3000).bob(What::LogOut, "", true);
  EXPECT_THAT(calm.judged(), ElementsAre(HasSubstr("did not reach")));
  for (const What end : {What::Crash, What::LogOut, What::LoggedOut}) {
    Story gone;
    gone.bob(What::Joined, "room").publish(1).result(1, Outcome::Delivered).bob(end);
    EXPECT_THAT(gone.judged(), IsEmpty());
  }
}

TEST(JudgeTest, AMessageToBeStoredIsNotLostOnceTheServerHadIt) {
  Story lost;
  lost.send(1, true).send(2).bob(What::Crash).result(2, Outcome::Cached).wait(10'000).result(1, Outcome::Unknown);
  EXPECT_THAT(lost.judged(), Contains(HasSubstr("was to be stored, the server had it")));
  EXPECT_THAT(lost.add({.what = What::ServerDies}).judged(), testing::Not(Contains(HasSubstr("was to be stored"))));
  Story anotherLink;  // what a link had taken when it broke may never have reached the server
  anotherLink.send(1, true).add({.what = What::Resumed, .process = 1}).send(2).receive(2);
  anotherLink.result(2, Outcome::Delivered).wait(10'000).result(1, Outcome::Unknown);
  EXPECT_THAT(anotherLink.judged(), IsEmpty());
}

TEST(JudgeTest, ASendHasOneResultInTime) {
  EXPECT_THAT(Story().send(1).judged(), ElementsAre(HasSubstr("has no result")));
  EXPECT_THAT(Story().send(1).add({.what = What::Crash, .process = 1}).judged(), IsEmpty());
  EXPECT_THAT(Story().send(1).result(1, Outcome::Unknown).result(1, Outcome::Unknown).judged(),
              ElementsAre(HasSubstr("a second result")));
  EXPECT_THAT(Story().result(9, Outcome::Unknown).judged(), ElementsAre(HasSubstr("which nobody has sent")));
  EXPECT_THAT(Story().send(1).wait(kResultMs + kSlackMs + 1).result(1, Outcome::Unknown).judged(),
              ElementsAre(HasSubstr("took 10501 ms")));
  Story still;
  still.send(1).add({.what = What::Suspend, .process = 1}).wait(60'000).add({.what = What::Wake, .process = 1});
  EXPECT_THAT(still.result(1, Outcome::Unknown).judged(), IsEmpty());
}

TEST(JudgeTest, AProcessThatWasKilledMayHaveHadMoreThanItSaid) {
  Story killed;
  killed.send(1).result(1, Outcome::Delivered).bob(What::Crash);
  EXPECT_THAT(killed.judged(Order::Processes), IsEmpty());
  Story alive;
  alive.send(1).result(1, Outcome::Delivered);
  EXPECT_THAT(alive.judged(Order::Processes), ElementsAre(HasSubstr("was called delivered, and never arrives")));
  Story late;  // the record of another process may come behind
  late.send(1).result(1, Outcome::Delivered).receive(1);
  EXPECT_THAT(late.judged(Order::Processes), IsEmpty());
}

TEST(ParseTest, ReadsWhatIsWrittenAndSaysWhatIsWrong) {
  std::string problem;
  const auto event = parse(
      R"({"ms": 12, "what": "send", "process": 3, "message": 4, "user": "a", "to": "b", "channel": "", "stored": true})",
      problem);
  ASSERT_TRUE(event) << problem;
  EXPECT_EQ(describe(*event), "   0.012 a#3 sends 4 to b");
  EXPECT_TRUE(event->stored);
  const auto result = parse(R"({"what": "result", "process": 3, "outcome": "cached"})", problem);
  ASSERT_TRUE(result) << problem;
  EXPECT_EQ(result->outcome, Outcome::Cached);
  for (const auto& [line, expected] : std::vector<std::pair<std::string, std::string>>{
           {"", "expected"},
           {"[]", "expected an object"},
           {"{}", "expected an object with"},
           {R"({"what": "jump"})", "what: unknown word \"jump\""},
           {R"({"what": "send", "process": "1"})", "process: expected a number"},
           {R"({"what": "result", "outcome": "good"})", "outcome: unknown word"}}) {
    EXPECT_FALSE(parse(line, problem)) << line;
    EXPECT_THAT(problem, HasSubstr(expected));
  }
}

}  // namespace
}  // namespace rtm::history
