// One upload or download as a table with a clock of its own (docs/spec/semantics.md §8, limits.md §7,
// connection.md §1).

#include "client/media/media_task.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <ostream>
#include <string>

namespace rtm::client {

// Printing of a failed comparison.
void PrintTo(const MediaEffect& effect, std::ostream* out) {
  *out << "{action " << static_cast<int>(effect.action) << ", value " << effect.value << ", code " << effect.code
       << "}";
}

namespace {

using TaskPhase = MediaTask::Phase;

constexpr std::uint64_t kSize = 1000;
constexpr std::uint64_t kMost = 5000;
constexpr std::uint64_t kStart = 1'000'000;

MediaEffect does(MediaAction action, std::uint64_t value = 0) {
  return {.action = action, .value = value};
}
MediaEffects ends(int code) {
  return {does(MediaAction::CloseLink), {.action = MediaAction::End, .value = 0, .code = code}};
}

/// The last byte is told before the end.
MediaEffects endsWell() {
  MediaEffects effects = ends(media_code::kOk);
  effects.insert(effects.begin() + 1, does(MediaAction::Progress, kSize));
  return effects;
}
/// The first connection that moves the body.
MediaEffects begins() {
  return {does(MediaAction::Progress, 0), does(MediaAction::Move)};
}

/// A task with a clock; random is 0, so that waits are half of what they are at most.
struct Fixture {
  explicit Fixture(MediaDirection direction)
      : task(direction, direction == MediaDirection::Upload ? kSize : 0, kMost, MediaTimes{}, kStart) {}

  MediaEffects give(const MediaEvent& event) { return task.on(event, now, 0); }
  MediaEffects give(MediaInput input) { return give({.input = input}); }
  MediaEffects after(std::uint64_t ms) {
    now += ms;
    return give(MediaInput::Tick);
  }
  /// Ticks every 100 ms; all that came of it.
  MediaEffects pass(std::uint64_t ms) {
    MediaEffects all;
    for (std::uint64_t done = 0; done < ms; done += 100) {
      const MediaEffects some = after(100);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  MediaEffects moved(std::uint64_t offset) { return give({.input = MediaInput::Moved, .offset = offset}); }
  MediaEffects opened(std::uint64_t offset, std::uint64_t size = kSize) {
    return give({.input = MediaInput::Opened, .offset = offset, .size = size});
  }
  /// Brings it to a phase the normal way.
  Fixture& to(TaskPhase phase) {
    if (phase == TaskPhase::Asking) return *this;
    give({.input = MediaInput::Ticket, .size = kSize});
    if (phase == TaskPhase::Connecting) return *this;
    give(MediaInput::LinkUp);
    if (phase == TaskPhase::Opening) return *this;
    opened(0);
    if (phase == TaskPhase::Moving) return *this;
    moved(kSize);
    give(MediaInput::BodyEnd);
    if (phase == TaskPhase::Ending) return *this;
    give(task.direction() == MediaDirection::Upload ? MediaInput::Stored : MediaInput::Published);
    return *this;
  }

  MediaTask task;
  std::uint64_t now = kStart;
};

constexpr std::initializer_list<TaskPhase> kRunning{TaskPhase::Asking, TaskPhase::Connecting, TaskPhase::Opening,
                                                    TaskPhase::Moving, TaskPhase::Ending};
constexpr std::initializer_list<MediaDirection> kBoth{MediaDirection::Upload, MediaDirection::Download};

TEST(MediaTask, UploadGoesFromTicketToStored) {
  Fixture f(MediaDirection::Upload);
  EXPECT_EQ(f.give({.input = MediaInput::Ticket, .size = kSize}), MediaEffects{does(MediaAction::Connect)});
  EXPECT_EQ(f.give(MediaInput::LinkUp), MediaEffects{does(MediaAction::Open)});
  EXPECT_EQ(f.opened(0), begins());
  EXPECT_EQ(f.moved(kSize), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::BodyEnd), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::Stored), endsWell());
  EXPECT_EQ(f.task.phase(), TaskPhase::Done);
}

TEST(MediaTask, DownloadGoesFromTicketToItsPlace) {
  Fixture f(MediaDirection::Download);
  EXPECT_EQ(f.give({.input = MediaInput::Ticket, .size = kSize}), MediaEffects{does(MediaAction::Connect)});
  EXPECT_EQ(f.task.size(), kSize);
  EXPECT_EQ(f.give(MediaInput::LinkUp), MediaEffects{does(MediaAction::Open)});
  EXPECT_EQ(f.opened(0), begins());
  EXPECT_EQ(f.moved(kSize), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::BodyEnd), (MediaEffects{does(MediaAction::CloseLink), does(MediaAction::Publish)}));
  EXPECT_EQ(f.give(MediaInput::LinkLost), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::Published), endsWell());
}

TEST(MediaTask, EndsWithTheCodeOfEachAnswerOfTheServer) {
  for (const MediaDirection direction : kBoth) {
    Fixture ticket(direction);
    EXPECT_EQ(ticket.give({.input = MediaInput::Ticket, .code = 4}), ends(4));
    Fixture opened(direction);
    opened.to(TaskPhase::Opening);
    EXPECT_EQ(opened.give({.input = MediaInput::Refused, .code = 4}), ends(4));
  }
  for (const TaskPhase phase : {TaskPhase::Moving, TaskPhase::Ending}) {
    Fixture stored(MediaDirection::Upload);
    stored.to(phase);
    EXPECT_EQ(stored.give({.input = MediaInput::Stored, .code = 1}), ends(1));
  }
}

TEST(MediaTask, TreatsAnUnknownCodeAsAFailure) {
  for (const int code : {7, 101, 102, 1'000'000, -1}) {
    Fixture f(MediaDirection::Download);
    EXPECT_EQ(f.give({.input = MediaInput::Ticket, .code = code}), ends(media_code::kFailure)) << code;
  }
}

TEST(MediaTask, RefusesAnImpossibleSize) {
  for (const std::uint64_t size : {std::uint64_t{0}, kMost + 1, ~std::uint64_t{0}}) {
    Fixture f(MediaDirection::Download);
    EXPECT_EQ(f.give({.input = MediaInput::Ticket, .size = size}), ends(media_code::kFailure)) << size;
  }
}

TEST(MediaTask, RefusesAnOffsetOrSizeOfTheServerThatDoesNotFit) {
  struct Case {
    MediaDirection direction;
    std::uint64_t offset;
    std::uint64_t size;
  };
  for (const Case& c : {Case{MediaDirection::Upload, kSize + 1, kSize}, Case{MediaDirection::Upload, 0, kSize + 1},
                        Case{MediaDirection::Download, 1, kSize}, Case{MediaDirection::Download, 0, kSize - 1}}) {
    Fixture f(c.direction);
    f.to(TaskPhase::Opening);
    EXPECT_EQ(f.opened(c.offset, c.size), ends(media_code::kFailure)) << c.offset << " of " << c.size;
  }
}

TEST(MediaTask, DoesNotBelieveThatABodyIsStoredBeforeItsEnd) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Moving);
  EXPECT_EQ(f.give(MediaInput::Stored), ends(media_code::kFailure));
}

TEST(MediaTask, IsInterruptedInEveryPhaseAndIgnoresLaterInputs) {
  for (const MediaDirection direction : kBoth) {
    for (const TaskPhase phase : kRunning) {
      Fixture f(direction);
      f.to(phase);
      EXPECT_EQ(f.give(MediaInput::Interrupted), ends(media_code::kInterrupted)) << static_cast<int>(phase);
      for (const MediaInput input :
           {MediaInput::Ticket, MediaInput::LinkUp, MediaInput::LinkLost, MediaInput::Opened, MediaInput::Moved,
            MediaInput::Refused, MediaInput::BodyEnd, MediaInput::Stored, MediaInput::Published, MediaInput::Failed,
            MediaInput::Interrupted, MediaInput::SessionLost, MediaInput::SessionBack, MediaInput::SessionNew}) {
        EXPECT_EQ(f.give(input), MediaEffects{}) << static_cast<int>(input);
      }
      EXPECT_EQ(f.after(1'000'000), MediaEffects{});
    }
  }
}

TEST(MediaTask, FailsInEveryPhaseWhenItsOwnSideFails) {
  for (const MediaDirection direction : kBoth) {
    for (const TaskPhase phase : kRunning) {
      Fixture f(direction);
      f.to(phase);
      EXPECT_EQ(f.give({.input = MediaInput::Failed, .code = media_code::kFailure}), ends(media_code::kFailure));
    }
  }
}

TEST(MediaTask, TimesOutAfter120SecondsWithoutAByteInEveryPhase) {
  for (const MediaDirection direction : kBoth) {
    for (const TaskPhase phase : kRunning) {
      Fixture f(direction);
      f.to(phase);
      MediaEffects all = f.pass(119'900);
      for (const MediaEffect& effect : all) EXPECT_NE(effect.action, MediaAction::End) << static_cast<int>(phase);
      EXPECT_EQ(f.after(100), ends(media_code::kTimeout)) << static_cast<int>(phase);
    }
  }
}

TEST(MediaTask, CountsThe120SecondsFromTheLastByte) {
  Fixture f(MediaDirection::Download);
  f.to(TaskPhase::Moving);
  f.now += 100'000;
  f.moved(10);
  f.now += 119'000;
  EXPECT_NE(f.give(MediaInput::Tick), ends(media_code::kTimeout));
  EXPECT_EQ(f.after(1000), ends(media_code::kTimeout));
}

TEST(MediaTask, DoesNotCountRepeatedBytesAsProgress) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Moving);
  f.moved(500);
  f.now += 60'000;
  f.give(MediaInput::LinkLost);
  f.give(MediaInput::LinkUp);
  f.opened(0);  // the server has nothing of them
  f.moved(400);
  f.moved(500);
  f.now += 59'900;
  EXPECT_NE(f.give(MediaInput::Tick), ends(media_code::kTimeout));
  EXPECT_EQ(f.after(100), ends(media_code::kTimeout));
}

TEST(MediaTask, ReportsProgressOnceASecondWhileBytesMove) {
  Fixture f(MediaDirection::Download);
  f.to(TaskPhase::Moving);
  f.moved(100);
  EXPECT_EQ(f.pass(900), MediaEffects{});
  f.moved(150);
  EXPECT_EQ(f.pass(100), MediaEffects{does(MediaAction::Progress, 150)});
  f.moved(200);
  EXPECT_EQ(f.pass(1000), MediaEffects{does(MediaAction::Progress, 200)});
  EXPECT_EQ(f.pass(10'000), MediaEffects{});  // stalled
  f.moved(250);
  EXPECT_EQ(f.pass(100), MediaEffects{does(MediaAction::Progress, 250)});
}

TEST(MediaTask, ReportsStartAndEndOnce) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Opening);
  EXPECT_EQ(f.opened(0), begins());
  f.give(MediaInput::LinkLost);
  f.give(MediaInput::LinkUp);
  EXPECT_EQ(f.opened(0), MediaEffects{does(MediaAction::Move)});
  f.moved(kSize);
  EXPECT_EQ(f.after(1000), MediaEffects{does(MediaAction::Progress, kSize)});
  f.give(MediaInput::BodyEnd);
  EXPECT_EQ(f.give(MediaInput::Stored), ends(media_code::kOk));
}

TEST(MediaTask, NeverReportsLessThanBefore) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Moving);
  f.moved(500);
  EXPECT_EQ(f.after(1000), MediaEffects{does(MediaAction::Progress, 500)});
  f.give(MediaInput::LinkLost);
  f.give(MediaInput::LinkUp);
  f.opened(100);
  f.moved(300);
  EXPECT_EQ(f.after(1000), MediaEffects{});
  f.moved(501);
  EXPECT_EQ(f.after(1000), MediaEffects{does(MediaAction::Progress, 501)});
}

TEST(MediaTask, ConnectsAgainWithLongerWaitsAndTheSameTicket) {
  Fixture f(MediaDirection::Download);
  f.to(TaskPhase::Moving);
  f.moved(400);
  for (const std::uint64_t wait : std::initializer_list<std::uint64_t>{125, 250, 500, 1000, 2000, 4000, 4000, 4000}) {
    EXPECT_EQ(f.give(MediaInput::LinkLost), MediaEffects{does(MediaAction::Connect, wait)});
  }
  EXPECT_EQ(f.give(MediaInput::LinkUp), MediaEffects{does(MediaAction::Open, 400)});  // from where it is itself
  EXPECT_EQ(f.opened(400), MediaEffects{does(MediaAction::Move, 400)});
  f.moved(401);
  EXPECT_EQ(f.give(MediaInput::LinkLost), MediaEffects{does(MediaAction::Connect, 125)});  // a byte counts as success
}

TEST(MediaTask, WaitsAsLongAsTheServerAsks) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Moving);
  EXPECT_EQ(f.give({.input = MediaInput::LinkLost, .delayMs = 3000}), MediaEffects{does(MediaAction::Connect, 3000)});
}

TEST(MediaTask, ContinuesAtTheServersPosition) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Moving);
  f.moved(700);
  f.give(MediaInput::LinkLost);
  EXPECT_EQ(f.give(MediaInput::LinkUp), MediaEffects{does(MediaAction::Open)});
  EXPECT_EQ(f.opened(600), MediaEffects{does(MediaAction::Move, 600)});
}

TEST(MediaTask, RepeatsTheEndIfItsAnswerWasLost) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Ending);
  EXPECT_EQ(f.give(MediaInput::LinkLost), MediaEffects{does(MediaAction::Connect, 125)});
  f.give(MediaInput::LinkUp);
  EXPECT_EQ(f.opened(kSize), MediaEffects{does(MediaAction::Move, kSize)});
  EXPECT_EQ(f.give(MediaInput::BodyEnd), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::Stored), endsWell());
}

TEST(MediaTask, TriesAnotherConnectionWhenOneIsSilentForAQuarterOfTheTime) {
  for (const TaskPhase phase : {TaskPhase::Opening, TaskPhase::Moving}) {
    Fixture f(MediaDirection::Download);
    f.to(phase);
    EXPECT_EQ(f.pass(29'900), MediaEffects{});
    EXPECT_EQ(f.pass(100), (MediaEffects{does(MediaAction::CloseLink), does(MediaAction::Connect, 125)}));
    EXPECT_EQ(f.task.phase(), TaskPhase::Connecting);
  }
}

TEST(MediaTask, GoesOnWhileTheSessionHasNoConnection) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Moving);
  f.give(MediaInput::SessionLost);
  f.moved(500);
  EXPECT_EQ(f.give(MediaInput::BodyEnd), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::Stored), endsWell());
}

TEST(MediaTask, WaitsForTheSessionBeforeItConnectsAgain) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Moving);
  f.give(MediaInput::SessionLost);
  EXPECT_EQ(f.give(MediaInput::LinkLost), MediaEffects{});
  EXPECT_EQ(f.pass(60'000), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::SessionBack), MediaEffects{does(MediaAction::Connect)});
  EXPECT_EQ(f.give(MediaInput::SessionBack), MediaEffects{});
}

TEST(MediaTask, WaitsForANewSessionAfterARefusalWithoutAConnection) {
  for (const TaskPhase phase : {TaskPhase::Connecting, TaskPhase::Opening, TaskPhase::Moving}) {
    Fixture f(MediaDirection::Download);
    f.to(phase);
    f.give(MediaInput::SessionLost);
    EXPECT_EQ(f.give({.input = MediaInput::Refused, .code = 1}), MediaEffects{does(MediaAction::CloseLink)});
    EXPECT_EQ(f.give(MediaInput::SessionNew), (MediaEffects{does(MediaAction::CloseLink), does(MediaAction::Ask)}));
  }
}

TEST(MediaTask, AsksOnceForAnotherTicketWhenOneIsRefused) {
  for (const MediaDirection direction : kBoth) {
    for (const TaskPhase phase : {TaskPhase::Connecting, TaskPhase::Opening, TaskPhase::Moving}) {
      const MediaEvent refused{.input = MediaInput::Refused, .code = media_code::kFailure};
      Fixture f(direction);
      f.to(phase);
      EXPECT_EQ(f.give(refused), (MediaEffects{does(MediaAction::CloseLink), does(MediaAction::Ask)}));
      EXPECT_EQ(f.give(refused), MediaEffects{});
      EXPECT_EQ(f.give({.input = MediaInput::Ticket, .size = kSize}), MediaEffects{does(MediaAction::Connect)});
      EXPECT_EQ(f.give(refused), ends(media_code::kFailure));
      // Its session was over: the question finds that out.
      Fixture gone(direction);
      gone.to(phase);
      gone.give(refused);
      EXPECT_EQ(gone.give({.input = MediaInput::Ticket, .code = media_code::kInterrupted}),
                ends(media_code::kInterrupted));
    }
  }
}

TEST(MediaTask, AsksForAnotherTicketInAnotherSession) {
  for (const MediaDirection direction : kBoth) {
    for (const TaskPhase phase : {TaskPhase::Connecting, TaskPhase::Opening, TaskPhase::Moving}) {
      Fixture f(direction);
      f.to(phase);
      if (phase == TaskPhase::Moving) f.moved(300);
      f.give(MediaInput::SessionLost);
      EXPECT_EQ(f.give(MediaInput::SessionNew), (MediaEffects{does(MediaAction::CloseLink), does(MediaAction::Ask)}));
      // Late input of the old connection changes nothing.
      EXPECT_EQ(f.give(MediaInput::LinkLost), MediaEffects{});
      EXPECT_EQ(f.give(MediaInput::LinkUp), MediaEffects{});
      EXPECT_EQ(f.opened(0), MediaEffects{});
      EXPECT_EQ(f.give({.input = MediaInput::Ticket, .size = kSize}), MediaEffects{does(MediaAction::Connect)});
      const std::uint64_t own = direction == MediaDirection::Download && phase == TaskPhase::Moving ? 300 : 0;
      EXPECT_EQ(f.give(MediaInput::LinkUp), MediaEffects{does(MediaAction::Open, own)});
    }
  }
}

TEST(MediaTask, LeavesAnUnansweredQuestionToTheOutbox) {
  Fixture f(MediaDirection::Upload);
  f.give(MediaInput::SessionLost);
  EXPECT_EQ(f.give(MediaInput::SessionNew), MediaEffects{});
  EXPECT_EQ(f.task.phase(), TaskPhase::Asking);
}

TEST(MediaTask, RestartsAnUploadInAnotherSessionEvenIfOnlyTheAnswerIsMissing) {
  Fixture f(MediaDirection::Upload);
  f.to(TaskPhase::Ending);
  EXPECT_EQ(f.give(MediaInput::SessionNew), (MediaEffects{does(MediaAction::CloseLink), does(MediaAction::Ask)}));
}

TEST(MediaTask, FinishesACompleteDownloadInAnotherSession) {
  Fixture f(MediaDirection::Download);
  f.to(TaskPhase::Ending);
  EXPECT_EQ(f.give(MediaInput::SessionNew), MediaEffects{});
  EXPECT_EQ(f.give(MediaInput::Published), endsWell());
}

TEST(MediaTask, CountsTheBytesOfAnAbandonedConnection) {
  Fixture f(MediaDirection::Download);
  f.to(TaskPhase::Moving);
  f.moved(300);
  f.give(MediaInput::SessionNew);
  f.moved(350);
  f.give({.input = MediaInput::Ticket, .size = kSize});
  EXPECT_EQ(f.give(MediaInput::LinkUp), MediaEffects{does(MediaAction::Open, 350)});
}

TEST(MediaTask, RefusesToGoOnWithABodyOfAnotherSize) {
  Fixture f(MediaDirection::Download);
  f.to(TaskPhase::Moving);
  f.moved(300);
  f.give(MediaInput::SessionNew);
  EXPECT_EQ(f.give({.input = MediaInput::Ticket, .size = kSize + 1}), ends(media_code::kFailure));
}

}  // namespace
}  // namespace rtm::client
