#include "simulator/schedule.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "simulated/loops.hpp"
#include "simulator/world.hpp"

namespace rtm::simulator {
namespace {

using history::Outcome;
using history::What;
using simulated::require;

constexpr std::array<const char*, 2> kChannels{"room", "lobby"};
/// Longer than a session outlives its link, and a client waits between two attempts.
constexpr std::uint64_t kHealMs = 45'000;
/// How long links may suffer from what was done to them: a client notices a lost link later.
constexpr std::uint64_t kUnrestMs = 15'000;
constexpr std::uint64_t kMostWaitMs = 120'000;

/// The choices of a schedule: a stream of numbers of its own, so that what the product draws does not change the plan.
class Choices {
 public:
  explicit Choices(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  bool once(std::uint64_t in) { return below(in) == 0; }
  template <typename List>
  auto& oneOf(List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

class Schedule {
 public:
  explicit Schedule(std::uint64_t seed)
      : choices_(seed),
        world_(seed, choices_.below(2) == 0, choices_.between(2, 4)),
        busyness_(choices_.between(1, 12)) {
    for (const User& user : world_.users()) names_.push_back(user.name);
    if (choices_.once(2)) {
      world_.serverHost().lateTurns = choices_.between(2, 50);
      world_.serverHost().mostLateMs = choices_.between(1, 200);
    }
    addDeeds();
  }

  Run run(bool tells) {
    for (User& user : world_.users()) begin(user);
    wait(choices_.between(50, 3000));
    const std::uint64_t deeds = choices_.between(10, 80);
    for (std::uint64_t i = 0; i < deeds; ++i) {
      for (std::uint64_t talk = choices_.below(busyness_); talk > 0; --talk) speak();
      if (choices_.once(2)) act();
      wait(pause());
    }
    heal();
    probe();
    end();

    Run result;
    result.violations = history::judge(world_.events());
    for (std::string& each : claims_) result.violations.push_back({world_.events().size() - 1, std::move(each)});
    if (tells || !result.violations.empty()) result.story = world_.story(result.violations);
    result.fingerprint = fingerprint();
    result.virtualMs = world_.events().back().ms;
    count();
    result.seen = std::move(seen_);
    return result;
  }

 private:
  struct Deed {
    const char* name;
    std::uint64_t weight;
    std::function<void()> perform;
  };

  // ---- users

  User& anybody() { return choices_.oneOf(world_.users()); }
  /// A user whose process runs, or null.
  User* somebody() {
    User& user = anybody();
    return user.program && !user.host.suspended ? &user : nullptr;
  }
  std::string anyChannel() { return choices_.oneOf(kChannels); }

  void begin(User& user) {
    world_.startProgram(user);
    user.program->logIn();
    for (const char* channel : kChannels) {
      if (choices_.once(3)) continue;
      wantsIn_.emplace_back(&user, channel);
    }
  }

  /// Joins what was to be joined, and watches the others, where a login is through.
  void catchUp() {
    for (User& user : world_.users()) {
      if (user.program && !user.host.suspended && user.program->connected()) user.program->watch(names_);
    }
    std::erase_if(wantsIn_, [](const auto& wish) {
      const auto& [user, channel] = wish;
      if (!user->program) return true;
      if (user->host.suspended || !user->program->connected()) return false;
      user->program->join(channel);
      return true;
    });
  }

  static void tryLogIn(User& user) {
    if (user.program->busy()) return;
    if (user.program->aborted()) user.program->logOut(false, false);
    if (!user.program->loggedIn() && !user.program->busy()) user.program->logIn();
  }

  void speak() {
    User* const from = somebody();
    if (from == nullptr || !from->program->loggedIn()) return;
    const std::size_t size = choices_.once(20) ? choices_.between(1000, 30'000) : 0;
    for (std::uint64_t burst = choices_.once(4) ? choices_.between(1, 8) : 1; burst > 0; --burst) {
      const std::string channel = anyChannel();
      if (choices_.once(3) && from->program->member(channel)) {
        from->program->sendTo(channel, world_.nextMessage(), size);
      } else {
        from->program->send(anybody().name, world_.nextMessage(), size, choices_.once(2));
      }
    }
  }

  // ---- time

  std::uint64_t pause() {
    switch (choices_.below(10)) {
      case 0:
        return choices_.between(3000, 12'000);
      case 1:
      case 2:
        return choices_.between(300, 3000);
      case 3:
        return 0;
      default:
        return choices_.between(1, 300);
    }
  }

  void wait(std::uint64_t ms) {
    do {
      const std::uint64_t slice = std::min<std::uint64_t>(ms, 200);
      world_.goOn(slice);
      now_ += slice;
      ms -= slice;
      catchUp();
      // What was to end by now ends.
      for (std::size_t i = 0; i < later_.size(); ++i) {
        if (later_[i].first > now_) continue;
        const std::function<void()> due = std::move(later_[i].second);
        later_.erase(later_.begin() + static_cast<std::ptrdiff_t>(i--));
        due();
      }
    } while (ms > 0);
  }

  void after(std::uint64_t ms, std::function<void()> todo) {
    later_.emplace_back(now_ + ms, std::move(todo));
    calmMs_ = std::max(calmMs_, now_ + ms + kUnrestMs);
  }
  /// How long a fault lasts: mostly shorter than a session outlives its link.
  std::uint64_t faultMs() { return choices_.once(5) ? choices_.between(8000, 60'000) : choices_.between(20, 8000); }

  // ---- deeds

  void addDeeds() {
    const auto of = [this](auto perform) {
      return [this, perform] {
        if (User* user = somebody()) perform(*user);
      };
    };
    deeds_ = {
        {"reset", 8, [this] { network().reset(anybody().host); }},
        {"forget", 4, [this] { network().forget(anybody().host); }},
        {"half-close", 4, [this] { network().halfClose(anybody().host, choices_.once(2)); }},
        {"silence", 8, [this] { silence(anybody().host); }},
        {"silence of the server", 2, [this] { silence(world_.serverHost()); }},
        {"slow network", 2,
         [this] {
           network().setLatency(choices_.between(1, 100), choices_.between(100, 900));
           after(faultMs(), [this] { network().setLatency(1, 5); });
         }},
        {"suspend", 6, of([this](User& user) {
           world_.suspend(user, true);
           after(faultMs(), [this, &user] { wake(user); });
         })},
        {"suspend the server", 2,
         [this] {
           if (world_.server() == nullptr) return;
           world_.serverHost().suspended = true;
           world_.note("the server stands still");
           after(faultMs() / 2, [this] {
             world_.serverHost().suspended = false;
             world_.note("the server goes on");
           });
         }},
        {"kill", 4, of([this](User& user) { kill(user); })},
        {"kill the server", 2, [this] { endServer(false); }},
        {"close the server", 1, [this] { endServer(true); }},
        {"log out", 5, of([this](User& user) { leave(user); })},
        {"log in", 6,
         [this] {
           User& user = anybody();
           if (user.host.suspended) return;
           if (!user.program) return begin(user);
           tryLogIn(user);
         }},
        {"join", 6, of([this](User& user) { user.program->join(anyChannel()); })},
        {"leave", 3, of([this](User& user) {
           const std::string channel = anyChannel();
           if (user.program->member(channel)) user.program->leave(channel);
         })},
        {"kick", 2,
         [this] {
           if (world_.server()) world_.command().kickFromChannel(std::string(kAppId), anyChannel(), anybody().name);
         }},
        {"send away", 1, [this] { sendAway(anybody()); }},
        {"set the mood", 4, of([this](User& user) { user.program->setMood(++lastMood_); })},
        {"withdraw", 6, of([this](User& user) {
           const std::vector<long long>& open = user.program->open();
           if (!open.empty()) user.program->withdraw(open[choices_.below(open.size())]);
         })},
        {"pause", 4, of([this](User& user) {
           user.program->setPaused(true);
           after(faultMs() / 4, [&user, process = user.program->process()] {
             if (user.program && user.program->process() == process) user.program->setPaused(false);
           });
         })},
        // Slower than this, or unreadable for longer, and a login goes on without its stored messages.
        {"slow disk", 3,
         [this] {
           world_.disk().mostMs = choices_.between(100, 1500);
           after(faultMs(), [this] { world_.disk().mostMs = 20; });
         }},
        {"full disk", 2,
         [this] {
           world_.disk().fails = true;
           after(faultMs() / 4, [this] { world_.disk().fails = false; });
         }},
        {"unreadable disk", 1,
         [this] {
           world_.disk().unreadable = true;
           after(choices_.between(10, 1000), [this] { world_.disk().unreadable = false; });
         }},
        {"clock of the server", 2,
         [this] {
           world_.serverHost().wallClockMs = static_cast<std::int64_t>(choices_.below(7'200'000)) - 3'600'000;
         }},
    };
  }

  Network& network() { return world_.network(); }

  void act() {
    std::uint64_t sum = 0;
    for (const Deed& deed : deeds_) sum += deed.weight;
    std::uint64_t drawn = choices_.below(sum);
    for (const Deed& deed : deeds_) {
      if (drawn >= deed.weight) {
        drawn -= deed.weight;
        continue;
      }
      ++seen_[std::string("deed: ") + deed.name];
      world_.note(deed.name);
      calmMs_ = std::max(calmMs_, now_ + kUnrestMs);
      return deed.perform();
    }
  }

  void silence(Host& host) {
    network().setSilent(host, true);
    after(faultMs(), [this, &host] { network().setSilent(host, false); });
  }

  void wake(User& user) {
    if (user.program) world_.suspend(user, false);
  }

  void sendAway(User& user) {
    if (world_.server() == nullptr) return;
    world_.command().disconnect(std::string(kAppId), user.name);
  }

  Network::Death anyDeath() { return choices_.once(2) ? Network::Death::Process : Network::Death::Host; }

  void kill(User& user) {
    world_.killProgram(user, anyDeath());
    if (choices_.once(4)) return;
    after(choices_.between(0, 10'000), [this, &user] {
      if (!user.program) begin(user);
    });
  }

  void endServer(bool inGoodOrder) {
    if (world_.server() == nullptr) return;
    inGoodOrder ? world_.closeServer() : world_.killServer(anyDeath());
    after(choices_.between(0, choices_.once(3) ? 20'000 : 3000), [this] {
      if (world_.server() == nullptr) world_.startServer();
    });
  }

  void leave(User& user) {
    if (!user.program->loggedIn() || user.program->busy()) return;
    user.program->logOut(!choices_.once(4), now_ > calmMs_);
    if (!choices_.once(3)) return;
    // The process ends when its logout has: a program that waits for it.
    after(6000, [this, &user, process = user.program->process()] {
      if (!user.program || user.program->process() != process || user.host.suspended) return;
      if (!user.program->loggedIn() && !user.program->busy()) world_.endProgram(user);
    });
  }

  // ---- the end

  void claim(bool holds, std::string text) {
    if (!holds) claims_.push_back(std::move(text));
  }

  /// Waits until `done`, or claims that it came.
  void await(const std::string& what, const std::function<bool()>& done) {
    for (std::uint64_t ms = 0; ms < kMostWaitMs && !done(); ms += 200) wait(200);
    claim(done(), what + " within " + std::to_string(kMostWaitMs / 1000) + " s after everything had healed");
  }

  void heal() {
    world_.note("everything heals");
    later_.clear();
    wantsIn_.clear();
    network().setLatency(1, 5);
    network().setSilent(world_.serverHost(), false);
    world_.serverHost().suspended = false;
    world_.serverHost().lateTurns = 0;
    world_.disk().mostMs = 20;
    world_.disk().fails = false;
    world_.disk().unreadable = false;
    if (world_.server() == nullptr) world_.startServer();
    for (User& user : world_.users()) {
      network().setSilent(user.host, false);
      wake(user);
      if (user.program) user.program->setPaused(false);
    }
    wait(kHealMs);
    for (User& user : world_.users()) {
      if (!user.program) world_.startProgram(user);
    }
    allIn();
  }

  void allIn() {
    for (User& user : world_.users()) tryLogIn(user);
    await("all are connected", [this] {
      return std::ranges::all_of(world_.users(), [](const User& user) { return user.program->connected(); });
    });
  }

  /// Everybody reaches everybody.
  void probe() {
    for (User& user : world_.users()) {
      if (!user.program->member(kChannels[0])) user.program->join(kChannels[0]);
    }
    await("all are members", [this] {
      return std::ranges::all_of(world_.users(), [](const User& user) { return user.program->member(kChannels[0]); });
    });
    world_.note("everybody reaches everybody");
    const std::size_t before = world_.events().size();
    std::size_t probes = 0;
    for (User& user : world_.users()) {
      for (User& other : world_.users()) {
        probes += user.program->send(other.name, world_.nextMessage(), 0, false) ? 1 : 0;
        user.program->readMood(other.name);
      }
      probes += user.program->sendTo(kChannels[0], world_.nextMessage(), 0) ? 1 : 0;
      user.program->queryMembers(kChannels[0]);
    }
    wait(5000);
    const auto& events = world_.events();
    const auto delivered = std::count_if(
        events.begin() + static_cast<std::ptrdiff_t>(before), events.end(),
        [](const history::Event& event) { return event.what == What::Result && event.outcome == Outcome::Delivered; });
    claim(
        static_cast<std::size_t>(delivered) == probes && probes == world_.users().size() * (world_.users().size() + 1),
        std::to_string(delivered) + " of " + std::to_string(probes) + " messages of the last round are delivered");
    for (const User& user : world_.users()) {
      claim(user.program->members(kChannels[0]) == names_, user.name + " is told who the members are");
      for (const User& other : world_.users()) {
        claim(user.program->sees(other.name, client::PeerState::Online), user.name + " sees " + other.name + " online");
        const std::string read = user.program->readMoodOf(other.name);
        const std::optional<std::string>& mood = other.program->mood();
        claim(read != "?" && (!mood || *mood == read), user.name + " reads \"" + read + "\" as the mood of " +
                                                           other.name + ", which is \"" + mood.value_or("?") + "\"");
      }
    }
  }

  /// All log out, log in again for what is stored, and out.
  void end() {
    for (const bool last : {false, true}) {
      User& witness = world_.users().front();
      for (User& user : world_.users()) {
        if (&user != &witness) user.program->logOut(true, true);
      }
      wait(4000);
      for (const User& user : world_.users()) {
        if (&user == &witness) continue;
        claim(witness.program->sees(user.name, client::PeerState::Offline),
              witness.name + " sees " + user.name + " go offline");
      }
      witness.program->logOut(true, true);
      await("all are logged out", [this] {
        return std::ranges::none_of(world_.users(),
                                    [](const User& user) { return user.program->loggedIn() || user.program->busy(); });
      });
      wait(500);
      if (last) break;
      for (User& user : world_.users()) {
        if (choices_.once(2)) continue;
        world_.endProgram(user);
        world_.startProgram(user);
      }
      allIn();
      wait(2000);
    }
    claim(world_.server()->stats().sessions == 0, "no session is left at the server");
    wait(1000);
    std::string left;
    for (const server::ChannelUsage& each : world_.server()->heaviestChannels(10)) {
      left += " " + each.channelId + " with " + std::to_string(each.members);
    }
    claim(world_.server()->stats().channels == 0, "no channel is left at the server:" + left);
  }

  std::uint64_t fingerprint() const {
    std::uint64_t hash = 1469598103934665603U;
    for (const history::Event& event : world_.events()) {
      for (const char c : history::describe(event)) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211U;
    }
    return hash;
  }

  void count() {
    for (const history::Event& event : world_.events()) {
      if (event.what == What::Send) ++seen_[event.channel.empty() ? "peer messages" : "channel messages"];
      if (event.what == What::Receive) ++seen_["receipts"];
      if (event.what == What::LoggedIn) ++seen_["new sessions"];
      if (event.what == What::Resumed) ++seen_["resumes"];
      if (event.what == What::Missed) ++seen_["gaps told"];
      if (event.what == What::Result) ++seen_["outcome " + std::to_string(static_cast<int>(event.outcome))];
    }
  }

  Choices choices_;
  World world_;
  const std::uint64_t busyness_;
  std::vector<Deed> deeds_;
  std::uint64_t now_ = 0;
  std::uint64_t calmMs_ = 0;  ///< from then on no link suffers from what was done
  std::vector<std::pair<std::uint64_t, std::function<void()>>> later_;
  std::vector<std::pair<User*, std::string>> wantsIn_;
  std::vector<std::string> names_;
  int lastMood_ = 0;
  std::vector<std::string> claims_;
  std::map<std::string, std::uint64_t> seen_;
};

}  // namespace

Run play(std::uint64_t seed, bool tells) {
  return Schedule(seed).run(tells);
}

}  // namespace rtm::simulator
