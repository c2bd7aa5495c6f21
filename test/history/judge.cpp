#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "history/history.hpp"

namespace rtm::history {
namespace {

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

/// How long a process may take to come to what has happened, on a busy machine.
constexpr std::uint64_t kProcessSlackMs = 5000;

/// In calm, what the server has taken is with the members after this time.
constexpr std::uint64_t kCalmMs = 2000;
/// A client reads within this time what came for it while it could not read.
constexpr std::uint64_t kAtOnceMs = 100;
/// A client that is told of a gap joins again; the gap lasts until it has, at most this long.
constexpr std::uint64_t kRejoinMs = 5000;

/// What is known of a send.
struct Sent {
  std::size_t event = 0;
  std::size_t result = kNever;
  std::vector<std::size_t> receipts = {};
  std::uint64_t link = 0;  ///< of its process, see Life
  bool taken = false;      ///< the server had it
};

/// What is known of a process.
struct Life {
  std::string user;
  std::uint64_t link = 0;                                       ///< how many links and sessions have begun and ended
  std::vector<long long> sent = {};                             ///< over this link
  std::size_t ends = kNever;                                    ///< by a crash
  bool clean = true;                                            ///< the server knows what it has taken
  std::vector<std::pair<std::size_t, std::size_t>> still = {};  ///< from, to
  std::set<std::string> channels = {};                          ///< of channels
  std::map<std::string, std::uint64_t> gaps = {};               ///< told for a channel, and when; nothing came since
  /// Messages that came, by sender and way, as the number of their send.
  std::map<std::pair<Process, std::string>, std::size_t> last = {};
};

/// A change of the session of a user.
struct Mark {
  enum class Kind { Begins, GoesOn, Ends };
  std::size_t event;
  Kind kind;
};

class Judge {
 public:
  Judge(const std::vector<Event>& events, Order order) : events_(events), exact_(order == Order::Exact) {}

  std::vector<Violation> run() {
    for (now_ = 0; now_ < events_.size(); ++now_) take(events_[now_]);
    for (auto& [message, sent] : sent_) judgeSend(message, sent);
    std::ranges::stable_sort(violations_, {}, &Violation::event);
    return std::move(violations_);
  }

 private:
  void broken(std::size_t event, std::string text) { violations_.push_back({event, std::move(text)}); }
  static std::string name(long long message) { return "message " + std::to_string(message); }

  void take(const Event& event) {
    switch (event.what) {
      case What::Start:
        lives_[event.process] = {.user = event.user};
        return;
      case What::LoggedIn:
        lives_[event.process].clean = false;
        return mark(event.process, Mark::Kind::Begins);
      case What::Resumed:
        return mark(event.process, Mark::Kind::GoesOn);
      case What::LogOut:
        if (event.clean) judgeMissing(event);
        closeExpectations(event.process);
        return mark(event.process, Mark::Kind::Ends);
      case What::LoggedOut:
        lives_[event.process].clean = event.clean;
        lives_[event.process].channels.clear();
        closeExpectations(event.process);
        return mark(event.process, Mark::Kind::Ends);
      case What::Crash:
        lives_[event.process].ends = now_;
        lives_[event.process].channels.clear();
        closeExpectations(event.process);
        return mark(event.process, Mark::Kind::Ends);
      case What::Suspend:
        lives_[event.process].still.emplace_back(now_, kNever);
        return;
      case What::Wake:
        if (auto& still = lives_[event.process].still; !still.empty()) still.back().second = now_;
        return;
      case What::Missed:
        if (!event.channel.empty()) lives_[event.process].gaps[event.channel] = event.ms;
        return closeExpectations(event.process, event.channel);
      case What::Joined:
        lives_[event.process].channels.insert(event.channel);
        return;
      case What::Left:
        lives_[event.process].channels.erase(event.channel);
        return closeExpectations(event.process, event.channel);
      case What::Send:
        return takeSend(event);
      case What::Result:
        return takeResult(event);
      case What::Receive:
        return takeReceipt(event);
      case What::ServerDies:
        for (auto& [user, marks] : marks_) marks.push_back({now_, Mark::Kind::Ends});
        lossesOfServer_.push_back(now_);
        return;
      case What::ServerForgets:
        forgets_.push_back(now_);
        return;
      case What::StoreRefuses:
        lossesOfServer_.push_back(now_);
        return;
    }
  }

  void mark(Process process, Mark::Kind kind) {
    Life& life = lives_[process];
    ++life.link;
    life.sent.clear();
    marks_[life.user].push_back({now_, kind});
  }

  void takeSend(const Event& event) {
    Life& life = lives_[event.process];
    const auto [sent, isNew] = sent_.emplace(event.message, Sent{.event = now_, .link = life.link});
    if (!isNew) return broken(now_, name(event.message) + " is sent twice");
    life.sent.push_back(event.message);
    if (event.channel.empty()) return;
    for (const auto& [process, member] : lives_) {
      if (process == event.process || member.ends != kNever || !member.channels.contains(event.channel)) continue;
      expected_[{process, event.channel}].insert(event.message);
    }
  }

  /// A member that leaves, or hears that it missed something, need not get what was sent before.
  void closeExpectations(Process process, const std::string& channel) { expected_.erase({process, channel}); }

  void closeExpectations(Process process) {
    std::erase_if(expected_, [process](const auto& each) { return each.first.first == process; });
  }

  /// A member that leaves in calm must have by now what the server took a while ago.
  void judgeMissing(const Event& event) {
    for (const auto& [member, messages] : expected_) {
      if (member.first != event.process) continue;
      for (const long long message : messages) {
        const Sent& sent = sent_.at(message);
        if (sent.result == kNever || events_[sent.result].outcome != Outcome::Delivered) continue;
        if (events_[sent.result].ms + kCalmMs < event.ms) judgeMember(member, message);
      }
    }
  }

  void takeResult(const Event& event) {
    const auto found = sent_.find(event.message);
    if (found == sent_.end()) return broken(now_, "a result of " + name(event.message) + ", which nobody has sent");
    Sent& sent = found->second;
    if (sent.result != kNever) return broken(now_, "a second result of " + name(event.message));
    sent.result = now_;
    const Event& send = events_[sent.event];
    if (event.ms > send.ms + kResultMs + (exact_ ? kSlackMs : kProcessSlackMs) &&
        !stoodStill(event.process, sent.event, now_)) {
      broken(now_, "the result of " + name(event.message) + " took " + std::to_string(event.ms - send.ms) + " ms");
    }
    noteTaken(event, sent);
    if (exact_ && event.outcome == Outcome::Delivered && send.channel.empty() && sent.receipts.empty()) {
      broken(now_, name(event.message) + " is called delivered, and has not arrived");
    }
  }

  /// A link keeps the order: where the server has answered a message, it had those before over the same link.
  void noteTaken(const Event& result, const Sent& answered) {
    const bool byServer = result.outcome == Outcome::Delivered || result.outcome == Outcome::Cached;
    Life& life = lives_[result.process];
    if (!byServer || answered.link != life.link) return;
    std::erase_if(life.sent, [&](long long message) {
      Sent& sent = sent_.at(message);
      if (sent.event > answered.event) return false;
      sent.taken = sent.result == kNever || events_[sent.result].outcome != Outcome::Unsent;
      return true;
    });
  }

  bool stoodStill(Process process, std::size_t from, std::size_t to) {
    return std::ranges::any_of(lives_[process].still,
                               [&](const auto& still) { return still.first < to && still.second > from; });
  }

  void takeReceipt(const Event& event) {
    const auto found = sent_.find(event.message);
    if (found == sent_.end()) return broken(now_, name(event.message) + " arrives, which nobody has sent");
    Sent& sent = found->second;
    const Event& send = events_[sent.event];
    const std::string& user = lives_[event.process].user;
    if (event.to != lives_[send.process].user || event.channel != send.channel ||
        (send.channel.empty() && send.to != user)) {
      broken(now_, name(event.message) + " arrives at another place, or from another user, than it was sent");
    }
    for (const std::size_t receipt : sent.receipts) judgeSecondReceipt(event, events_[receipt]);
    sent.receipts.push_back(now_);
    if (!event.channel.empty()) takeChannelReceipt(event);
    std::size_t& last = lives_[event.process].last[{send.process, event.channel}];
    if (sent.event < last) {
      broken(now_, name(event.message) + " arrives behind " + name(events_[last].message) + ", which was sent later");
    }
    last = std::max(last, sent.event);
  }

  void takeChannelReceipt(const Event& event) {
    const auto expected = expected_.find({event.process, event.channel});
    if (expected == expected_.end()) return;
    expected->second.erase(event.message);
    // The first message behind a gap ends it: what was sent between the two may be in it, by whomever, since the ways
    // of two senders to the server take different times.
    auto& gaps = lives_[event.process].gaps;
    const auto gap = gaps.find(event.channel);
    if (gap == gaps.end()) return;
    std::erase_if(expected->second,
                  [&](long long message) { return events_[sent_.at(message).event].ms <= gap->second + kRejoinMs; });
    gaps.erase(gap);
  }

  void judgeSecondReceipt(const Event& event, const Event& earlier) {
    if (earlier.process == event.process) return broken(now_, name(event.message) + " arrives twice");
    if (!event.channel.empty()) return;  // another member
    if (lives_[earlier.process].clean) {
      broken(now_, name(event.message) + " arrives again, after the process that had it had ended in good order");
    }
  }

  void judgeSend(long long message, const Sent& sent) {
    const Event& send = events_[sent.event];
    const Life& sender = lives_[send.process];
    const bool unknown = sent.result == kNever || events_[sent.result].outcome == Outcome::Unknown;
    const bool serverKept = std::ranges::none_of(lossesOfServer_, [&](std::size_t loss) { return loss > sent.event; });
    if (unknown && send.stored && sent.taken && sent.receipts.empty() && serverKept && !maybeUnrecorded(sent)) {
      broken(sent.event, name(message) + " was to be stored, the server had it, and it never arrives");
    }
    if (sent.result == kNever) {
      if (sender.ends == kNever) broken(sent.event, name(message) + " has no result");
      return;
    }
    const Event& result = events_[sent.result];
    switch (result.outcome) {
      case Outcome::Unreachable:
        judgeUnreachable(message, sent);
        [[fallthrough]];
      case Outcome::Failed:
      case Outcome::Unsent:
        if (!sent.receipts.empty())
          broken(sent.receipts.front(), name(message) + " arrives, and its sender was told that it does not");
        return;
      case Outcome::Cached: {
        const bool forgotten = std::ranges::any_of(forgets_, [&](std::size_t forgets) { return forgets > sent.event; });
        if (sent.receipts.empty() && !forgotten && !maybeUnrecorded(sent))
          broken(sent.result, name(message) + " was cached, and never arrives");
        return;
      }
      case Outcome::Delivered:
        if (!send.channel.empty()) return judgeMembers(message);
        if (sent.receipts.empty() && !exact_ && !maybeUnrecorded(sent)) {
          broken(sent.result, name(message) + " was called delivered, and never arrives");
        }
        return;
      case Outcome::Unknown:
        return;
    }
  }

  /// A process of the receiver was killed since: it may have had the message, and not have come to say so.
  bool maybeUnrecorded(const Sent& sent) const {
    if (exact_) return false;
    const std::string& receiver = events_[sent.event].to;
    return std::ranges::any_of(lives_, [&](const auto& each) {
      const Life& life = each.second;
      return life.user == receiver && life.ends != kNever && life.ends > sent.event;
    });
  }

  /// The session of the receiver went on from the send to the result: then it was there.
  void judgeUnreachable(long long message, const Sent& sent) {
    bool inSession = false;
    const std::uint64_t doubtMs = exact_ ? 0 : kProcessSlackMs;
    for (const Mark& mark : marks_[events_[sent.event].to]) {
      // Processes hear at different times of what the server did.
      const std::uint64_t ms = events_[mark.event].ms;
      const bool close = ms + doubtMs >= events_[sent.event].ms && ms <= events_[sent.result].ms + doubtMs;
      if (!exact_ && close && mark.kind != Mark::Kind::GoesOn) return;
      const bool before = mark.event < sent.event;
      if (before) inSession = mark.kind != Mark::Kind::Ends;
      if (before || mark.kind == Mark::Kind::GoesOn) {
        if (mark.event > sent.result) break;
        continue;
      }
      return;  // it ended in between, or after: nobody but the server knows when
    }
    if (inSession && !endedUnheard(events_[sent.event].to, sent.result)) {
      broken(sent.result, name(message) + " is called unreachable, and the session of its receiver went on");
    }
  }

  /// A user whose process stood still, or whose link was silent, reads first that its session went on, and at once
  /// behind it that the session has ended since.
  bool endedUnheard(const std::string& user, std::size_t at) const {
    std::optional<std::uint64_t> wentOnMs;
    for (const Mark& mark : marks_.at(user)) {
      if (mark.event < at) continue;
      const std::uint64_t ms = events_[mark.event].ms;
      if (mark.kind == Mark::Kind::Ends && wentOnMs && ms <= *wentOnMs + kAtOnceMs) return true;
      if (mark.kind == Mark::Kind::GoesOn) wentOnMs = ms;
    }
    return false;
  }

  void judgeMembers(long long message) {
    for (const auto& [member, missing] : expected_) {
      if (missing.contains(message)) judgeMember(member, message);
    }
  }

  void judgeMember(const std::pair<Process, std::string>& member, long long message) {
    broken(sent_.at(message).event, name(message) + " did not reach " + lives_[member.first].user + "#" +
                                        std::to_string(member.first) + ", a member of " + member.second);
  }

  const std::vector<Event>& events_;
  const bool exact_;
  std::size_t now_ = 0;
  std::map<Process, Life> lives_;
  std::map<long long, Sent> sent_;
  std::map<std::string, std::vector<Mark>> marks_;
  /// What a member has yet to get of what was sent since it is one.
  std::map<std::pair<Process, std::string>, std::set<long long>> expected_;
  std::vector<std::size_t> forgets_;
  std::vector<std::size_t> lossesOfServer_;  ///< what it had not handed over, or stored, by then may be gone
  std::vector<Violation> violations_;
};

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::Delivered:
      return "delivered";
    case Outcome::Cached:
      return "cached";
    case Outcome::Unreachable:
      return "unreachable";
    case Outcome::Failed:
      return "failed";
    case Outcome::Unsent:
      return "unsent";
    case Outcome::Unknown:
      return "unknown";
  }
  return "?";
}

}  // namespace

std::string describe(const Event& event) {
  char time[32];
  std::snprintf(time, sizeof(time), "%8.3f ", static_cast<double>(event.ms) / 1000);
  const std::string message = std::to_string(event.message);
  const std::string what = [&]() -> std::string {
    switch (event.what) {
      case What::Start:
        return "starts";
      case What::LoggedIn:
        return "has a new session";
      case What::Resumed:
        return "goes on with its session";
      case What::Missed:
        return event.channel.empty() ? "hears that it missed peer messages"
                                     : "hears that it missed some of " + event.channel;
      case What::Joined:
        return "is in " + event.channel;
      case What::Left:
        return "is out of " + event.channel;
      case What::LogOut:
        return "logs out";
      case What::LoggedOut:
        return event.clean ? "has logged out" : "is logged out, and the server may not know";
      case What::Crash:
        return "crashes";
      case What::Suspend:
        return "stands still";
      case What::Wake:
        return "goes on";
      case What::Send:
        return "sends " + message + " to " + (event.channel.empty() ? event.to : event.channel);
      case What::Result:
        return "hears of " + message + ": " + std::string(word(event.outcome));
      case What::Receive:
        return "gets " + message + " from " + event.to + (event.channel.empty() ? "" : " in " + event.channel);
      case What::ServerDies:
        return "the server ends";
      case What::ServerForgets:
        return "the server forgets what it stored";
      case What::StoreRefuses:
        return "the store refuses a message";
    }
    return "?";
  }();
  if (event.process == 0) return time + what;
  return time + event.user + "#" + std::to_string(event.process) + " " + what;
}

std::vector<Violation> judge(const std::vector<Event>& events, Order order) {
  return Judge(events, order).run();
}

}  // namespace rtm::history
